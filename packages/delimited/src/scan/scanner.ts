import { BREAK, type ByteMeanings, byteMeanings, ORDINARY, QUOTE, TAB } from "./byte-meanings.ts";
import type { Marks, ScanLimits } from "./dialect.ts";
import { FaultLog } from "./fault-log.ts";
import { FieldReader } from "./field-reader.ts";
import { CR, countLineEnds, findLineEnd, isBlank, LF } from "./line-ends.ts";
import { COMMENT_LINE, PassedLine, TRAILER_LINE } from "./passed-line.ts";
import { type LineEnds, PlainRecords } from "./plain-records.ts";
import { INCOMPLETE } from "./quoted-field.ts";
import { FIELD_QUOTED, type RecordBlock } from "./record-block.ts";

export { countLineEnds } from "./line-ends.ts";

/**
 * Finds records and fields in bytes: RFC 4180 with any of LF, CRLF and CR as line end, and the other ways of the dialect.
 * What it finds does not depend on how the bytes are cut.
 *
 * Strict, it names a fault instead of guessing where the file breaks the rules, and goes on where a person would: at the
 * next cell or, when a quote was never closed, at the line after the one on which it opened. Tolerant, it reads such a cell
 * as a spreadsheet would: a quote inside a value is part of it, text after a closing quote is appended, spaces round quotes
 * do not matter, and a quote that is never closed is part of its value, so that no later record is swallowed.
 */
export class Scanner {
  readonly #limits: ScanLimits;
  readonly #meanings: ByteMeanings;
  readonly #faults: FaultLog;
  readonly #field: FieldReader;
  readonly #passed: PassedLine;
  readonly #trims: boolean;
  /** Inside the rest of an over-long record, or comment, whose start has been handed on already. */
  #skipping: "record" | "comment" | null = null;
  readonly lineEnds: LineEnds = { lf: 0, cr: 0, crlf: 0 };
  readonly #plain: PlainRecords;

  constructor(marks: Marks, limits: ScanLimits) {
    this.#limits = limits;
    this.#meanings = byteMeanings(marks);
    this.#faults = new FaultLog(marks, limits);
    this.#field = new FieldReader(marks, limits, this.#meanings, this.#faults);
    this.#passed = new PassedLine(marks);
    this.#trims = marks.trimSpaces ?? false;
    this.#plain = new PlainRecords(marks, limits, this.#meanings, this.#passed.first, this.lineEnds);
  }

