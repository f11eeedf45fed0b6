import type { TableColumn } from "@inlet/contracts";
import { Button, Checkbox, Group, Popover, ScrollArea, Stack, Text } from "@mantine/core";
import { IconColumns } from "@tabler/icons-react";
import { useState } from "react";
import { SearchBox } from "../../parts/search-box.tsx";

interface ColumnChooserProps {
  columns: readonly TableColumn[];
  shown: readonly TableColumn[];
  /** The names that are shown from now on; undefined: as nobody had chosen. */
  onChange: (names: readonly string[] | undefined) => void;
}

/** Says which columns are shown. */
export function ColumnChooser({ columns, shown, onChange }: ColumnChooserProps) {
  const [text, setText] = useState("");
  const names = shown.map(({ name }) => name);
  const found = columns.filter(({ name }) => name.includes(text.toLowerCase()));
  return (
    <Popover position="bottom-end" trapFocus returnFocus width={300} shadow="md">
      <Popover.Target>
        <Button variant="default" leftSection={<IconColumns size={16} aria-hidden />}>
          Columns
          {shown.length < columns.filter(({ own }) => !own).length && ` (${shown.length})`}
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <Stack gap="sm">
          {columns.length > 12 && <SearchBox value={text} onChange={setText} placeholder="Find a column" />}
          <ScrollArea.Autosize mah={320} type="auto">
            <Stack gap={8} pb={2}>
              {found.map((column) => (
                <Checkbox
                  key={column.name}
                  size="sm"
                  label={column.name}
                  description={aboutOf(column)}
                  checked={names.includes(column.name)}
                  // The last one stays: rows without columns say nothing.
                  disabled={names.length === 1 && names[0] === column.name}
                  onChange={(event) =>
                    onChange(
                      event.currentTarget.checked
                        ? [...names, column.name]
                        : names.filter((name) => name !== column.name),
                    )
                  }
                />
              ))}
              {found.length === 0 && (
                <Text fz="sm" c="var(--quiet)">
                  No such column
                </Text>
              )}
            </Stack>
          </ScrollArea.Autosize>
          <Group justify="space-between">
            <Button size="xs" variant="subtle" onClick={() => onChange(columns.map(({ name }) => name))}>
              Show all
            </Button>
            <Button size="xs" variant="subtle" onClick={() => onChange(undefined)}>
              As at first
            </Button>
          </Group>
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}

function aboutOf({ name, own, live }: TableColumn): string | undefined {
  if (own) return name === "_batch" ? "The batch that a row came with" : "The row's place in its file";
  return live ? undefined : "The profile does not have it any more";
}
