/** What a file's first bytes say that it is; `plain` is everything that is not known as a container. */
export type Container =
  | "plain"
  | "zip"
  | "gzip"
  | "7-Zip"
  | "RAR"
  | "bzip2"
  | "xz"
  | "Zstandard"
  | "PGP message"
  | "old Excel workbook"
  | "PDF";

const MAGIC: readonly (readonly [Container, string])[] = [
  ["zip", "PK\x03\x04"],
  ["zip", "PK\x05\x06"],
  ["zip", "PK\x07\x08"],
  ["gzip", "\x1f\x8b\x08"],
  ["7-Zip", "7z\xbc\xaf\x27\x1c"],
  ["RAR", "Rar!\x1a\x07"],
  ["bzip2", "BZh"],
  ["xz", "\xfd7zXZ\0"],
  ["Zstandard", "\x28\xb5\x2f\xfd"],
  ["PGP message", "-----BEGIN PGP MESSAGE-----"],
  ["old Excel workbook", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"],
  ["PDF", "%PDF-"],
];

/** The bytes that {@link identify} wants to see. */
export const MAGIC_BYTES = 32;

/** Tells a container by its first bytes; a file's name says nothing. */
export function identify(head: Uint8Array): Container {
  const text = Buffer.from(head.subarray(0, MAGIC_BYTES)).toString("latin1");
  const found = MAGIC.find(([, magic]) => text.startsWith(magic));
  if (found === undefined) return "plain";
  // "BZh" may begin a line of text; the real thing goes on with a digit and pi.
  if (found[0] === "bzip2" && !/^BZh[1-9]1AY&SY/.test(text)) return "plain";
  return found[0];
}
