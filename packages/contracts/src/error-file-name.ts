import { WRAPPING } from "./container-name.ts";
import { type FileMatch, matchFile } from "./match-file.ts";
import type { Profile } from "./profile.ts";

const EXTENSIONS = ["csv", "tsv", "txt", "dat"];
/**
 * `sales.errors.csv`, and what browsers, spreadsheets and people make of it: `sales.errors (1).csv`, `sales.errors.zip`,
 * `sales.errors.csv.gpg`.
 */
const ERROR_FILE = new RegExp(
  String.raw`^(.+)\.errors(?![a-z0-9]).*?(?:\.(${EXTENSIONS.join("|")}))?(?:${WRAPPING})?$`,
  "i",
);

/** Whether a file is called like an error file that comes back, mended. */
export function isErrorFileName(fileName: string): boolean {
  return ERROR_FILE.test(fileName);
}

/**
 * The table of an error file that comes back: that of the file which it is about. A spreadsheet may have saved it under
 * another extension.
 */
export function matchErrorFile(profile: Profile, fileName: string): FileMatch | undefined {
  const [, stem, extension] = ERROR_FILE.exec(fileName) ?? [];
  if (stem === undefined) return undefined;
  const extensions = extension === undefined ? EXTENSIONS : [extension, ...EXTENSIONS];
  return extensions.map((end) => matchFile(profile, `${stem}.${end}`)).find((match) => match !== undefined);
}
