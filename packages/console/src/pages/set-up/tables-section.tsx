import type { ProfileInput } from "@inlet/contracts";
import { Alert, Button, FileButton, Group, Stack, Text } from "@mantine/core";
import { IconFileSpreadsheet } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { type DragEvent, useState } from "react";
import { api } from "../../api/client.ts";
import { Section } from "../../parts/section.tsx";
import { Failure } from "../../parts/states.tsx";
import { TableCard } from "./table-card.tsx";
import classes from "./tables-section.module.css";

type TableInput = ProfileInput["tables"][number];

interface TablesSectionProps {
  tables: readonly TableInput[];
  onChange: (tables: readonly TableInput[]) => void;
}

/** More of a sample tells nothing more of its columns. */
const SAMPLE_BYTES = 20 * 1024 * 1024;

/** The tables: each made of a sample file, and then adjusted. */
export function TablesSection({ tables, onChange }: TablesSectionProps) {
  const [over, setOver] = useState(false);
  const infer = useMutation({
    mutationFn: async (files: readonly File[]) => {
      const made: TableInput[] = [];
      for (const file of files) {
        if (file.size > SAMPLE_BYTES)
          throw new Error(`${file.name} is larger than 20 MB. Give a part of it as a sample.`);
        const { table } = await api.inferTable(file.name, file);
        made.push(table);
      }
      return made;
    },
    onSuccess: (made) => {
      // A table that is made anew takes its place.
      const kept = tables.filter(({ name }) => made.every((each) => each.name !== name));
      onChange([...kept, ...made]);
    },
  });
  const take = (files: readonly File[]) => {
    if (files.length > 0) infer.mutate(files);
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    take([...event.dataTransfer.files]);
  };
  return (
    <Section title="2. What the files hold" lead="Give a sample of each: names, columns and types are read from it.">
      <Stack gap="md">
        {/* biome-ignore lint/a11y/noStaticElementInteractions: dropping is the mouse's way; the button is everybody's */}
        <div
          className={classes.drop}
          data-over={over || undefined}
          onDragOver={(event) => {
            event.preventDefault();
            setOver(true);
          }}
          onDragLeave={() => setOver(false)}
          onDrop={drop}
        >
          <Group justify="center" gap="md">
            <IconFileSpreadsheet size={26} stroke={1.5} aria-hidden />
            <Text>Drop sample files here, such as store-2026-11-20.tsv</Text>
            <FileButton multiple onChange={take}>
              {(props) => (
                <Button {...props} variant="default" loading={infer.isPending}>
                  Select samples
                </Button>
              )}
            </FileButton>
          </Group>
        </div>
        {infer.isError && <Failure error={infer.error} />}
        {tables.map((table, index) => (
          <TableCard
            key={table.name}
            table={table}
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
