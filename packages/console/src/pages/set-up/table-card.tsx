import type { ColumnType, ProfileInput } from "@inlet/contracts";
import { count } from "@inlet/contracts/figures";
import { ActionIcon, Button, Checkbox, Group, MultiSelect, Select, Stack, Text, TextInput } from "@mantine/core";
import { IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import classes from "./table-card.module.css";
import { COLUMN_TYPES, MODES, POLICIES } from "./table-words.ts";

type TableInput = ProfileInput["tables"][number];
type ColumnInput = TableInput["columns"][number];

interface TableCardProps {
  table: TableInput;
  onChange: (table: TableInput) => void;
  onRemove: () => void;
}

/** One table: how its files are called, what becomes of its rows, and its columns. */
export function TableCard({ table, onChange, onRemove }: TableCardProps) {
  const [open, setOpen] = useState(false);
  const change = (part: Partial<TableInput>) => onChange({ ...table, ...part });
  const mode = table.mode ?? "append";
  return (
    <div className={classes.card}>
      <Group justify="space-between" wrap="nowrap">
        <div>
          <Text fw={640} fz="lg">
            {table.name}
          </Text>
          <Text fz="sm" c="var(--quiet)">
            {count(table.columns.length, "column")}:{" "}
            {table.columns
              .slice(0, 6)
              .map(({ name }) => name)
              .join(", ")}
            {table.columns.length > 6 && " …"}
          </Text>
        </div>
        <Group gap={4} wrap="nowrap">
          <Button size="xs" variant="default" aria-expanded={open} onClick={() => setOpen(!open)}>
            {open ? "Hide the columns" : "Columns"}
          </Button>
          <ActionIcon variant="subtle" color="gray" aria-label={`Remove the table ${table.name}`} onClick={onRemove}>
            <IconTrash size={16} aria-hidden />
          </ActionIcon>
        </Group>
      </Group>
      <div className={classes.settings}>
        <TextInput
          label="Files are called"
          description="{date}, {time} and * may stand in for what changes."
          value={(table.files ?? []).join(", ")}
          onChange={(event) =>
            change({
              files: event.currentTarget.value
                .split(",")
                .map((name) => name.trim())
                .filter(Boolean),
            })
          }
        />
        <Select
          label="A new file"
          description={MODES.find(({ value }) => value === mode)?.description}
          data={MODES.map(({ value, label }) => ({ value, label }))}
          value={mode}
          allowDeselect={false}
          onChange={(value) => change({ mode: (value ?? "append") as NonNullable<TableInput["mode"]> })}
        />
        {mode === "upsert" && (
          <MultiSelect
            label="Rows are the same by"
            description="The columns that tell one row from another."
            required
            data={table.columns.map(({ name }) => name)}
            value={table.key ?? []}
            onChange={(key) => change({ key })}
          />
        )}
        <Select
          label="Rows with errors"
          description={POLICIES.find(({ value }) => value === (table.invalid?.policy ?? "reject"))?.description}
          data={POLICIES.map(({ value, label }) => ({ value, label }))}
          value={table.invalid?.policy === "skip" ? "skip" : "reject"}
          allowDeselect={false}
          onChange={(value) => change({ invalid: value === "skip" ? { policy: "skip" } : { policy: "reject" } })}
        />
        <TextInput
          label="What it is about"
          description="Shown to those who upload. May be empty."
          maxLength={500}
          value={table.description ?? ""}
          onChange={(event) => {
            const { description: _, ...rest } = table;
            const text = event.currentTarget.value;
            onChange(text === "" ? rest : { ...rest, description: text });
          }}
        />
      </div>
      {open && <Columns columns={table.columns} onChange={(columns) => change({ columns })} />}
    </div>
  );
}

interface ColumnsProps {
  columns: readonly ColumnInput[];
  onChange: (columns: ColumnInput[]) => void;
}

function Columns({ columns, onChange }: ColumnsProps) {
  const change = (index: number, part: Partial<ColumnInput>) =>
    onChange(columns.with(index, { ...columns[index]!, ...part }));
  return (
    <Stack gap={0} className={classes.columns}>
      <table>
        <caption className="only-for-readers">Columns</caption>
        <thead>
          <tr>
            <th scope="col">In the file</th>
            <th scope="col">Column</th>
            <th scope="col">Type</th>
            <th scope="col">Must be filled</th>
            <th scope="col">Unique</th>
          </tr>
        </thead>
        <tbody>
          {columns.map((column, index) => (
            <tr key={column.name}>
              <td>{column.header ?? column.name}</td>
              <td>
                <code>{column.name}</code>
              </td>
              <td>
                <Select
                  aria-label={`Type of ${column.name}`}
                  size="xs"
                  data={COLUMN_TYPES.map(({ value, label }) => ({ value, label }))}
                  value={column.type ?? "string"}
                  allowDeselect={false}
                  onChange={(type) => change(index, { type: (type ?? "string") as ColumnType })}
                />
              </td>
              <td>
                <Checkbox
                  aria-label={`${column.name} must be filled`}
                  checked={column.required ?? false}
                  onChange={(event) => change(index, { required: event.currentTarget.checked })}
                />
              </td>
              <td>
                <Checkbox
                  aria-label={`${column.name} is unique`}
                  checked={column.unique ?? false}
                  onChange={(event) => change(index, { unique: event.currentTarget.checked })}
                />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Stack>
  );
}
