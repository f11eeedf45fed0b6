import type { Marks, ScanLimits } from "./dialect.ts";
import { type FaultCode, FIELD_ESCAPED, FIELD_QUOTED, type RecordBlock } from "./record-block.ts";

const LF = 10;
const CR = 13;
const TAB = 9;

/** What a byte means to the scanner. */
const ORDINARY = 0;
/** A delimiter or a line end; inside quotes a line end. */
const BREAK = 1;
const QUOTE = 2;
const NUL = 3;

/** The answers of `#closeQuote` that are no positions. */
const INCOMPLETE = -1;
const UNCLOSED = -2;

/**
 * Finds records and fields in bytes. Strict RFC 4180 with any of LF, CRLF and CR as line end, and with a fault instead of a
 * guess where the file breaks the rules. After a fault it goes on where a person would: at the next cell or, when a quote
 * was never closed, at the line after the one on which it opened. What it finds does not depend on how the bytes are cut.
 */
export class Scanner {
  readonly #quote: number;
  readonly #delimiter: number;
  readonly #limits: ScanLimits;
  readonly #meaning = new Uint8Array(256);
  readonly #meaningInQuotes = new Uint8Array(256);
  /** Inside the rest of an over-long record, whose start has been handed on already. */
  #skipping = false;
  /** Line ends inside the quoted field that was read last, and its flags. */
  #quotedLines = 0;
  #quotedFlags = 0;
  /** How many lines ended with LF, with CR, with both, outside quotes. */
  readonly lineEnds = { lf: 0, cr: 0, crlf: 0 };

