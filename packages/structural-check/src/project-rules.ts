import type { Profile, Table } from "@inlet/contracts";
import type { CheckOptions, Hooks, ReferenceLookUp } from "@inlet/delimited";
import { LINK_LABELS } from "@inlet/purl";

/**
 * What a project's files are held against, whoever checks them: the table's rules and controls, the labels that the links
 * will add, rows of other tables, and the platform team's own rules.
 */
export function projectRules(
  { profile, table }: { profile: Pick<Profile, "links">; table: Table },
  { references, hooks }: { references: ReferenceLookUp; hooks: Hooks },
): Pick<CheckOptions, "table" | "reservedHeaders" | "references" | "hooks"> & { table: Table } {
  return { table, reservedHeaders: profile.links ? LINK_LABELS : [], references, hooks };
}
