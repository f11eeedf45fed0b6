import type { TableName } from "./tables.ts";

/** One turn of a side: which file, and as what. */
export interface Turn {
  /** `<blob store>/<client>/<batch>/<name>`, as the validator finds a batch's file. */
  path: string;
  table: TableName;
  isLatin?: boolean;
  /** Ours only: the canonical file, its index, the rejected and the error file are written, as the validator does it. */
  withProducts?: boolean;
}

/** The bytes that the validator reads at once. */
export const READ_BYTES = 512 * 1024;

/** What every side finds out about a file. */
export interface Outcome {
  records: number;
  /** Records with any error; a repeated value of the unique column is one. */
  rejected: number;
}
