import type { Problem, Profile } from "@inlet/contracts";
import { type ClientRelation, tableDifferences } from "@inlet/database";

/**
 * Where a profile does not fit the client's tables that are there, by the table's name: what the import would refuse at the
 * next file.
 */
export function tableChanges(profile: Profile, existing: ReadonlyMap<string, ClientRelation>): Problem[] {
  return profile.tables.flatMap((table, index) => {
    const relation = existing.get(table.name);
    if (relation === undefined) return [];
    return tableDifferences(table, relation).map(({ path, message }) => ({
      path: ["tables", index, ...path],
      message: `table ${table.name} is there already, and ${message}; use a new table name`,
    }));
  });
}
