import type { Problem, Profile, Table } from "@inlet/contracts";
import { type ClientRelation, postgresType } from "@inlet/database";

/**
 * Where a profile no longer fits the client's tables that are there, by the table's name: what the import would refuse
 * at the next file. Columns may be added; nothing else about a table that holds rows may change.
 */
export function tableChanges(
  profile: Profile,
  live: Profile | undefined,
  existing: ReadonlyMap<string, ClientRelation>,
): Problem[] {
  return profile.tables.flatMap((table, index) => {
    const relation = existing.get(table.name);
    if (relation === undefined) return [];
    const before = live?.tables.find(({ name }) => name === table.name);
    return changesOf(table, before, relation).map(({ path, message }) => ({
      path: ["tables", index, ...path],
      message: `table ${table.name} is there already, and ${message}; use a new table name`,
    }));
  });
}

function changesOf(table: Table, before: Table | undefined, { kind, columns }: ClientRelation): Problem[] {
  const problems: Problem[] = [];
  if ((kind === "view") !== (table.mode === "replace")) {
    const now = kind === "view" ? "replace" : "append or upsert";
    problems.push({ path: ["mode"], message: `its mode was ${now} and would become ${table.mode}` });
  }
  for (const { name, type } of columns) {
    const at = table.columns.findIndex((column) => column.name === name);
    if (at === -1) {
      problems.push({ path: ["columns"], message: `its column ${name} is missing from the profile` });
      continue;
    }
    const wanted = postgresType(table.columns[at]!);
    if (wanted !== type) {
      problems.push({ path: ["columns", at, "type"], message: `its column ${name} is ${type}, not ${wanted}` });
    }
  }
  if (before?.mode === "upsert" && table.mode === "upsert" && !sameNames(before.key, table.key)) {
    const [was, is] = [before.key.join(", "), table.key.join(", ")];
    problems.push({ path: ["key"], message: `its key was ${was} and would become ${is}` });
  }
  return problems;
}

function sameNames(one: readonly string[], other: readonly string[]): boolean {
  return [...one].sort().join() === [...other].sort().join();
}
