import { type ClientColumn, clientTable, type Database, describeReferenced, findReferenced } from "@inlet/database";
import type { ReferenceLookUp } from "@inlet/delimited";

/**
 * Looks keys up in the project's own tables, in the client's PostgreSQL schema. What counts is the table as it is when the
 * check runs: of files that come together, the one that others refer to has to be imported first. In a rehearsal nothing is
 * imported, so what refers to a table, or a column, that is not there is not looked up; the checklist says so.
 */
export function openReferences(
  database: Database,
  { client, project, rehearsal }: { client: string; project: string; rehearsal: boolean },
): ReferenceLookUp {
  const described = new Map<string, ClientColumn[]>();
  return async ({ table, columns, keys }) => {
    const relation = clientTable(client, project, table);
    const known = described.get(table) ?? (await describeReferenced(database, relation));
    const absent = columns.filter((name) => !known?.some((column) => column.name === name));
    if (rehearsal && absent.length > 0) return new Array<boolean>(keys[0]?.length ?? 0).fill(true);
    if (known === undefined) {
      return {
        missing: `The table ${table} has no rows yet, so nothing can be found in it. Have a file of ${table} imported first, then send this one again.`,
      };
    }
    described.set(table, known);
    if (absent.length > 0) {
      return {
        missing: `The table ${table} has no ${absent.join(", ")} yet. Have a file of ${table} with it imported first, then send this one again.`,
      };
    }
    const wanted = columns.flatMap((name) => known.find((column) => column.name === name) ?? []);
    return findReferenced(database, relation, { columns: wanted, keys });
  };
}
