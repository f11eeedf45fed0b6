import { hash } from "node:crypto";

/** The batch that an error file belongs to. */
export interface ErrorFileMark {
  batchId: number;
  /** SHA-256 of the plain file that was checked, hexadecimal: what the references are sealed with. */
  sha256: string;
}

/** A reference as it stands in a returned file; whether it is sound only its batch's file can tell. */
export interface ErrorReference {
  batchId: number;
  /** 0: a finding about the file as a whole. */
  record: number;
  seal: string;
}

const REFERENCE = /^B([1-9][0-9]{0,14})-R(0|[1-9][0-9]{0,14})-([0-9a-f]{10})$/i;

/**
 * What stands in `error_ref`: which record of which batch a row is, and a seal over both, such as `B42-R17-9f3a21c4d0`. The
 * seal is a check, not a secret: it tells that a row was not dragged down, cut off or mixed up with another file's. Who may
 * correct a batch is decided by whose it is. Letters come first, so that no spreadsheet takes it for a number or a date.
 */
export function errorReference({ batchId, sha256 }: ErrorFileMark, record: number): string {
  return `B${batchId}-R${record}-${hash("sha256", `${batchId}:${record}:${sha256}`, "hex").slice(0, 10)}`;
}

/** Reads what {@link errorReference} wrote; undefined for anything else. */
export function parseErrorReference(text: string): ErrorReference | undefined {
  const found = REFERENCE.exec(text.trim());
  if (found === null) return undefined;
  return { batchId: Number(found[1]), record: Number(found[2]), seal: found[3]!.toLowerCase() };
}

/** Whether a reference is the one that was handed out. */
export function isGenuineReference({ batchId, record, seal }: ErrorReference, mark: ErrorFileMark): boolean {
  return batchId === mark.batchId && errorReference(mark, record).endsWith(`-${seal}`);
}
