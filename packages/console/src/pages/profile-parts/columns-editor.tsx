import type { ColumnType, ProfileInput } from "@inlet/contracts";
import { Button, Checkbox, NativeSelect, Text } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { Fragment, useState } from "react";
import { ColumnDetails, withRequired } from "./column-details.tsx";
import classes from "./columns-editor.module.css";
import { useProblems } from "./problems.ts";
import { withSetting } from "./setting.ts";
import { COLUMN_TYPES } from "./table-words.ts";

type ColumnInput = ProfileInput["tables"][number]["columns"][number];

interface ColumnsEditorProps {
  columns: readonly ColumnInput[];
  /** Where they stand in the profile. */
  path: readonly (string | number)[];
  onChange: (columns: ColumnInput[]) => void;
}

/** A wide table's columns are shown so many at a time. */
const SHOWN = 100;

/** A table's columns: what is changed most in a line each, and the rest below it. */
export function ColumnsEditor({ columns, path, onChange }: ColumnsEditorProps) {
  const [open, setOpen] = useState<number>();
  const [shown, setShown] = useState(SHOWN);
  const problemAt = useProblems();
  const change = (index: number, column: ColumnInput) => onChange(columns.with(index, column));
  const move = (index: number, to: number) => {
    onChange(columns.toSpliced(index, 1).toSpliced(to, 0, columns[index]!));
    setOpen(to);
  };
  return (
    <div className={classes.columns}>
      <table>
        <caption className="only-for-readers">Columns</caption>
        <thead>
          <tr>
            <th scope="col">In the file</th>
            <th scope="col" className={classes.wide}>
              Column
            </th>
            <th scope="col">Type</th>
            <th scope="col" className={classes.wide}>
              Must be filled
            </th>
            <th scope="col" className={classes.wide}>
              Unique
            </th>
            <th scope="col">
              <span className="only-for-readers">More</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {columns.slice(0, shown).map((column, index) => {
            const isOpen = open === index;
            const problem = problemAt([...path, index], "also within");
            return (
              // biome-ignore lint/suspicious/noArrayIndexKey: a column whose name is being typed stays the same row
              <Fragment key={index}>
                <tr data-open={isOpen || undefined}>
                  <td className={classes.label}>
                    {column.header ?? column.name}
                    {(column.aliases ?? []).length > 0 && (
                      <Text span fz="sm" c="var(--quiet)">
                        {" "}
                        or {column.aliases?.join(", ")}
                      </Text>
                    )}
                    {problem !== undefined && !isOpen && (
                      <Text fz="sm" c="var(--bad)">
                        {problem}
                      </Text>
                    )}
                  </td>
                  <td className={classes.wide}>
                    <code>{column.name}</code>
                  </td>
                  <td>
                    <NativeSelect
                      aria-label={`Type of ${column.name}`}
                      size="xs"
                      data={COLUMN_TYPES.map(({ value, label }) => ({ value, label }))}
                      value={column.type ?? "string"}
                      onChange={(event) =>
                        change(index, withSetting(column, "type", event.currentTarget.value as ColumnType, "string"))
                      }
                    />
                  </td>
                  <td className={classes.wide}>
                    <Checkbox
                      aria-label={`${column.name} must be filled`}
                      checked={column.required ?? false}
                      onChange={(event) => change(index, withRequired(column, event.currentTarget.checked))}
                    />
                  </td>
                  <td className={classes.wide}>
                    <Checkbox
                      aria-label={`${column.name} is unique`}
                      checked={column.unique ?? false}
                      onChange={(event) =>
                        change(index, withSetting(column, "unique", event.currentTarget.checked, false))
                      }
                    />
                  </td>
                  <td>
                    <Button
                      size="compact-xs"
                      variant="subtle"
                      aria-expanded={isOpen}
                      aria-label={`More of ${column.name}`}
                      onClick={() => setOpen(isOpen ? undefined : index)}
                    >
                      {isOpen ? "Less" : "More"}
                    </Button>
                  </td>
                </tr>
                {isOpen && (
                  <tr>
                    <td colSpan={6}>
                      <ColumnDetails
                        column={column}
                        path={[...path, index]}
                        onChange={(changed) => change(index, changed)}
                        onUp={index === 0 ? undefined : () => move(index, index - 1)}
                        onDown={index === columns.length - 1 ? undefined : () => move(index, index + 1)}
                        onRemove={() => {
                          setOpen(undefined);
                          onChange(columns.toSpliced(index, 1));
                        }}
                      />
                    </td>
                  </tr>
                )}
              </Fragment>
            );
          })}
        </tbody>
      </table>
      {columns.length > shown && (
        <Button size="xs" variant="subtle" onClick={() => setShown(shown + SHOWN)}>
          Show more of {columns.length} columns
        </Button>
      )}
      <Button
        mt="sm"
        size="xs"
        variant="default"
        leftSection={<IconPlus size={14} aria-hidden />}
        onClick={() => {
          onChange([...columns, { name: newNameIn(columns) }]);
          setOpen(columns.length);
          setShown(Math.max(shown, columns.length + 1));
        }}
      >
        Add a column
      </Button>
    </div>
  );
}

/** A name that no column has yet. */
function newNameIn(columns: readonly ColumnInput[]): string {
  const names = new Set(columns.map(({ name }) => name));
  let number = columns.length + 1;
  while (names.has(`column_${number}`)) number += 1;
  return `column_${number}`;
}
