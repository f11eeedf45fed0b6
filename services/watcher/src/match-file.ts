import type { Profile, Reason } from "@inlet/contracts";
import { type FilePattern, readPattern } from "./file-pattern.ts";

/** The table that a file's name belongs to. */
export interface FileMatch {
  table: string;
  /** YYYY-MM-DD; null when the name has none. */
  date: string | null;
}

interface TablePattern extends FilePattern {
  table: string;
}

/**
 * Finds the table of a file by its name. Of several patterns that fit, the most specific one wins, which is the one that
 * fixes most characters; of equals, the first in the profile.
 */
export function matchFile(profile: Profile, fileName: string): FileMatch | undefined {
  let best: { pattern: TablePattern; date: string | null } | undefined;
  for (const pattern of patternsOf(profile)) {
    if (best !== undefined && pattern.weight <= best.pattern.weight) continue;
    const match = pattern.match(fileName);
    if (match) best = { pattern, date: match.date };
  }
  return best && { table: best.pattern.table, date: best.date };
}

const NAMES_SHOWN = 20;

/** Why a file whose name belongs to no table is rejected: with the names that would do. */
export function unknownFileName(profile: Profile, fileName: string): Reason {
  const words = [...new Set(patternsOf(profile).map((pattern) => pattern.words))];
  const shown = words.slice(0, NAMES_SHOWN).join(", ");
  const more = words.length > NAMES_SHOWN ? `, and ${words.length - NAMES_SHOWN} more` : "";
  return {
    code: "unknown_file_name",
    message: `No table of project ${profile.project} takes a file named ${fileName}. Expected: ${shown}${more}; each may be zipped (.zip). Nothing was imported. Send it again under such a name.`,
  };
}

/** What the batches of one run share: the date in the name, where the profile groups by it; null: a run of its own. */
export function runKeyOf(profile: Profile, match: FileMatch | undefined): string | null {
  return profile.run.group === "date" ? (match?.date ?? null) : null;
}

const known = new WeakMap<Profile, readonly TablePattern[]>();

function patternsOf(profile: Profile): readonly TablePattern[] {
  let patterns = known.get(profile);
  if (patterns === undefined) {
    const { client, project } = profile;
    patterns = profile.tables.flatMap((table) =>
      table.files.map((file) => ({ ...readPattern(file, { client, project, table: table.name }), table: table.name })),
    );
    known.set(profile, patterns);
  }
  return patterns;
}
