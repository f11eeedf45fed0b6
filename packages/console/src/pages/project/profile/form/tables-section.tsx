import { Button, Stack } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useState } from "react";
import { Section } from "../../../../parts/section.tsx";
import { SampleDrop } from "../../../profile-parts/sample-drop.tsx";
import { TableCard } from "../../../profile-parts/table-card.tsx";
import type { FormSectionProps } from "./parts.ts";

/** More tables than this stand folded. */
const MOST_OPEN = 2;

/** The tables: what their files are called and hold. */
export function TablesSection({ profile, onChange }: FormSectionProps) {
  const { tables } = profile;
  // Those that were there before stand folded where they are many; one that is added is shown.
  const [known] = useState(tables.length);
  const set = (changed: typeof tables) => onChange({ ...profile, tables: changed });
  const freeName = (name: string) => {
    const taken = new Set(tables.map((table) => table.name));
    if (!taken.has(name)) return name;
    let number = 2;
    while (taken.has(`${name}_${number}`)) number += 1;
    return `${name}_${number}`;
  };
  return (
    <Section title="Tables" lead="Each is a kind of file, and the table that its rows go into.">
      <Stack gap="md">
        {tables.map((table, index) => (
          <TableCard
            // biome-ignore lint/suspicious/noArrayIndexKey: a table whose name is being typed stays the same card
            key={index}
            table={table}
            path={["tables", index]}
            elsewhereHint="Change it in the YAML."
            others={tables.filter((each) => each !== table).map(({ name }) => name)}
            onChange={(changed) => set(tables.with(index, changed))}
            startsOpen={known <= MOST_OPEN || index >= known}
            onRemove={() => set(tables.toSpliced(index, 1))}
          />
        ))}
        <SampleDrop
          // A table that is there is never overwritten by a sample: the new one gets a name of its own.
          onMade={(made) => set([...tables, ...made.map((table) => ({ ...table, name: freeName(table.name) }))])}
        />
        <Button
          variant="subtle"
          size="xs"
          leftSection={<IconPlus size={14} aria-hidden />}
          onClick={() => set([...tables, { name: freeName("new_table"), columns: [{ name: "id" }] }])}
          style={{ justifySelf: "start", alignSelf: "flex-start" }}
        >
          Add a table without a sample
        </Button>
      </Stack>
    </Section>
  );
}
