import type { Dialect, ScanPlan } from "../scan/dialect.ts";
import { encodeText } from "../scan/encoding.ts";
import { recordTexts } from "../scan/field-text.ts";
import { FIELD_QUOTED, RecordBlock } from "../scan/record-block.ts";
import { Scanner } from "../scan/scanner.ts";

/** A record's new bytes, without a line end; or why there are none. */
export type Written = { bytes: Buffer } | { fault: "not_encodable"; column: number } | { fault: "not_writable" };

/** Where a field stands in its record, its quotes included. */
interface Span {
  start: number;
  end: number;
  isQuoted: boolean;
}

/**
 * Writes a record in the dialect of the file that it belongs to. What is written is read again before it counts, with the
 * scanner that all later stages use: one record, with just these cells.
 */
export class RecordWriter {
  readonly #plan: ScanPlan;

  constructor(plan: ScanPlan) {
    this.#plan = plan;
  }

  /** Writes all cells anew. */
  fromCells(cells: readonly string[]): Written {
    const { dialect } = this.#plan;
    const column = cells.findIndex((cell) => encodeText(cell, dialect.encoding) === undefined);
    if (column !== -1) return { fault: "not_encodable", column };
    for (const quoteAll of [dialect.quoteAll, true]) {
      const text = cells.map((cell) => cellText(cell, dialect, quoteAll)).join(dialect.delimiter);
      const bytes = encodeText(text, dialect.encoding)!;
      if (this.#reads(bytes, cells)) return { bytes };
    }
    return { fault: "not_writable" };
  }

  /** Writes the cells that are not null into the record's own bytes; every other byte stays. */
  intoRecord(block: RecordBlock, r: number, cells: readonly (string | null)[]): Written {
    const first = block.firstFields[r]!;
    const { dialect } = this.#plan;
    for (const quoteAll of [dialect.quoteAll, true]) {
      const parts: Buffer[] = [];
      let from = block.starts[r]!;
      for (const [column, cell] of cells.entries()) {
        if (cell === null) continue;
        const { start, end, isQuoted } = spanOf(block, first + column);
        const bytes = encodeText(cellText(cell, dialect, quoteAll || isQuoted), dialect.encoding);
        if (bytes === undefined) return { fault: "not_encodable", column };
        parts.push(Buffer.from(block.bytes.subarray(from, start)), bytes);
        from = end;
      }
      parts.push(Buffer.from(block.bytes.subarray(from, block.ends[r]!)));
      const bytes = Buffer.concat(parts);
      const texts = recordTexts(block, r, dialect.encoding, dialect.quote);
      if (
        this.#reads(
          bytes,
          cells.map((cell, column) => cell ?? texts[column] ?? ""),
        )
      )
        return { bytes };
    }
    return { fault: "not_writable" };
  }

  /** Takes a text as the record itself, where it is one. */
  fromRaw(text: string): Written {
    const bytes = encodeText(text, this.#plan.dialect.encoding);
    if (bytes === undefined) return { fault: "not_encodable", column: -1 };
    return this.#read(bytes) === undefined ? { fault: "not_writable" } : { bytes };
  }

  #reads(bytes: Buffer, cells: readonly string[]): boolean {
    const read = this.#read(bytes);
    return read !== undefined && read.length === cells.length && read.every((cell, column) => cell === cells[column]);
  }

  /** The cells of bytes that are one sound record; else undefined. */
  #read(bytes: Buffer): string[] | undefined {
    const { dialect, limits } = this.#plan;
    const block = new RecordBlock(limits.columns, bytes.length + 1);
    const padded = Buffer.concat([bytes, SENTINEL]);
    new Scanner(dialect, limits).scan(block, padded, 0, bytes.length, true);
    const isOne = block.count === 1 && block.faulty[0] === 0 && block.starts[0] === 0 && block.ends[0] === bytes.length;
    return isOne ? recordTexts(block, 0, dialect.encoding, dialect.quote) : undefined;
  }
}

const SENTINEL = Buffer.alloc(1);

function spanOf(block: RecordBlock, field: number): Span {
  const isQuoted = (block.fieldFlags[field]! & FIELD_QUOTED) !== 0;
  const quote = isQuoted ? 1 : 0;
  return { start: block.fieldStarts[field]! - quote, end: block.fieldEnds[field]! + quote, isQuoted };
}

/** A cell as the dialect writes it. */
function cellText(text: string, dialect: Dialect, isQuoted: boolean): string {
  const { delimiter, quote } = dialect;
  const isBackslashed = dialect.escape === "backslash";
  if (quote === null) return isBackslashed ? backslashed(text, delimiter) : text;
  if (!isQuoted && !text.includes(delimiter) && !text.includes(quote) && !/[\r\n]/.test(text)) return text;
  const inner = isBackslashed
    ? text.replace(/\\/g, "\\\\").replaceAll(quote, `\\${quote}`)
    : text.replaceAll(quote, quote + quote);
  return quote + inner + quote;
}

/** As PostgreSQL's and MySQL's text dumps write it. */
function backslashed(text: string, delimiter: string): string {
  const plain = text.replace(/\\/g, "\\\\").replace(/\n/g, "\\n").replace(/\r/g, "\\r");
  return delimiter === "\t" ? plain.replace(/\t/g, "\\t") : plain.replaceAll(delimiter, `\\${delimiter}`);
}
