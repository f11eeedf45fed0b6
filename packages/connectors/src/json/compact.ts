const BLANK = 0x20;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * Writes JSON without the white space between its parts. What stands in texts stays as it is.
 * @returns how many bytes were written
 */
export function withoutBlank(bytes: Uint8Array, from: number, to: number, out: Uint8Array): number {
  let at = 0;
  let isText = false;
  for (let i = from; i < to; i += 1) {
    const byte = bytes[i]!;
    if (isText) {
      out[at++] = byte;
      if (byte === BACKSLASH) out[at++] = bytes[++i]!;
      else if (byte === QUOTE) isText = false;
    } else if (byte > BLANK) {
      out[at++] = byte;
      isText = byte === QUOTE;
    }
  }
  return at;
}
