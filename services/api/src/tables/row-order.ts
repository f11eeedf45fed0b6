import type { Problem } from "@inlet/contracts";
import { cellKind, type ImportedTable, type RowOrder } from "@inlet/database";

const MOST_COLUMNS = 5;

/**
 * The order of a request: the columns that it names, and then what tells any two rows apart: the table's key where that is
 * unique, else the batch and the record that a row came from.
 * @param key the columns that PostgreSQL keeps unique; empty: none
 */
export function readOrder(
  asked: string | undefined,
  { columns }: Pick<ImportedTable, "columns">,
  key: readonly string[],
): { order: RowOrder[]; problems: Problem[] } {
  const names = asked?.split(",") ?? [];
  const problems: Problem[] = [];
  const order: RowOrder[] = [];
  const problem = (message: string) => problems.push({ path: ["order"], message });
  if (names.length > MOST_COLUMNS) problem(`at most ${MOST_COLUMNS} columns, not ${names.length}`);
  for (const text of names.slice(0, MOST_COLUMNS)) {
    const descending = text.startsWith("-");
    const name = descending ? text.slice(1) : text;
    const column = columns.find((each) => each.name === name);
    if (column === undefined) problem(`there is no column ${name.slice(0, 63)}`);
    else if (cellKind(column.type) === "other") problem(`rows cannot be ordered by ${name}`);
    else if (order.some((each) => each.column === name)) problem(`${name} is named twice`);
    else order.push({ column: name, descending, neverNull: key.includes(name) });
  }
  // Backwards throughout where the last one named goes backwards: one index serves both.
  const descending = order.at(-1)?.descending ?? false;
  const identity = key.length > 0 ? key : ["_batch", "_record"];
  for (const column of identity) {
    if (order.some((each) => each.column === column)) continue;
    // Rows that a person put there may lack `_batch` and `_record`; a key's cells are never empty.
    order.push({ column, descending, neverNull: key.length > 0 });
  }
  return { order, problems };
}
