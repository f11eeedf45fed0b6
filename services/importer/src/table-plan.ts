import { Misconfigured, type Table } from "@inlet/contracts";
import { type ClientColumn, type ClientRelation, columnsOf } from "@inlet/database";

/** What has to be done to a client's table before rows can land in it. */
export type TablePlan = { action: "create" } | { action: "none" } | { action: "add"; columns: ClientColumn[] };

/**
 * Compares a profile's table with what is there. New columns are added; a changed type, a dropped column and a change
 * between `replace` and the other modes are refused, because each would lose or bend rows that people rely on.
 * @throws Misconfigured `table_changed`
 */
export function planTable(
  table: Pick<Table, "name" | "mode" | "columns">,
  existing: ClientRelation | undefined,
): TablePlan {
  if (existing === undefined) return { action: "create" };
  const kind = table.mode === "replace" ? "view" : "table";
  if (existing.kind !== kind) {
    const now = existing.kind === "view" ? "replace" : "append or upsert";
    throw changed(table.name, `its mode was ${now} and is now ${table.mode}`);
  }
  const wanted = new Map(columnsOf(table).map((column) => [column.name, column]));
  for (const { name, type } of existing.columns) {
    const column = wanted.get(name);
    if (column === undefined) throw changed(table.name, `column ${name} is missing from the profile`);
    if (column.type !== type) throw changed(table.name, `column ${name} is ${type} and would become ${column.type}`);
  }
  const known = new Set(existing.columns.map(({ name }) => name));
  const added = [...wanted.values()].filter(({ name }) => !known.has(name));
  return added.length === 0 ? { action: "none" } : { action: "add", columns: added };
}

function changed(table: string, what: string): Misconfigured {
  return new Misconfigured({
    code: "table_changed",
    message: `Table ${table} does not fit the rows that are there: ${what}. Columns may be added; for any other change use a new table name, or change the table in PostgreSQL first. Nothing was imported.`,
  });
}
