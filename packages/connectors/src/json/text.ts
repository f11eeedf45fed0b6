import { Buffer } from "node:buffer";

const BACKSLASH = 0x5c;
const SMALL_U = 0x75;
/** What a letter after a backslash stands for. */
const MEANINGS = new Uint8Array(256);
for (const [letter, meaning] of Object.entries({ '"': 34, "\\": 92, "/": 47, b: 8, f: 12, n: 10, r: 13, t: 9 }))
  MEANINGS[letter.charCodeAt(0)] = meaning;

/** U+FFFD, "replacement character". */
const REPLACEMENT = 0xfffd;

/**
 * Writes what the text of a JSON string stands for, in UTF-8; never longer than it is written there. Half a surrogate pair, which
 * UTF-8 has no bytes for, becomes U+FFFD.
 * @param from @param to within the quotes; its escapes are known to be right
 * @returns the position in `out` after it; {@link replaced} says how many characters were replaced
 */
export function writeText(bytes: Uint8Array, from: number, to: number, out: Uint8Array, position: number): number {
  let at = position;
  let i = from;
  replaced = 0;
  while (i < to) {
    const byte = bytes[i]!;
    if (byte !== BACKSLASH) {
      out[at++] = byte;
      i += 1;
      continue;
    }
    const letter = bytes[i + 1]!;
    if (letter !== SMALL_U) {
      out[at++] = MEANINGS[letter]!;
      i += 2;
      continue;
    }
    let code = hexAt(bytes, i + 2);
    i += 6;
    if (code >= 0xd800 && code <= 0xdfff) {
      const isFirstHalf = code < 0xdc00;
      // Behind the text's end is a quote, so this looks at nothing else.
      const low = isFirstHalf && bytes[i] === BACKSLASH && bytes[i + 1] === SMALL_U ? hexAt(bytes, i + 2) : 0;
      if (low >= 0xdc00 && low <= 0xdfff) {
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
        i += 6;
      } else {
        code = REPLACEMENT;
        replaced += 1;
      }
    }
    at = writeCharacter(code, out, at);
  }
  return at;
}

/** Of the text that was written last. */
export let replaced = 0;

/** {@link writeText} into bytes of their own. */
export function decodedText(bytes: Uint8Array, from: number, to: number): Buffer {
  const out = Buffer.allocUnsafe(to - from);
  return out.subarray(0, writeText(bytes, from, to, out, 0));
}

function hexAt(bytes: Uint8Array, at: number): number {
  let code = 0;
  for (let i = at; i < at + 4; i += 1) {
    const byte = bytes[i]!;
    code = code * 16 + (byte <= 0x39 ? byte - 0x30 : (byte | 0x20) - 0x57);
  }
  return code;
}

function writeCharacter(code: number, out: Uint8Array, position: number): number {
  let at = position;
  if (code < 0x80) {
    out[at++] = code;
  } else if (code < 0x800) {
    out[at++] = 0xc0 | (code >> 6);
    out[at++] = 0x80 | (code & 0x3f);
  } else if (code < 0x10000) {
    out[at++] = 0xe0 | (code >> 12);
    out[at++] = 0x80 | ((code >> 6) & 0x3f);
    out[at++] = 0x80 | (code & 0x3f);
  } else {
    out[at++] = 0xf0 | (code >> 18);
    out[at++] = 0x80 | ((code >> 12) & 0x3f);
    out[at++] = 0x80 | ((code >> 6) & 0x3f);
    out[at++] = 0x80 | (code & 0x3f);
  }
  return at;
}