  constructor(marks: Marks, limits: ScanLimits) {
    this.#delimiter = marks.delimiter.charCodeAt(0);
    this.#quote = marks.quote === null ? -1 : marks.quote.charCodeAt(0);
    this.#limits = limits;
    for (const table of [this.#meaning, this.#meaningInQuotes]) {
      table[0] = NUL;
      table[LF] = BREAK;
      table[CR] = BREAK;
      if (this.#quote !== -1) table[this.#quote] = QUOTE;
    }
    this.#meaning[this.#delimiter] = BREAK;
  }

  /**
   * Fills `block` with the whole records of `bytes` from `from` to `to`; `final` says that the file ends there. The byte at
   * `to` must exist and is overwritten by a sentinel. `block.to` tells how far it came: what is left is an unfinished
   * record, or more than a block holds, and must be given again.
   * @returns the number of physical lines passed, those inside quotes included.
   */
  scan(block: RecordBlock, bytes: Buffer, from: number, to: number, final: boolean): number {
    bytes[to] = LF;
    block.bytes = bytes;
    block.count = 0;
    block.faults = [];
    block.hasInnerBreaks = false;
    block.blankLines = 0;
    block.firstBlankLine = -1;
    block.from = from;
    if (!this.#skipping) return this.#scanRecords(block, bytes, from, to, final, 0);
    const start = this.#skipLine(block, bytes, from, to, final);
    block.from = start;
    return this.#skipping ? 0 : this.#scanRecords(block, bytes, start, to, final, 1);
  }

  #scanRecords(block: RecordBlock, bytes: Buffer, from: number, to: number, final: boolean, passed: number): number {
    const { starts, ends, nexts, lines, firstFields, faulty, fieldStarts, fieldEnds, fieldFlags } = block;
    const { maxRecords, maxFields } = block;
    const { recordBytes, fieldBytes, columns } = this.#limits;
    const meaning = this.#meaning;
    const delimiter = this.#delimiter;
    let i = from;
    let line = passed;
    let count = 0;
    let fields = 0;
    firstFields[0] = 0;

    while (i < to && count < maxRecords && fields < maxFields) {
      const recordStart = i;
      const recordLimit = recordStart + recordBytes;
      const recordLine = line;
      const firstField = fields;
      let complete = true;
      let c = 0;
      faulty[count] = 0;

      // One turn per field; ends with `i` on the record's line end (or on the sentinel), or past `recordLimit`.
      for (;;) {
        let start = i;
        let end = i;
        let flags = 0;
        c = bytes[i]!;
        if (meaning[c] !== QUOTE) {
          while (meaning[c] === ORDINARY) c = bytes[++i]!;
          while (meaning[c] !== BREAK) {
            this.#fault(block, count, meaning[c] === NUL ? "nul_byte" : "quote_stray", i, fields - firstField);
            do c = bytes[++i]!;
            while (meaning[c] === ORDINARY);
          }
          end = i;
        } else {
          const close = this.#closeQuote(block, count, fields - firstField, i, to, final, recordLimit);
          if (close === INCOMPLETE) {
            complete = false;
            break;
          }
          if (close === UNCLOSED) {
            i = findLineEnd(bytes, start, to);
            if (i === to && !final && to <= recordLimit) {
              complete = false;
              break;
            }
            this.#dropFaults(block, count, fields - firstField);
            this.#fault(block, count, "quote_unclosed", start, fields - firstField);
            end = i;
          } else {
            i = close + 1;
            line += this.#quotedLines;
            if (this.#quotedLines > 0 || delimiter === TAB) block.hasInnerBreaks = true;
            if (meaning[bytes[i]!] === BREAK) {
              flags = this.#quotedFlags;
              start += 1;
              end = close;
            } else {
              this.#fault(block, count, "text_after_quote", i, fields - firstField);
              while (meaning[bytes[i]!] !== BREAK) i += 1;
              end = i;
            }
          }
          c = bytes[i]!;
        }
        if (i > recordLimit) break;
        if (i === to && !final) {
          complete = false;
          break;
        }
        if (end - start > fieldBytes) this.#fault(block, count, "field_too_long", start, fields - firstField);
        if (fields - firstField < columns) {
          fieldStarts[fields] = start;
          fieldEnds[fields] = end;
          fieldFlags[fields] = flags;
          fields += 1;
        } else {
          this.#fault(block, count, "columns_too_many", start, columns);
        }
        if (c !== delimiter) break;
        i += 1;
      }

      // A carriage return at the very end may be the first half of a pair.
      if (complete && i <= recordLimit && c === CR && i + 1 === to && !final) complete = false;
      if (!complete) {
        this.#dropFaults(block, count, -1);
        i = recordStart;
        line = recordLine;
        break;
      }

      starts[count] = recordStart;
      lines[count] = recordLine;
      if (i > recordLimit) {
        // What an over-long record holds is not looked at; the next record begins on the next line.
        this.#dropFaults(block, count, -1);
        this.#fault(block, count, "record_too_long", recordStart, -1);
        fields = firstField;
        ends[count] = recordLimit;
        i = this.#skipLine(block, bytes, recordLimit, to, final);
        line = recordLine + countLineEnds(bytes, recordStart, recordLimit) + (this.#skipping ? 0 : 1);
        nexts[count] = i;
        firstFields[++count] = fields;
        if (this.#skipping) break;
        continue;
      }

      ends[count] = i;
      if (i < to) {
        if (c === LF) {
          this.lineEnds.lf += 1;
        } else if (i + 1 < to && bytes[i + 1] === LF) {
          this.lineEnds.crlf += 1;
          i += 1;
        } else {
          this.lineEnds.cr += 1;
        }
        i += 1;
      }
      line += 1;
      if (fields - firstField === 1 && faulty[count] === 0 && isBlank(bytes, recordStart, ends[count]!)) {
        fields = firstField;
        if (block.blankLines === 0) block.firstBlankLine = recordLine;
        block.blankLines += 1;
        continue;
      }
      nexts[count] = i;
      firstFields[++count] = fields;
    }
    block.to = i;
    block.count = count;
    return line;
  }

  /**
   * Reads the quoted field that opens at `open`. Returns its closing quote's position (with `#quotedLines` and
   * `#quotedFlags` set), INCOMPLETE when more bytes are needed to know, or UNCLOSED: no closing quote within the limits, or
   * one on a later line that is followed by text, so that it rather opens a field of its own.
   */
  #closeQuote(
    block: RecordBlock,
    record: number,
    field: number,
    open: number,
    to: number,
    final: boolean,
    recordLimit: number,
  ): number {
    const bytes = block.bytes;
    const meaning = this.#meaningInQuotes;
    const limit = Math.min(open + 1 + this.#limits.fieldBytes, recordLimit);
    let lines = 0;
    let flags = FIELD_QUOTED;
    let i = open + 1;
    for (;;) {
      let c = bytes[i]!;
      while (meaning[c] === ORDINARY) c = bytes[++i]!;
      if (i > limit) return UNCLOSED;
      if (i >= to) return final ? UNCLOSED : INCOMPLETE;
      if (meaning[c] === QUOTE) {
        if (i + 1 === to && !final) return INCOMPLETE;
        const next = bytes[i + 1]!;
        if (i + 1 === to || next !== c) {
          if (lines > 0 && this.#meaning[next] !== BREAK) return UNCLOSED;
          this.#quotedLines = lines;
          this.#quotedFlags = flags;
          return i;
        }
        flags |= FIELD_ESCAPED;
        i += 2;
      } else if (meaning[c] === NUL) {
        this.#fault(block, record, "nul_byte", i, field);
        i += 1;
      } else {
        if (c === CR && i + 1 === to && !final) return INCOMPLETE;
        if (c === CR && i + 1 < to && bytes[i + 1] === LF) i += 1;
        lines += 1;
        if (lines > this.#limits.linesInField) return UNCLOSED;
        i += 1;
      }
    }
  }

  /** Goes past the next line end, or stays in the over-long record when none is there. Returns where it came to. */
  #skipLine(block: RecordBlock, bytes: Buffer, from: number, to: number, final: boolean): number {
    const end = findLineEnd(bytes, from, to);
    block.to = end;
    this.#skipping = !final && (end === to || (bytes[end] === CR && end + 1 === to));
    if (this.#skipping || end === to) return end;
    return bytes[end] === CR && end + 1 < to && bytes[end + 1] === LF ? end + 2 : end + 1;
  }

  /** Notes a fault; once per field and kind. */
  #fault(block: RecordBlock, record: number, code: FaultCode, at: number, field: number): void {
    const last = block.faults.at(-1);
    if (last?.record === record && last.code === code && last.field === field) return;
    block.faults.push({ record, code, at, field, forgiven: false });
    block.faulty[record] = 1;
  }

  /** Forgets the faults of a record from a field on. */
  #dropFaults(block: RecordBlock, record: number, fromField: number): void {
    if (block.faulty[record] === 0) return;
    while (block.faults.length > 0) {
      const last = block.faults.at(-1)!;
      if (last.record !== record || last.field < fromField) break;
      block.faults.pop();
    }
  }
}

/** The position of the first LF or CR from `from` on, or `to`. */
function findLineEnd(bytes: Buffer, from: number, to: number): number {
  let i = from;
  while (i < to && bytes[i] !== LF && bytes[i] !== CR) i += 1;
  return i;
}

/** How many lines end between two positions; a pair counts where its LF is. */
export function countLineEnds(bytes: Uint8Array, from: number, to: number): number {
  let lines = 0;
  for (let i = from; i < to; i += 1) {
    if (bytes[i] === LF || (bytes[i] === CR && bytes[i + 1] !== LF)) lines += 1;
  }
  return lines;
}

/** Whether there is nothing but spaces and tabs. */
function isBlank(bytes: Uint8Array, from: number, to: number): boolean {
  for (let i = from; i < to; i += 1) {
    if (bytes[i] !== 0x20 && bytes[i] !== 0x09) return false;
  }
  return true;
}
