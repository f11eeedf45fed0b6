import { WINDOWS_1252 } from "../scan/encoding.ts";

/** What follows the backslash when a byte is escaped in COPY text format; 0 where it is written as it is. */
const ESCAPE_LETTER = new Uint8Array(256);
ESCAPE_LETTER[0x5c] = 0x5c;
ESCAPE_LETTER[0x09] = 0x74;
ESCAPE_LETTER[0x0a] = 0x6e;
ESCAPE_LETTER[0x0d] = 0x72;

/** The answer of {@link copyWindows1252} for a byte that stands for no character. */
export const UNDEFINED_BYTE = -1;

/** From this length on the built-in copy is the faster one, its call included (measured: about 40 bytes). */
const LONG_CELL = 48;

/** Copies ASCII or UTF-8 that holds nothing to escape. Returns the position after it. */
export function copyPlain(bytes: Buffer, from: number, to: number, out: Buffer, position: number): number {
  const length = to - from;
  if (length >= LONG_CELL) return position + bytes.copy(out, position, from, to);
  for (let i = 0; i < length; i += 1) out[position + i] = bytes[from + i]!;
  return position + length;
}

/** Copies ASCII or UTF-8 with the escapes of COPY's text format. Returns the position after it. */
export function copyText(bytes: Uint8Array, from: number, to: number, out: Uint8Array, position: number): number {
  let at = position;
  for (let i = from; i < to; i += 1) {
    const c = bytes[i]!;
    const letter = ESCAPE_LETTER[c]!;
    if (letter !== 0) {
      out[at] = 0x5c;
      out[at + 1] = letter;
      at += 2;
    } else {
      out[at] = c;
      at += 1;
    }
  }
  return at;
}

/** The same from Windows-1252, written as UTF-8: up to three bytes for one. */
export function copyWindows1252(
  bytes: Uint8Array,
  from: number,
  to: number,
  out: Uint8Array,
  position: number,
): number {
  let at = position;
  for (let i = from; i < to; i += 1) {
    const c = bytes[i]!;
    if (c < 0x80) {
      const letter = ESCAPE_LETTER[c]!;
      if (letter !== 0) out[at++] = 0x5c;
      out[at++] = letter === 0 ? c : letter;
      continue;
    }
    const code = WINDOWS_1252[c]!;
    if (code === 0) return UNDEFINED_BYTE;
    if (code < 0x800) {
      out[at++] = 0xc0 | (code >> 6);
    } else {
      out[at++] = 0xe0 | (code >> 12);
      out[at++] = 0x80 | ((code >> 6) & 0x3f);
    }
    out[at++] = 0x80 | (code & 0x3f);
  }
  return at;
}
