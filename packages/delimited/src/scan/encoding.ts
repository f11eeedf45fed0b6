import type { Encoding } from "./dialect.ts";

/** Position of the first byte that begins no valid UTF-8 character, or the length when all do. */
export function invalidUtf8At(bytes: Uint8Array): number {
  let low = 0;
  while (low < bytes.length) {
    const length = validSequence(bytes, low);
    if (length === 0) return low;
    low += length;
  }
  return bytes.length;
}

/** How many bytes a character has that begins with this byte; 0 for a byte that begins none. */
export function sequenceLength(lead: number): number {
  if (lead < 0x80) return 1;
  if (lead < 0xc2) return 0;
  if (lead < 0xe0) return 2;
  if (lead < 0xf0) return 3;
  return lead < 0xf5 ? 4 : 0;
}

/** The length of the valid UTF-8 character at `i`, or 0 (RFC 3629: no overlong forms, no surrogates, up to U+10FFFF). */
export function validSequence(bytes: Uint8Array, i: number): number {
  const lead = bytes[i]!;
  const length = sequenceLength(lead);
  if (length <= 1) return length;
  if (i + length > bytes.length) return 0;
  for (let k = 1; k < length; k += 1) {
    if ((bytes[i + k]! & 0xc0) !== 0x80) return 0;
  }
  const second = bytes[i + 1]!;
  if (lead === 0xe0 && second < 0xa0) return 0;
  if (lead === 0xed && second > 0x9f) return 0;
  if (lead === 0xf0 && second < 0x90) return 0;
  if (lead === 0xf4 && second > 0x8f) return 0;
  return length;
}

/** Unicode characters of the Windows-1252 bytes 0x80 to 0x9F; 0 where none is defined (81, 8D, 8F, 90, 9D). */
const WINDOWS_1252_HIGH = [
  0x20ac, 0, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0, 0x017d, 0, 0,
  0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0, 0x017e, 0x0178,
];

/** Unicode characters of all Windows-1252 bytes; 0 where none is defined. */
export const WINDOWS_1252: Uint16Array = Uint16Array.from({ length: 256 }, (_, byte) =>
  byte >= 0x80 && byte <= 0x9f ? WINDOWS_1252_HIGH[byte - 0x80]! : byte,
);

/** The text of some bytes; what cannot be decoded becomes U+FFFD. For people: messages, labels, error files. */
export function decodeText(bytes: Buffer, from: number, to: number, encoding: Encoding): string {
  if (encoding === "utf-8") return bytes.toString("utf8", from, to);
  const text = bytes.toString("latin1", from, to);
  return text.replace(/[\x80-\x9f]/g, (character) =>
    String.fromCharCode(WINDOWS_1252[character.charCodeAt(0)] || 0xfffd),
  );
}

/** The bytes of a text in the file's encoding; undefined when a character has none there. */
export function encodeText(text: string, encoding: Encoding): Buffer | undefined {
  if (encoding === "utf-8") return Buffer.from(text, "utf8");
  const bytes = Buffer.alloc(text.length);
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    const byte = code < 0x80 || (code >= 0xa0 && code <= 0xff) ? code : WINDOWS_1252_HIGH.indexOf(code) + 0x80;
    if (byte === 0x7f && code !== 0x7f) return undefined;
    bytes[i] = byte;
  }
  return bytes;
}
