import type { Dialect } from "../scan/dialect.ts";
import { unescapeField } from "../scan/field-text.ts";
import { FIELD_ESCAPED, type RecordBlock } from "../scan/record-block.ts";

/** Gives a field's content as one stretch of bytes, its escapes undone. */
export class FieldReader {
  /** Holds the content after `unescape`. */
  scratch: Buffer = Buffer.allocUnsafe(1024);
  readonly #quote: number;

  constructor({ quote }: Pick<Dialect, "quote">) {
    this.#quote = quote?.charCodeAt(0) ?? -1;
  }

  /** Copies a field's content into `scratch`, its escapes undone; returns its length. */
  unescape(block: RecordBlock, field: number): number {
    const size = block.fieldEnds[field]! - block.fieldStarts[field]!;
    if (size > this.scratch.length) this.scratch = Buffer.allocUnsafe(size * 2);
    if ((block.fieldFlags[field]! & FIELD_ESCAPED) !== 0) return unescapeField(block, field, this.#quote, this.scratch);
    return block.bytes.copy(this.scratch, 0, block.fieldStarts[field]!, block.fieldEnds[field]!);
  }
}
