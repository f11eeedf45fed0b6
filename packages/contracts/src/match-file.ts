import type { Reason } from "./batch.ts";
import { isContainerName } from "./container-name.ts";
import { dateIn, type FilePattern, readPattern } from "./file-name.ts";
import type { Profile } from "./profile.ts";

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

/**
 * Takes a ZIP or an OpenPGP message whose own name belongs to no table: which tables it is about, the names of the files in
 * it tell. Undefined: it is not called like one.
 */
export function matchContainer(fileName: string): { table: null; date: string | null } | undefined {
  return isContainerName(fileName) ? { table: null, date: dateIn(fileName) } : undefined;
}

/** Why a file whose name belongs to no table is rejected: with the names that would do. */
export function unknownFileName(profile: Profile, fileName: string): Reason {
  return {
    code: "unknown_file_name",
    message: `No table of project ${profile.project} takes a file named ${fileName}. Expected: ${expectedFileNames(profile)}; each may come in a ZIP (.zip) or encrypted (.pgp, .gpg, .asc). Nothing was imported. Send it again under such a name.`,
  };
}

const NAMES_SHOWN = 20;

/** The file names that a profile knows, in words: `store-YYYY-MM-DD.tsv, style-YYYY-MM-DD.tsv, and 3 more`. */
export function expectedFileNames(profile: Profile): string {
  const words = [...new Set(patternsOf(profile).map((pattern) => pattern.words))];
  const more = words.length > NAMES_SHOWN ? `, and ${words.length - NAMES_SHOWN} more` : "";
  return `${words.slice(0, NAMES_SHOWN).join(", ")}${more}`;
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
