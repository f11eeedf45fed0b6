import { identifyPackets, type PgpKind } from "./pgp/identify-packets.ts";

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
  | "old Excel workbook"
  | "PDF"
  | PgpKind;

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
  ["old Excel workbook", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"],
  ["PDF", "%PDF-"],
];

/** RFC 9580, section 6.2. A message in parts (`MESSAGE, PART 1/2`) is a message too, which cannot be read. */
const ARMOUR: readonly (readonly [PgpKind, RegExp])[] = [
  ["PGP message", /^-----BEGIN PGP MESSAGE(, PART \d+(\/\d+)?)?-----/],
  ["PGP signed text", /^-----BEGIN PGP SIGNED MESSAGE-----/],
  ["PGP public key", /^-----BEGIN PGP PUBLIC KEY BLOCK-----/],
  ["PGP private key", /^-----BEGIN PGP PRIVATE KEY BLOCK-----/],
  ["PGP signature", /^-----BEGIN PGP SIGNATURE-----/],
];

/** The bytes that {@link identify} wants to see. */
export const MAGIC_BYTES = 1024;

/** Before the armour; a byte order mark, too. */
const BLANK_BEFORE_ARMOUR = /^(\xef\xbb\xbf)?\s*/;

/**
 * Tells a container by its first bytes; a file's name says nothing.
 * @param sizeBytes of the whole file, which what its head claims has to fit
 */
export function identify(head: Uint8Array, sizeBytes: number): Container {
  const bytes = head.subarray(0, MAGIC_BYTES);
  const text = Buffer.from(bytes).toString("latin1");
  const armoured = text.replace(BLANK_BEFORE_ARMOUR, "");
  const armour = ARMOUR.find(([, begin]) => begin.test(armoured));
  if (armour !== undefined) return armour[0];
  const found = MAGIC.find(([, magic]) => text.startsWith(magic));
  if (found === undefined) return identifyPackets(bytes, sizeBytes) ?? "plain";
  // "BZh" may begin a line of text; the real thing goes on with a digit and pi.
  if (found[0] === "bzip2" && !/^BZh[1-9]1AY&SY/.test(text)) return "plain";
  return found[0];
}

/** With its article, to stand in a sentence. */
export const containerInWords = (container: Container): string =>
  `${/^[aeiouRX]/.test(container) ? "an" : "a"} ${container}`;
