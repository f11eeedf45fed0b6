import type { Encoding, Quote } from "./dialect.ts";
import { decodeText } from "./encoding.ts";
import { FIELD_ESCAPED, type RecordBlock } from "./record-block.ts";

/** The text of a field as the client meant it: decoded, doubled quotes made single. */
export function fieldText(block: RecordBlock, field: number, encoding: Encoding, quote: Quote): string {
  const text = decodeText(block.bytes, block.fieldStarts[field]!, block.fieldEnds[field]!, encoding);
  return quote !== null && (block.fieldFlags[field]! & FIELD_ESCAPED) !== 0
    ? text.replaceAll(quote + quote, quote)
    : text;
}

/** The texts of all fields of a record. */
export function recordTexts(block: RecordBlock, record: number, encoding: Encoding, quote: Quote): string[] {
  const texts: string[] = [];
  for (let field = block.firstFields[record]!; field < block.firstFields[record + 1]!; field += 1) {
    texts.push(fieldText(block, field, encoding, quote));
  }
  return texts;
}

/** Copies a field's content with its doubled quotes made single into `target`; returns its length. */
export function unescapeField(block: RecordBlock, field: number, quote: number, target: Buffer): number {
  const { bytes } = block;
  const end = block.fieldEnds[field]!;
  let length = 0;
  for (let i = block.fieldStarts[field]!; i < end; i += 1) {
    const c = bytes[i]!;
    target[length++] = c;
    if (c === quote) i += 1;
  }
  return length;
}
