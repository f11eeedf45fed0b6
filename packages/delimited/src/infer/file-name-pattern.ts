import { slugOf } from "./column-name.ts";

const EXTENSION = /\.(csv|tsv|txt|dat)$/i;
const TIMESTAMP = /\d{8}_\d{6}(?:_\d{1,9})?/;
const DATE = /\d{4}-\d{2}-\d{2}/;
/** Digits that will be others in the next file: a date without dashes, a running number. */
const OTHER_DIGITS = /\d{4,}/g;
const NAME_LENGTH = 24;

/** What a sample's name says: the table's name, and the pattern of the names of the files to come. */
export interface NamedTable {
  table: string;
  pattern: string;
}

/** `Store-2026-11-20.tsv` → table `store`, pattern `{table}-{date}.tsv`; digits that may change become `*`. */
export function nameTable(fileName: string): NamedTable {
  const name = fileName.replace(/\.zip$/i, "");
  const extension = EXTENSION.exec(name)?.[0] ?? "";
  const stem = extension === "" ? name : name.slice(0, -extension.length);
  const bare = stem.replace(TIMESTAMP, " ").replace(DATE, " ").replace(OTHER_DIGITS, " ");
  const table = slugOf(bare, NAME_LENGTH).replace(/^n_/, "t_") || "records";
  const pattern = stem
    .replaceAll(/[{}*]/g, "*")
    .replace(TIMESTAMP, "{timestamp}")
    .replace(DATE, "{date}")
    .replace(OTHER_DIGITS, "*")
    .replace(/\*{2,}/g, "*");
  const own = bare.trim().replace(/^[-_. ]+|[-_. ]+$/g, "");
  const named = own !== "" && own.toLowerCase() === table ? pattern.replace(own, "{table}") : pattern;
  return { table, pattern: `${named.slice(0, 190)}${extension}` };
}
