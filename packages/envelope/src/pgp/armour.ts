import type { ByteReader } from "./byte-reader.ts";
import { damaged, truncated } from "./refusals.ts";

/** The line that begins an armour, and what may stand above the data. */
const MOST_HEADER_BYTES = 16 * 1024;

/**
 * Takes the armour off a message (RFC 9580, section 6.2), streaming. The checksum is not looked at, as the RFC asks: what is
 * within has proofs of its own. Nothing may follow the armour but blank space.
 * @throws InvalidInput
 */
export async function* dearmour(reader: ByteReader): AsyncGenerator<Uint8Array, void> {
  let text = await skipHeaders(reader);
  // Base64 digits that make no whole byte yet.
  let digits = "";
  for (;;) {
    // A line that begins with these ends the data: a checksum, or the end of the armour.
    const end = text.search(/[=-]/);
    const { whole, rest } = quads(digits, end === -1 ? text : text.slice(0, end));
    digits = rest;
    if (whole.length > 0) yield Buffer.from(whole, "base64");
    if (end !== -1) {
      text = text.slice(end);
      break;
    }
    const chunk = await reader.next();
    if (chunk === undefined) throw truncated();
    text = latin1(chunk);
  }
  const { padding, tail } = await readEnd(reader, text);
  if (digits.length > 0) {
    if ((digits.length + padding) % 4 !== 0 || digits.length === 1) throw damaged("its base64 is not whole");
    yield Buffer.from(digits, "base64");
  }
  await refuseTrailing(reader, tail);
}

/** Up to the blank line that ends the armour's headers; gives back what was read beyond it. */
async function skipHeaders(reader: ByteReader): Promise<string> {
  let text = "";
  for (;;) {
    const blank = /\r?\n[ \t]*\r?\n/.exec(text);
    if (blank !== null) return text.slice(blank.index + blank[0].length);
    if (text.length > MOST_HEADER_BYTES) throw damaged("its armour has no end to its headers");
    const chunk = await reader.next();
    if (chunk === undefined) throw truncated();
    text += latin1(chunk).replace(/^\s+/, (blanks) => (text === "" ? "" : blanks));
    if (text.startsWith("\xef\xbb\xbf")) text = text.slice(3).trimStart();
  }
}

/** Whole groups of four digits, and what is left. */
function quads(before: string, text: string): { whole: string; rest: string } {
  const digits = before + text.replace(/[\r\n\t ]+/g, "");
  if (/[^A-Za-z0-9+/]/.test(digits)) throw damaged("its base64 has signs that do not belong there");
  const whole = digits.length - (digits.length % 4);
  return { whole: digits.slice(0, whole), rest: digits.slice(whole) };
}

const MOST_END_BYTES = 1024;

/** Padding, a checksum perhaps, and the last line. */
async function readEnd(reader: ByteReader, from: string): Promise<{ padding: number; tail: string }> {
  let text = from;
  for (;;) {
    const end = /^(=(?=\r?\n|=|-))?(=(?=\r?\n|-))?\s*(=[A-Za-z0-9+/]{4}\s*)?-----END PGP MESSAGE-----/.exec(text);
    if (end !== null) {
      return { padding: (end[1]?.length ?? 0) + (end[2]?.length ?? 0), tail: text.slice(end[0].length) };
    }
    if (text.length > MOST_END_BYTES) throw damaged("its armour does not end as it should");
    const chunk = await reader.next();
    if (chunk === undefined) throw truncated();
    text += latin1(chunk);
  }
}

async function refuseTrailing(reader: ByteReader, tail: string): Promise<void> {
  for (let text: string | undefined = tail; text !== undefined; ) {
    if (text.trim() !== "") throw damaged("something follows the end of the message");
    const chunk = await reader.next();
    text = chunk && latin1(chunk);
  }
}

const latin1 = (chunk: Uint8Array) => Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).toString("latin1");
