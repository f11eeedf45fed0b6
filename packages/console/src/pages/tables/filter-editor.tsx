import type { TableColumn } from "@inlet/contracts";
import { Button, Group, Popover, Select, Stack, TextInput } from "@mantine/core";
import { type FormEvent, type ReactNode, useState } from "react";
import { kindOf } from "./cells.ts";
import { operatorsOf } from "./operator-words.ts";
import type { RowFilter } from "./row-question.ts";

interface FilterEditorProps {
  columns: readonly TableColumn[];
  /** The filter that is changed; undefined: it is a new one. */
  filter?: RowFilter;
  onSet: (filter: RowFilter) => void;
  /** What opens it. */
  children: (open: () => void) => ReactNode;
}

/** Makes or changes one filter: a column, what it is compared by, and with what. */
export function FilterEditor({ columns, filter, onSet, children }: FilterEditorProps) {
  const [opened, setOpened] = useState(false);
  return (
    <Popover opened={opened} onChange={setOpened} position="bottom-start" trapFocus returnFocus width={320} shadow="md">
      <Popover.Target>{children(() => setOpened(!opened))}</Popover.Target>
      <Popover.Dropdown>
        {opened && (
          <FilterForm
            columns={columns}
            filter={filter}
            onSet={(next) => {
              onSet(next);
              setOpened(false);
            }}
          />
        )}
      </Popover.Dropdown>
    </Popover>
  );
}

function FilterForm({ columns, filter, onSet }: Omit<FilterEditorProps, "children">) {
  const [name, setName] = useState(filter?.column ?? columns.find(({ own }) => !own)?.name ?? "");
  const [value, setValue] = useState(filter?.value ?? "");
  const column = columns.find((each) => each.name === name);
  const kind = column === undefined ? "text" : kindOf(column);
  const offered = operatorsOf(kind);
  const given = offered.findIndex(
    (each) => each.operator === filter?.operator && (each.value === undefined || each.value === filter.value),
  );
  const [at, setAt] = useState(Math.max(0, given));
  const operator = offered[at] ?? offered[0]!;
  const needsValue = operator.value === undefined;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onSet({ column: name, operator: operator.operator, value: operator.value ?? value });
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        <Select
          label="Column"
          data={columns.map((each) => each.name)}
          value={name}
          onChange={(next) => {
            if (next === null) return;
            setName(next);
            setAt(0);
            setValue("");
          }}
          searchable
          allowDeselect={false}
          nothingFoundMessage="No such column"
          comboboxProps={{ withinPortal: false }}
          data-autofocus
        />
        <Select
          label="Condition"
          data={offered.map(({ word }, place) => ({ value: String(place), label: word }))}
          value={String(at)}
          onChange={(next) => setAt(Number(next ?? 0))}
          allowDeselect={false}
          comboboxProps={{ withinPortal: false }}
        />
        {needsValue && (
          <TextInput
            label={operator.operator === "in" ? "Values" : "Value"}
            description={describe(kind, operator.operator === "in")}
            type={kind === "date" && operator.operator !== "in" ? "date" : "text"}
            inputMode={kind === "number" ? "decimal" : undefined}
            maxLength={2_000}
            required={kind !== "text"}
            value={value}
            onChange={(event) => setValue(event.currentTarget.value)}
          />
        )}
        <Group justify="flex-end">
          <Button type="submit">{filter === undefined ? "Add the filter" : "Change the filter"}</Button>
        </Group>
      </Stack>
    </form>
  );
}

function describe(kind: ReturnType<typeof kindOf>, isList: boolean): string | undefined {
  if (isList) return 'With commas between; a value that holds a comma stands in "quotes".';
  return kind === "timestamp" ? "Such as 2026-11-20T09:00:00Z" : undefined;
}
