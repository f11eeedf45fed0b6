import { BACKSLASH } from "./byte-meanings.ts";
import type { Encoding, Quote } from "./dialect.ts";
import { decodeText } from "./encoding.ts";
import { FIELD_BACKSLASH, FIELD_ESCAPED, FIELD_QUOTED, type RecordBlock, type Trailer } from "./record-block.ts";

/** The text of a field as the client meant it: decoded, its escapes undone. */
export function fieldText(block: RecordBlock, field: number, encoding: Encoding, quote: Quote): string {
  const { bytes, fieldStarts, fieldEnds, fieldFlags } = block;
  return spanText(bytes, fieldStarts[field]!, fieldEnds[field]!, fieldFlags[field]!, encoding, quote);
}

/**
 * The beginning of a field's text: at most so many characters (UTF-16 code units; none that takes two is cut through). Only
 * as much of the field is looked at as that takes.
 */
export function fieldStart(
  block: RecordBlock,
  field: number,
  { encoding, quote }: { encoding: Encoding; quote: Quote },
  mostCharacters: number,
): { text: string; isCut: boolean } {
  const { bytes, fieldStarts, fieldEnds, fieldFlags } = block;
  const start = fieldStarts[field]!;
  const end = fieldEnds[field]!;
  // A character has up to four bytes, each of them perhaps escaped; what is cut through stands behind the last one wanted.
  const most = Math.min(end, start + mostCharacters * 8 + 16);
  const text = spanText(bytes, start, most, fieldFlags[field]!, encoding, quote);
  if (most === end && text.length <= mostCharacters) return { text, isCut: false };
  return { text: text.slice(0, mostCharacters).replace(/[\ud800-\udbff]$/, ""), isCut: true };
}

/** The texts of all fields of a record. */
export function recordTexts(block: RecordBlock, record: number, encoding: Encoding, quote: Quote): string[] {
  const texts: string[] = [];
  for (let field = block.firstFields[record]!; field < block.firstFields[record + 1]!; field += 1) {
    texts.push(fieldText(block, field, encoding, quote));
  }
  return texts;
}

/** The texts of a trailer's cells. */
export function trailerTexts(block: RecordBlock, trailer: Trailer, encoding: Encoding, quote: Quote): string[] {
  return trailer.fields.map(({ start, end, flags }) => spanText(block.bytes, start, end, flags, encoding, quote));
}

/** Copies a field's content with its escapes undone into `target`; returns its length. For fields with FIELD_ESCAPED. */
export function unescapeField(block: RecordBlock, field: number, quote: number, target: Buffer): number {
  const { bytes, fieldStarts, fieldEnds, fieldFlags } = block;
  return undoEscapes(bytes, fieldStarts[field]!, fieldEnds[field]!, fieldFlags[field]!, quote, target);
}

function spanText(bytes: Buffer, start: number, end: number, flags: number, encoding: Encoding, quote: Quote): string {
  if ((flags & FIELD_ESCAPED) === 0) return decodeText(bytes, start, end, encoding);
  const content = Buffer.allocUnsafe(end - start);
  const length = undoEscapes(bytes, start, end, flags, quote === null ? -1 : quote.charCodeAt(0), content);
  return decodeText(content, 0, length, encoding);
}

function undoEscapes(bytes: Buffer, start: number, end: number, flags: number, quote: number, target: Buffer): number {
  if ((flags & FIELD_QUOTED) === 0) return unescapeDump(bytes, start, end, target);
  const escapes = (flags & FIELD_BACKSLASH) === 0 ? quote : BACKSLASH;
  let length = 0;
  for (let i = start; i < end; i += 1) {
    const c = bytes[i]!;
    const next = i + 1 < end ? bytes[i + 1] : -1;
    if (c === escapes && (next === quote || next === escapes)) {
      target[length++] = next!;
      i += 1;
    } else if (c === quote) {
      // The closing quote; what follows was forgiven and is kept as it stands.
      return length + bytes.copy(target, length, i + 1, end);
    } else {
      target[length++] = c;
    }
  }
  return length;
}

/** What a letter after a backslash stands for in a dump; any other letter or digit leaves the backslash as it is. */
const DUMP_LETTERS: Readonly<Record<string, number>> = { b: 8, t: 9, n: 10, v: 11, f: 12, r: 13 };
/** 0 where the backslash stays, else the byte that a backslash and this byte stand for. */
const DUMP_ESCAPES = Uint8Array.from({ length: 256 }, (_, byte) => {
  const character = String.fromCharCode(byte);
  return /[A-Za-z0-9]/.test(character) && byte < 0x80 ? (DUMP_LETTERS[character] ?? 0) : byte;
});

/**
 * Undoes the backslashes of PostgreSQL's text format (COPY, "Text Format") and of MySQL's default export (LOAD DATA,
 * "FIELDS ESCAPED BY"), as far as both agree: `\n` and its like, and a backslash before any character that is no letter or
 * digit. `\N` stays as it is, so that a table can name it among its null values.
 */
function unescapeDump(bytes: Buffer, start: number, end: number, target: Buffer): number {
  let length = 0;
  for (let i = start; i < end; i += 1) {
    const c = bytes[i]!;
    const meant = c === BACKSLASH && i + 1 < end ? DUMP_ESCAPES[bytes[i + 1]!]! : 0;
    if (meant === 0) {
      target[length++] = c;
    } else {
      target[length++] = meant;
      i += 1;
    }
  }
  return length;
}
