import { type ByteMeanings, ORDINARY, TAB } from "./byte-meanings.ts";
import type { Marks, ScanLimits } from "./dialect.ts";
import { CR, isBlank, LF } from "./line-ends.ts";
import { findMarks, foundMarks, type MarkClasses, marksOf, STRETCH_BYTES } from "./mark-index.ts";
import { FIELD_ESCAPED, FIELD_QUOTED, type RecordBlock } from "./record-block.ts";

/** What follows the last mark that has been found: greater than every position. */
const NO_MARK = 0x7fffffff;

/** How many lines ended with LF, with CR, with both, outside quotes. */
export interface LineEnds {
  lf: number;
  cr: number;
  crlf: number;
}

/**
 * The fast path of the scan: reads record after record as long as each stands on one line, its fields without quotes or
 * properly in quotes, and within all limits. It goes from mark to mark (mark-index.ts) and looks at no byte between them.
 * The first record that is not so is left, untouched, to the scanner, which reads it byte by byte.
 */
export class PlainRecords {
  /** Where the next record begins, and its line relative to the block's. */
  at = 0;
  line = 0;
  /** How many records and fields of the block are filled. */
  count = 0;
  fields = 0;
  readonly #delimiter: number;
  readonly #quote: number;
  /** A quote inside quotes is written twice. */
  readonly #isDoubled: boolean;
  /** Bytes with which a record may begin that is none. */
  readonly #passedFirst: Uint8Array;
  readonly #columns: number;
  /** A record of so many bytes has no field that is too long. */
  readonly #mostBytes: number;
  readonly #lineEnds: LineEnds;
  readonly #marks: MarkClasses;
  /** No mark that is still to come lies before `foundMarks[#mark]`. */
  #mark = 0;
  /** Where the search that filled `foundMarks` began, and where it ended. */
  #searchedFrom = -1;
  #searchedTo = -1;

  constructor(
    marks: Marks,
    { columns, recordBytes, fieldBytes }: ScanLimits,
    { plain, inQuotes, delimiter, quote }: ByteMeanings,
    passedFirst: Uint8Array,
    lineEnds: LineEnds,
  ) {
    this.#delimiter = delimiter;
    this.#quote = quote;
    this.#isDoubled = marks.escape !== "backslash";
    this.#passedFirst = passedFirst;
    this.#columns = columns;
    this.#mostBytes = Math.min(recordBytes, fieldBytes);
    this.#lineEnds = lineEnds;
    this.#marks = marksOf([...plain.keys()].filter((byte) => plain[byte] !== ORDINARY || inQuotes[byte] !== ORDINARY));
  }

  /** Begins at the first record of a block. */
  begin(at: number, line: number): void {
    this.at = at;
    this.line = line;
    this.count = 0;
    this.fields = 0;
    this.#mark = 0;
    // Other scanners have searched since.
    this.#searchedFrom = -1;
    this.#searchedTo = -1;
    foundMarks[0] = NO_MARK;
  }

  /** Reads on from `at`, to the first record that is not plain, the end of the bytes at `to`, or the block's. */
  read(block: RecordBlock, bytes: Buffer, to: number): void {
    const { starts, ends, nexts, lines, firstFields, faulty, fieldStarts, fieldEnds, fieldFlags } = block;
    const { maxRecords, maxFields } = block;
    const found = foundMarks;
    const delimiter = this.#delimiter;
    const quote = this.#quote;
    const isDoubled = this.#isDoubled;
    const columns = this.#columns;
    const mostBytes = this.#mostBytes;
    const passedFirst = this.#passedFirst;
    const lineEnds = this.#lineEnds;
    let { at, line, count, fields } = this;
    let first = this.#mark;

    records: while (at < to && count < maxRecords && fields < maxFields && passedFirst[bytes[at]!] === 0) {
      while (found[first]! < at) first += 1;
      const mostFields = fields + columns;
      let m = first;
      let field = fields;
      let start = at;
      let position = found[m]!;
      let c = 0;
      for (;;) {
        if (position === NO_MARK) {
          if (!this.#search(bytes, at, to)) break records;
          first = 0;
          continue records;
        }
        c = bytes[position]!;
        let end = position;
        let flags = 0;
        if (c === quote && position === start) {
          start += 1;
          flags = FIELD_QUOTED;
          for (;;) {
            end = found[++m]!;
            if (end === NO_MARK) break;
            c = bytes[end]!;
            if (c === delimiter) continue;
            if (c !== quote) break records;
            if (found[m + 1] !== end + 1) break;
            if (bytes[end + 1] !== quote || !isDoubled) break;
            flags = FIELD_QUOTED | FIELD_ESCAPED;
            m += 1;
          }
          position = end === NO_MARK ? NO_MARK : found[++m]!;
          if (position === NO_MARK) continue;
          if (position !== end + 1) break records;
          c = bytes[position]!;
          if (delimiter === TAB) block.hasInnerBreaks = true;
        }
        if (field === mostFields || (c !== delimiter && c !== LF && c !== CR)) break records;
        fieldStarts[field] = start;
        fieldEnds[field] = end;
        fieldFlags[field] = flags;
        field += 1;
        if (c !== delimiter) break;
        start = position + 1;
        position = found[++m]!;
      }
      // The line end at `to` is the sentinel; a carriage return before it may be the first half of a pair.
      if (position >= to || (c === CR && position + 1 === to) || position - at > mostBytes) break;
      if (field - fields === 1 && isBlank(bytes, at, position)) break;
      let next = position + 1;
      if (c === LF) {
        lineEnds.lf += 1;
      } else if (bytes[next] === LF) {
        lineEnds.crlf += 1;
        next += 1;
      } else {
        lineEnds.cr += 1;
      }
      starts[count] = at;
      ends[count] = position;
      nexts[count] = next;
      lines[count] = line;
      faulty[count] = 0;
      count += 1;
      fields = field;
      firstFields[count] = fields;
      line += 1;
      at = next;
      first = m + 1;
    }
    this.at = at;
    this.line = line;
    this.count = count;
    this.fields = fields;
    this.#mark = first;
  }

  /** Finds the marks from a record's start on. False when that was done, and the record is longer than a search reaches. */
  #search(bytes: Buffer, from: number, to: number): boolean {
    if (from === this.#searchedFrom || this.#searchedTo > to) return false;
    const end = Math.min(from + STRETCH_BYTES, to + 1);
    foundMarks[findMarks(this.#marks, bytes, from, end)] = NO_MARK;
    this.#searchedFrom = from;
    this.#searchedTo = end;
    return true;
  }
}
