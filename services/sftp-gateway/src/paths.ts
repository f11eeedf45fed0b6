import { denied, failure } from "./status.ts";

/** PATH_MAX of Linux: nothing longer is a path for any client. */
const MAX_PATH_BYTES = 4096;
/** NAME_MAX of ext4, XFS and NFS. */
const MAX_NAME_BYTES = 255;

/**
 * The one place where a client's path becomes segments. `.` and empty segments vanish, `..` goes up and stops at the root,
 * a relative path begins at the root. The segments are names in the virtual tree; only `resolve` in view.ts turns them
 * into places on disk, so nothing that is written here can lead out of it.
 * @throws Refusal for NUL, other control characters, bytes that are no UTF-8, and overlong paths
 */
export function segmentsOf(path: string): string[] {
  if (Buffer.byteLength(path) > MAX_PATH_BYTES) throw failure("The path is too long");
  // The SFTP library decodes with replacement, so U+FFFD stands for bytes that are no UTF-8.
  if (/[\u0000-\u001f\u007f-\u009f\ufffd]/u.test(path)) {
    throw failure("The path holds control characters or is not UTF-8");
  }
  const segments: string[] = [];
  for (const segment of path.split("/")) {
    if (segment === "" || segment === ".") continue;
    if (segment === "..") segments.pop();
    else segments.push(segment);
  }
  return segments;
}

/** The absolute path that a client sees. */
export const pathOf = (segments: readonly string[]): string => `/${segments.join("/")}`;

/**
 * Whether a file may be given this name. It goes into e-mails, reports and result files that people open on any system.
 * @throws Refusal saying what is wrong with it
 */
export function checkNewName(name: string): void {
  if (Buffer.byteLength(name) > MAX_NAME_BYTES) throw failure(`A file name has at most ${MAX_NAME_BYTES} bytes`);
  if (name.includes("\\")) throw denied("A file name must not hold a backslash");
  if (name.trim() === "") throw denied("A file name must not be blank");
  // Bidirectional controls and line separators make a name look like another one.
  if (/[\u2028-\u202e\u2066-\u2069\ufeff]/u.test(name)) throw denied("The file name holds invisible characters");
}

/** A text of a client's for the audit and the log: PostgreSQL takes no NUL, and a terminal acts on control characters. */
export const printable = (text: string): string => text.replace(/[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu, "?").slice(0, 1024);

/** WinSCP .filepart, rclone .partial, browsers and others .part and .tmp. */
const TEMPORARY_SUFFIX = /\.(part|filepart|partial|tmp)$/i;

/** A name that a client gives a file until it is whole: no arrival before it is renamed. */
export const isTemporaryName = (name: string): boolean => name.startsWith(".") || TEMPORARY_SUFFIX.test(name);
