import type { Dialect } from "../scan/dialect.ts";
import { unescapeField } from "../scan/field-text.ts";
import { FIELD_ESCAPED, type RecordBlock } from "../scan/record-block.ts";

/** Finds a field's content as one stretch of bytes: the block's own, or a copy with its escapes undone. */
export class FieldContent {
  readonly #quote: number;
  #unescaped: Buffer = Buffer.allocUnsafe(1024);
  /** Where the content of the field that was located last is; good until the next one is. */
  bytes: Buffer = this.#unescaped;
  start = 0;
  end = 0;

  constructor({ quote }: Pick<Dialect, "quote">) {
    this.#quote = quote?.charCodeAt(0) ?? -1;
  }

  /** Locates a field's content. */
  locate(block: RecordBlock, field: number): void {
    const start = block.fieldStarts[field]!;
    const end = block.fieldEnds[field]!;
    if ((block.fieldFlags[field]! & FIELD_ESCAPED) === 0) {
      this.bytes = block.bytes;
      this.start = start;
      this.end = end;
      return;
    }
    if (end - start > this.#unescaped.length) this.#unescaped = Buffer.allocUnsafe((end - start) * 2);
    this.bytes = this.#unescaped;
    this.start = 0;
    this.end = unescapeField(block, field, this.#quote, this.#unescaped);
  }

  /** Locates the content of a field that is not there: it is empty. */
  locateNothing(): void {
    this.start = 0;
    this.end = 0;
  }
}
