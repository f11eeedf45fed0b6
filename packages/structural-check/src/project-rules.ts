import type { Profile, Storyboard, Table } from "@inlet/contracts";
import type { CheckOptions, Hooks, OwnRule, ReferenceLookUp } from "@inlet/delimited";
import { LINK_LABELS } from "@inlet/purl";
import { compileRequirements } from "@inlet/storyboard";

/**
 * What a project's files are held against, whoever checks them: the table's rules and controls, the labels that the links
 * will add, rows of other tables, the platform team's own rules, and what the storyboard requires of a row that gets a link.
 */
export function projectRules(
  { profile, table }: { profile: Pick<Profile, "links">; table: Table },
  {
    references,
    hooks,
    storyboard,
  }: { references: ReferenceLookUp; hooks: Hooks; storyboard: Pick<Storyboard, "requirements"> | undefined },
): Pick<CheckOptions, "table" | "reservedHeaders" | "references" | "hooks" | "ownRules"> & { table: Table } {
  const ownRules = storyboard && storyboard.requirements.length > 0 ? [withholding(storyboard)] : [];
  return { table, reservedHeaders: profile.links ? LINK_LABELS : [], references, hooks, ownRules };
}

/** The row is imported all the same: what it lacks keeps it from a link alone. */
function withholding(storyboard: Pick<Storyboard, "requirements">): OwnRule {
  const unmet = compileRequirements(storyboard);
  return {
    code: "link_withheld",
    severity: "warning",
    hook: (row) => unmet((column) => row[column]).map((message) => ({ message: `No link: ${message}` })),
  };
}
