import type { ProfileInput } from "@inlet/contracts";
import { Alert, Stack } from "@mantine/core";
import { Section } from "../../parts/section.tsx";
import { SampleDrop } from "../profile-parts/sample-drop.tsx";
import { TableCard } from "../profile-parts/table-card.tsx";

type TableInput = ProfileInput["tables"][number];

interface TablesSectionProps {
  tables: readonly TableInput[];
  onChange: (tables: readonly TableInput[]) => void;
}

/** The tables: each made of a sample file, and then adjusted. */
export function TablesSection({ tables, onChange }: TablesSectionProps) {
  return (
    <Section title="2. What the files hold" lead="Give a sample of each: names, columns and types are read from it.">
      <Stack gap="md">
        <SampleDrop
          onMade={(made) => {
            // A table that is made anew takes its place.
            const kept = tables.filter(({ name }) => made.every((each) => each.name !== name));
            onChange([...kept, ...made]);
          }}
        />
        {tables.map((table, index) => (
          <TableCard
            // biome-ignore lint/suspicious/noArrayIndexKey: a table whose name is being typed stays the same card
            key={index}
            table={table}
            path={["tables", index]}
            elsewhereHint="It can be changed later, in the project's profile."
            others={tables.filter((each) => each !== table).map(({ name }) => name)}
            onChange={(changed) => onChange(tables.with(index, changed))}
            onRemove={() => onChange(tables.toSpliced(index, 1))}
          />
        ))}
        {tables.length === 0 && (
          <Alert color="gray" variant="light">
            Nothing of a sample is kept: it is read once, and forgotten.
          </Alert>
        )}
      </Stack>
    </Section>
  );
}
