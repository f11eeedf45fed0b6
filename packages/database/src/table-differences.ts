import type { Problem, Table } from "@inlet/contracts";
import { columnsOf } from "./client-columns.ts";
import type { ClientRelation } from "./queries/client-tables/client-tables.ts";

const NONE: ReadonlySet<string> = new Set();

/**
 * Where a profile's table does not fit the relation that holds its rows already; empty: it fits. Columns may be added. A
 * changed type, a dropped column, another key, and a change between `replace` and the other modes are differences, because
 * each would lose or bend rows that people rely on. A catalog takes files of both modes, and keeps its key. Paths begin at
 * the table.
 * @param laterColumns columns that newer versions of the profile have: an older version cannot know them, and its rows
 *   hold NULL there
 */
export function tableDifferences(
  table: Pick<Table, "mode" | "key" | "columns">,
  { kind, columns, key }: ClientRelation,
  laterColumns: ReadonlySet<string> = NONE,
): Problem[] {
  const differences: Problem[] = [];
  if (kind !== "catalog" && (kind === "view") !== (table.mode === "replace")) {
    const was = kind === "view" ? "replace" : "append or upsert";
    differences.push({ path: ["mode"], message: `its mode was ${was} and would become ${table.mode}` });
  }
  const wanted = columnsOf(table);
  for (const { name, type } of columns) {
    const at = wanted.findIndex((column) => column.name === name);
    if (at !== -1 && wanted[at]!.type !== type) {
      const message = `its column ${name} is ${type} and would become ${wanted[at]!.type}`;
      differences.push({ path: ["columns", at, "type"], message });
    }
    if (at === -1 && !laterColumns.has(name)) {
      differences.push({ path: ["columns"], message: `its column ${name} is missing from the profile` });
    }
  }
  if ((table.mode === "upsert" || kind === "catalog") && key !== undefined && !sameNames(key, table.key)) {
    const message = `its key was ${key.join(", ")} and would become ${table.key.join(", ")}`;
    differences.push({ path: ["key"], message });
  }
  return differences;
}

function sameNames(one: readonly string[], other: readonly string[]): boolean {
  return [...one].sort().join() === [...other].sort().join();
}