  /**
   * Fills `block` with the whole records of `bytes` from `from` to `to`; `final` says that the file ends there. The byte at
   * `to` must exist and is overwritten by a sentinel. `block.to` tells how far it came: what is left is an unfinished
   * record, or more than a block holds, and must be given again.
   * @returns the number of physical lines passed, those inside quotes included.
   */
  scan(block: RecordBlock, bytes: Buffer, from: number, to: number, final: boolean): number {
    bytes[to] = LF;
    block.begin(bytes, from);
    if (this.#skipping === null) return this.#scanRecords(block, bytes, from, to, final, 0);
    const isRecord = this.#skipping === "record";
    const start = this.#skipLine(block, bytes, from, to, final, this.#skipping);
    if (isRecord) block.from = start;
    return this.#skipping !== null ? 0 : this.#scanRecords(block, bytes, start, to, final, 1);
  }

  #scanRecords(block: RecordBlock, bytes: Buffer, from: number, to: number, final: boolean, passed: number): number {
    const { starts, ends, nexts, lines, firstFields, faulty, fieldStarts, fieldEnds, fieldFlags } = block;
    const { maxRecords, maxFields } = block;
    const { recordBytes, fieldBytes, columns } = this.#limits;
    const { plain, opening, inQuotes, delimiter } = this.#meanings;
    const passedFirst = this.#passed.first;
    const trims = this.#trims;
    const field = this.#field;
    let i = from;
    let line = passed;
    let count = 0;
    let fields = 0;
    firstFields[0] = 0;
    const plainRecords = this.#plain;
    plainRecords.begin(from, passed);

    for (;;) {
      if (!trims) {
        plainRecords.at = i;
        plainRecords.line = line;
        plainRecords.count = count;
        plainRecords.fields = fields;
        plainRecords.read(block, bytes, to);
        ({ at: i, line, count, fields } = plainRecords);
      }
      if (i >= to || count >= maxRecords || fields >= maxFields) break;
      const recordStart = i;
      const recordLimit = recordStart + recordBytes;
      const recordLine = line;
      const firstField = fields;
      let isTrailer = false;
      let complete = true;
      let c = bytes[i]!;
      faulty[count] = 0;

      if (passedFirst[c] === 1) {
        const kind = this.#passed.kindAt(bytes, i, to, final);
        if (kind === INCOMPLETE) break;
        if (kind === COMMENT_LINE) {
          const next = this.#passComment(block, bytes, i, to, final, recordLine);
          if (next === INCOMPLETE) break;
          i = next;
          if (this.#skipping !== null) break;
          line += 1;
          continue;
        }
        isTrailer = kind === TRAILER_LINE;
      }

      // One turn per field; ends with `i` on the record's line end (or on the sentinel), or past `recordLimit`.
      for (;;) {
        let start = i;
        let end = -1;
        let flags = 0;
        c = bytes[i]!;
        if (opening[c] === ORDINARY) {
          while (plain[c] === ORDINARY) c = bytes[++i]!;
          if (plain[c] === BREAK) end = trims ? field.trimEnd(bytes, start, i) : i;
        } else if (opening[c] === QUOTE) {
          let close = i;
          do c = bytes[++close]!;
          while (inQuotes[c] === ORDINARY);
          const isWithin = close - start <= fieldBytes && close <= recordLimit && close + 1 < to;
          if (inQuotes[c] === QUOTE && isWithin && plain[bytes[close + 1]!] === BREAK) {
            if (delimiter === TAB) block.hasInnerBreaks = true;
            start += 1;
            end = close;
            flags = FIELD_QUOTED;
            i = close + 1;
            c = bytes[i]!;
          }
        }
        if (end === -1) {
          const next = field.read(block, count, fields - firstField, start, i, to, final, recordLimit);
          if (next === INCOMPLETE) {
            complete = false;
            break;
          }
          i = next;
          start = field.start;
          end = field.end;
          flags = field.flags;
          line += field.lines;
          c = bytes[i]!;
        }
        if (i > recordLimit) break;
        if (i === to && !final) {
          complete = false;
          break;
        }
        if (end - start > fieldBytes) this.#faults.note(block, count, "field_too_long", start, fields - firstField);
        if (fields - firstField < columns) {
          fieldStarts[fields] = start;
          fieldEnds[fields] = end;
          fieldFlags[fields] = flags;
          fields += 1;
        } else {
          this.#faults.note(block, count, "columns_too_many", start, columns);
        }
        if (c !== delimiter) break;
        i += 1;
      }

      // A carriage return at the very end may be the first half of a pair.
      if (complete && i <= recordLimit && c === CR && i + 1 === to && !final) complete = false;
      if (!complete) {
        this.#faults.drop(block, count);
        i = recordStart;
        line = recordLine;
        break;
      }
      starts[count] = recordStart;
      lines[count] = recordLine;
      if (i > recordLimit) {
        // What an over-long record holds is not looked at; the next record begins on the next line.
        this.#faults.drop(block, count);
        this.#faults.note(block, count, "record_too_long", recordStart, -1);
        fields = firstField;
        ends[count] = recordLimit;
        i = this.#skipLine(block, bytes, recordLimit, to, final, "record");
        line = recordLine + countLineEnds(bytes, recordStart, recordLimit) + (this.#skipping === null ? 1 : 0);
        nexts[count] = i;
        firstFields[++count] = fields;
        if (this.#skipping !== null) break;
        continue;
      }
      ends[count] = i;
      if (i < to) i = this.#passLineEnd(bytes, i, to);
      line += 1;
      if (isTrailer) {
        this.#noteTrailer(block, count, firstField, fields);
        fields = firstField;
        continue;
      }
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

  /** Goes past a comment; INCOMPLETE when its end is not there yet, but for one that is longer than a record may be. */
  #passComment(block: RecordBlock, bytes: Buffer, from: number, to: number, final: boolean, line: number): number {
    const end = findLineEnd(bytes, from, to);
    const isWhole = final || (end < to && (bytes[end] === LF || end + 1 < to));
    if (!isWhole && to - from <= this.#limits.recordBytes) return INCOMPLETE;
    if (block.commentLines === 0) block.firstCommentLine = line;
    block.commentLines += 1;
    if (isWhole) return end === to ? end : this.#passLineEnd(bytes, end, to);
    this.#skipping = "comment";
    return end;
  }

  #noteTrailer(block: RecordBlock, record: number, firstField: number, lastField: number): void {
    const { fieldStarts, fieldEnds, fieldFlags } = block;
    const fields = [];
    for (let field = firstField; field < lastField; field += 1) {
      fields.push({ start: fieldStarts[field]!, end: fieldEnds[field]!, flags: fieldFlags[field]! });
    }
    const faults = this.#faults.drop(block, record).map((fault) => ({ ...fault, record: -1 }));
    block.lastTrailer = {
      start: block.starts[record]!,
      end: block.ends[record]!,
      line: block.lines[record]!,
      recordsBefore: record,
      fields,
      faults,
    };
    block.firstTrailer ??= block.lastTrailer;
    block.trailerLines += 1;
  }

  /** Goes past the line end at `at`, and counts it. */
  #passLineEnd(bytes: Buffer, at: number, to: number): number {
    if (bytes[at] === LF) {
      this.lineEnds.lf += 1;
      return at + 1;
    }
    if (at + 1 < to && bytes[at + 1] === LF) {
      this.lineEnds.crlf += 1;
      return at + 2;
    }
    this.lineEnds.cr += 1;
    return at + 1;
  }

  /** Goes past the next line end, or stays in what is over-long when none is there. Returns where it came to. */
  #skipLine(
    block: RecordBlock,
    bytes: Buffer,
    from: number,
    to: number,
    final: boolean,
    what: "record" | "comment",
  ): number {
    const end = findLineEnd(bytes, from, to);
    block.to = end;
    this.#skipping = !final && (end === to || (bytes[end] === CR && end + 1 === to)) ? what : null;
    return this.#skipping !== null || end === to ? end : this.#passLineEnd(bytes, end, to);
  }
}
