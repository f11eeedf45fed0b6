import type { Dialect, ScanPlan } from "../scan/dialect.ts";
import { encodeText } from "../scan/encoding.ts";
import { recordTexts } from "../scan/field-text.ts";
import { FIELD_QUOTED, faultsOf, RecordBlock } from "../scan/record-block.ts";
import { Scanner } from "../scan/scanner.ts";

/** A record's new bytes, without a line end; or why there are none. */
export type Written = { bytes: Buffer } | { fault: "not_encodable"; column: number } | { fault: "not_writable" };

/** Where a field stands in its record, its quotes included. */
interface Span {
  start: number;
  end: number;
  isQuoted: boolean;
}

/** What a character is that could not be decoded: nobody knows which bytes it stands for. */
const LOST = "\ufffd";

/**
 * Writes a record in the dialect of the file that it belongs to. What is written is read again before it counts, with the
 * scanner that all later stages use: one record, with just these cells.
 */
export class RecordWriter {
  readonly #plan: ScanPlan;
  readonly #scanner: Scanner;
  #block: RecordBlock;
  #bytes = Buffer.alloc(FIRST_BYTES);

  constructor(plan: ScanPlan) {
    this.#plan = plan;
    this.#scanner = new Scanner(plan.dialect, plan.limits);
    this.#block = new RecordBlock(plan.limits.columns, FIRST_BYTES, MOST_RECORDS);
  }

  /** Writes all cells anew. */
  fromCells(cells: readonly string[]): Written {
    const { dialect } = this.#plan;
    const column = cells.findIndex((cell) => encodeText(cell, dialect.encoding) === undefined);
    if (column !== -1) return { fault: "not_encodable", column };
    for (const quoteAll of [dialect.quoteAll, true]) {
      const text = cells.map((cell) => cellText(cell, dialect, quoteAll)).join(dialect.delimiter);
      const bytes = encodeText(text, dialect.encoding)!;
      if (this.#reads(bytes, cells, true)) return { bytes };
    }
    return { fault: "not_writable" };
  }

  /**
   * Writes some cells into the record's own bytes; every other byte stays. A record that has fewer cells is made as long as it
   * takes. A broken one, whose other cells would be cut otherwise by this, is written anew with the cells that it shows.
   * @param cells by their places, from 0.
   */
  intoRecord(block: RecordBlock, r: number, cells: ReadonlyMap<number, string>): Written {
    const { dialect } = this.#plan;
    const isSound = block.faulty[r] === 0;
    const isWhole = isSound || faultsOf(block, r).every(({ code }) => code !== "columns_too_many");
    const own = recordTexts(block, r, dialect.encoding, dialect.quote);
    const columns = [...cells.keys()].sort((a, b) => a - b);
    const width = Math.max(own.length, (columns.at(-1) ?? -1) + 1);
    const expected = Array.from({ length: width }, (_, column) => cells.get(column) ?? own[column] ?? "");
    for (const quoteAll of [dialect.quoteAll, true]) {
      const parts: Buffer[] = [];
      let from = block.starts[r]!;
      let length = own.length;
      for (const column of columns) {
        const span = column < own.length ? spanOf(block, r, column, isSound || !isWhole ? null : dialect) : undefined;
        const { start, end, isQuoted } = span ?? { start: block.ends[r]!, end: block.ends[r]!, isQuoted: false };
        const bytes = encodeText(cellText(cells.get(column)!, dialect, quoteAll || isQuoted), dialect.encoding);
        if (bytes === undefined) return { fault: "not_encodable", column };
        parts.push(block.bytes.subarray(from, start));
        if (span === undefined) {
          parts.push(Buffer.from(dialect.delimiter.repeat(column + 1 - length)));
          length = column + 1;
        }
        parts.push(bytes);
        from = end;
      }
      parts.push(block.bytes.subarray(from, block.ends[r]!));
      const bytes = Buffer.concat(parts);
      if (this.#reads(bytes, expected, isSound)) return { bytes };
    }
    const isLost = own.some((text, column) => !cells.has(column) && text.includes(LOST));
    return isSound || !isWhole || isLost ? { fault: "not_writable" } : this.fromCells(expected);
  }

  /** Takes a text as the record itself, where it is one. */
  fromRaw(text: string): Written {
    const bytes = encodeText(text, this.#plan.dialect.encoding);
    if (bytes === undefined) return { fault: "not_encodable", column: -1 };
    return this.#read(bytes, true) === undefined ? { fault: "not_writable" } : { bytes };
  }

  #reads(bytes: Buffer, cells: readonly string[], isSound: boolean): boolean {
    const read = this.#read(bytes, isSound);
    return read !== undefined && read.length === cells.length && read.every((cell, column) => cell === cells[column]);
  }

  /** The cells of bytes that are one record, and, where wanted, a sound one; else undefined. */
  #read(bytes: Buffer, isSound: boolean): string[] | undefined {
    const { dialect, limits } = this.#plan;
    if (bytes.length + 1 > this.#bytes.length) {
      this.#bytes = Buffer.alloc(bytes.length * 2);
      this.#block = new RecordBlock(limits.columns, this.#bytes.length, MOST_RECORDS);
    }
    bytes.copy(this.#bytes);
    const block = this.#block;
    this.#scanner.scan(block, this.#bytes, 0, bytes.length, true);
    const isOne = block.count === 1 && block.starts[0] === 0 && block.ends[0] === bytes.length;
    if (!isOne || (isSound && block.faulty[0] !== 0)) return undefined;
    return recordTexts(block, 0, dialect.encoding, dialect.quote);
  }
}

/** For the bytes that are read again; a longer record takes more. */
const FIRST_BYTES = 4_096;
/** A second one shows that the first is not alone. */
const MOST_RECORDS = 2;

/**
 * Where a field stands, its quotes included.
 * @param dialect of a broken record: all between the delimiters is the field's, what stands round its quotes included.
 */
function spanOf(block: RecordBlock, r: number, column: number, dialect: Dialect | null): Span {
  const field = block.firstFields[r]! + column;
  const isQuoted = (block.fieldFlags[field]! & FIELD_QUOTED) !== 0;
  const quote = isQuoted ? 1 : 0;
  const isLast = field + 1 === block.firstFields[r + 1]!;
  if (dialect === null) {
    return { start: block.fieldStarts[field]! - quote, end: block.fieldEnds[field]! + quote, isQuoted };
  }
  const end = isLast ? block.ends[r]! : startOf(block, r, field + 1, dialect) - 1;
  return { start: startOf(block, r, field, dialect), end, isQuoted };
}

/** Where a field begins, right after the delimiter before it. */
function startOf(block: RecordBlock, r: number, field: number, { delimiter }: Dialect): number {
  if (field === block.firstFields[r]) return block.starts[r]!;
  const parts = delimiter.charCodeAt(0);
  let at = block.fieldStarts[field]!;
  while (block.bytes[at - 1] !== parts) at -= 1;
  return at;
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
