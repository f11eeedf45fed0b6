import type { ProfileInput } from "@inlet/contracts";
import { count } from "@inlet/contracts/figures";
import { ActionIcon, Button, Group, MultiSelect, Select, TagsInput, Text, TextInput } from "@mantine/core";
import { IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import { ColumnsEditor } from "./columns-editor.tsx";
import { InvalidRows } from "./invalid-rows.tsx";
import { useProblems } from "./problems.ts";
import { withSetting } from "./setting.ts";
import classes from "./table-card.module.css";
import { MODES } from "./table-words.ts";

type TableInput = ProfileInput["tables"][number];

interface TableCardProps {
  table: TableInput;
  /** Where it stands in the profile. */
  path: readonly (string | number)[];
  /** The names of the project's other tables. */
  others: readonly string[];
  onChange: (table: TableInput) => void;
  onRemove: () => void;
  /** Whether its settings are shown at once. Where there are many tables, their names are enough. */
  startsOpen?: boolean;
  /** Where settings are changed that have no field here. */
  elsewhereHint: string;
}

/** Settings of a table that have no field here, in words. */
const ELSEWHERE = {
  format: "how its files are written",
  limits: "limits",
  records: "how many records a file has",
  rules: "rules between cells",
  controls: "control totals",
  extraColumns: "what an unknown column means",
} as const;

/** One table: how its files are called, what becomes of its rows, and its columns. */
export function TableCard({
  table,
  path,
  others,
  onChange,
  onRemove,
  startsOpen = true,
  elsewhereHint,
}: TableCardProps) {
  const [shown, setShown] = useState(startsOpen);
  const [open, setOpen] = useState(false);
  const problemAt = useProblems();
  const set = <Key extends keyof TableInput>(key: Key, value: TableInput[Key] | undefined, usual?: TableInput[Key]) =>
    onChange(withSetting(table, key, value, usual));
  const mode = table.mode ?? "append";
  const columnNames = [...new Set(table.columns.map(({ name }) => name))];
  const elsewhere = Object.entries(ELSEWHERE).filter(([key]) => Object.hasOwn(table, key));
  const inColumns = problemAt([...path, "columns"], "also within");
  const wrong = shown
    ? open
      ? undefined
      : inColumns && `In its columns: ${inColumns}`
    : problemAt(path, "also within");
  return (
    <div className={classes.card} id={`table-${table.name}`}>
      <Group justify="space-between" wrap="nowrap" align="flex-start">
        <div className={classes.name}>
          <Text fw={640} fz="lg">
            {table.name || "A table without a name"}
          </Text>
          <Text fz="sm" c="var(--quiet)">
            {count(table.columns.length, "column")}
            {table.columns.length > 0 && ": "}
            {table.columns
              .slice(0, 6)
              .map(({ name }) => name)
              .join(", ")}
            {table.columns.length > 6 && " …"}
          </Text>
          {wrong !== undefined && (
            <Text fz="sm" c="var(--bad)">
              {wrong}
            </Text>
          )}
        </div>
        <Group gap={4} wrap="nowrap">
          {!startsOpen && (
            <Button size="xs" variant="default" aria-expanded={shown} onClick={() => setShown(!shown)}>
              {shown ? "Fold" : "Change"}
            </Button>
          )}
          {shown && (
            <Button size="xs" variant="default" aria-expanded={open} onClick={() => setOpen(!open)}>
              {open ? "Hide the columns" : "Columns"}
            </Button>
          )}
          <ActionIcon variant="subtle" color="gray" aria-label={`Remove the table ${table.name}`} onClick={onRemove}>
            <IconTrash size={16} aria-hidden />
          </ActionIcon>
        </Group>
      </Group>
      {shown && (
        <>
          <div className={classes.settings}>
            <TextInput
              label="Table"
              description="What it is called in the database."
              required
              maxLength={24}
              value={table.name}
              error={problemAt([...path, "name"])}
              onChange={(event) => onChange({ ...table, name: event.currentTarget.value })}
            />
            <TagsInput
              label="Files are called"
              description="{date}, {timestamp} and * may stand in for what changes. Enter after each."
              value={table.files ?? []}
              placeholder={table.files === undefined ? "{table}-{date}.{ext}" : undefined}
              error={problemAt([...path, "files"], "also within")}
              onChange={(files) => set("files", files)}
            />
            <TextInput
              label="What it is about"
              description="Shown to those who upload. May be empty."
              maxLength={500}
              value={table.description ?? ""}
              error={problemAt([...path, "description"])}
              onChange={(event) => set("description", event.currentTarget.value)}
            />
            <Select
              label="A new file"
              description={MODES.find(({ value }) => value === mode)?.description}
              data={MODES.map(({ value, label }) => ({ value, label }))}
              value={mode}
              allowDeselect={false}
              error={problemAt([...path, "mode"])}
              onChange={(value) => set("mode", (value ?? "append") as NonNullable<TableInput["mode"]>, "append")}
            />
            <MultiSelect
              label="Rows are the same by"
              description="The columns that tell one row from another; no two rows of a file may have the same."
              required={mode === "upsert"}
              data={columnNames}
              value={(table.key ?? []).filter((name) => columnNames.includes(name))}
              error={problemAt([...path, "key"], "also within")}
              onChange={(key) => set("key", key)}
            />
            <InvalidRows
              invalid={table.invalid}
              columns={columnNames}
              error={problemAt([...path, "invalid"], "also within")}
              onChange={(invalid) => set("invalid", invalid)}
            />
            {others.length > 0 && (
              <MultiSelect
                label="Imported after"
                description="Files of these tables that come in the same run are imported first."
                data={others.filter((name, at) => name !== "" && others.indexOf(name) === at)}
                value={(table.after ?? []).filter((name) => others.includes(name))}
                error={problemAt([...path, "after"], "also within")}
                onChange={(after) =>
                  onChange(
                    withSetting(
                      withSetting(table, "after", after),
                      "afterFailed",
                      after.length > 0 ? table.afterFailed : undefined,
                    ),
                  )
                }
              />
            )}
            {(table.after ?? []).length > 0 && (
              <Select
                label="When one of these failed"
                data={[
                  { value: "continue", label: "go on all the same" },
                  { value: "fail", label: "fail this file, too" },
                ]}
                value={table.afterFailed ?? "continue"}
                allowDeselect={false}
                onChange={(value) => set("afterFailed", value as TableInput["afterFailed"], "continue")}
              />
            )}
          </div>
          {elsewhere.length > 0 && (
            <Text fz="sm" c="var(--quiet)">
              Also set, and kept as it is: {elsewhere.map(([, words]) => words).join(", ")}. {elsewhereHint}
            </Text>
          )}
          {open && (
            <ColumnsEditor
              columns={table.columns}
              path={[...path, "columns"]}
              onChange={(columns) => onChange({ ...table, columns })}
            />
          )}
        </>
      )}
    </div>
  );
}
