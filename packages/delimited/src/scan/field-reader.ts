import { BREAK, type ByteMeanings, ESCAPE, NUL, ORDINARY, SPACE, TAB } from "./byte-meanings.ts";
import type { Marks, ScanLimits } from "./dialect.ts";
import type { FaultLog } from "./fault-log.ts";
import { CR, findLineEnd, LF } from "./line-ends.ts";
import { INCOMPLETE, QuotedField, UNCLOSED } from "./quoted-field.ts";
import { type FaultCode, FIELD_BACKSLASH, FIELD_ESCAPED, type RecordBlock } from "./record-block.ts";

/** The answer of `#readQuotedField`: these quotes do not enclose a field. */
const NOT_QUOTED = -3;

/** Reads the fields that are neither plain nor plainly quoted: with escapes, with spaces round them, with faults. */
export class FieldReader {
  readonly #meanings: ByteMeanings;
  readonly #faults: FaultLog;
  readonly #quoted: QuotedField;
  readonly #trims: boolean;
  readonly #isTolerant: boolean;
  /** The flags of a field whose escapes have to be undone. */
  readonly #escaped: number;
  /** The field that was read last: where its content begins and ends, its flags, its line ends. */
  start = 0;
  end = 0;
  flags = 0;
  lines = 0;

  constructor(marks: Marks, limits: ScanLimits, meanings: ByteMeanings, faults: FaultLog) {
    this.#meanings = meanings;
    this.#faults = faults;
    this.#quoted = new QuotedField(meanings, limits);
    this.#trims = marks.trimSpaces ?? false;
    this.#isTolerant = marks.reading === "tolerant";
    this.#escaped = FIELD_ESCAPED | (marks.escape === "backslash" ? FIELD_BACKSLASH : 0);
  }

  /**
   * Reads a field that holds more than plain bytes: it begins at `start`, and all up to `at` is plain. Leaves what it finds
   * in `start`, `end`, `flags` and `lines`. Returns where the field's delimiter or line end is, or INCOMPLETE.
   */
  read(
    block: RecordBlock,
    record: number,
    field: number,
    start: number,
    at: number,
    to: number,
    final: boolean,
    recordLimit: number,
  ): number {
    const { bytes } = block;
    const { opening, quote } = this.#meanings;
    this.start = start;
    this.flags = 0;
    this.lines = 0;
    let i = at;
    if (at === start) {
      while (opening[bytes[i]!] === SPACE) i += 1;
      if (bytes[i] === quote) {
        const end = this.#readQuotedField(block, record, field, start, i, to, final, recordLimit);
        if (end !== NOT_QUOTED) return end;
      } else if (this.#trims) this.start = i;
    }
    return this.#readPlainField(block, record, field, i, to, final, recordLimit, "quote_stray");
  }

  /** Reads a field whose quote opens at `open`, with nothing but spaces before it. */
  #readQuotedField(
    block: RecordBlock,
    record: number,
    field: number,
    start: number,
    open: number,
    to: number,
    final: boolean,
    recordLimit: number,
  ): number {
    const { bytes } = block;
    const { opening, plain, delimiter } = this.#meanings;
    const quoted = this.#quoted;
    const isSpaced = open > start && !this.#trims;
    const close = quoted.close(bytes, open, to, final, recordLimit);
    if (close === INCOMPLETE) return INCOMPLETE;
    if (close === UNCLOSED) {
      if (isSpaced) return NOT_QUOTED;
      this.#faults.note(block, record, "quote_unclosed", open, field);
      this.start = open;
      if (this.#isTolerant) {
        return this.#readPlainField(block, record, field, open + 1, to, final, recordLimit, null);
      }
      this.end = findLineEnd(bytes, open, to);
      return this.end;
    }
    const after = close + 1;
    let i = after;
    while (opening[bytes[i]!] === SPACE) i += 1;
    const isClosed = plain[bytes[i]!] === BREAK;
    if (!isClosed && isSpaced) return NOT_QUOTED;
    if (quoted.nulAt !== -1) this.#faults.note(block, record, "nul_byte", quoted.nulAt, field);
    this.lines = quoted.lines;
    if (quoted.lines > 0 || delimiter === TAB) block.hasInnerBreaks = true;
    if (isClosed) {
      if (isSpaced || (i > after && !this.#trims)) {
        this.#faults.note(block, record, "spaces_round_quotes", isSpaced ? start : after, field);
      }
      this.start = open + 1;
      this.end = close;
      this.flags = quoted.flags;
      return i;
    }
    this.#faults.note(block, record, "text_after_quote", after, field);
    this.start = open;
    const end = this.#readPlainField(block, record, field, after, to, final, recordLimit, null);
    if (this.#isTolerant) {
      this.start = open + 1;
      this.flags = quoted.flags | this.#escaped;
    }
    return end;
  }

  /**
   * Reads on from `at` to the end of a field that is not, or no longer, in quotes.
   * @param atQuote the fault that a quote is; null: none, because the field has a worse one already.
   */
  #readPlainField(
    block: RecordBlock,
    record: number,
    field: number,
    at: number,
    to: number,
    final: boolean,
    recordLimit: number,
    atQuote: FaultCode | null,
  ): number {
    const { bytes } = block;
    const { plain } = this.#meanings;
    let i = at;
    let escapedTo = this.start;
    for (;;) {
      while (plain[bytes[i]!] === ORDINARY) i += 1;
      const meaning = plain[bytes[i]!];
      if (meaning === BREAK) break;
      if (meaning === ESCAPE) {
        const next = passEscape(bytes, i, to, final || i > recordLimit);
        if (next === INCOMPLETE) return INCOMPLETE;
        this.flags = this.#escaped;
        if (bytes[next - 1] === LF || bytes[next - 1] === CR) {
          this.lines += 1;
          block.hasInnerBreaks = true;
        }
        i = next;
        escapedTo = next;
        continue;
      }
      if (meaning === NUL) this.#faults.note(block, record, "nul_byte", i, field);
      else if (atQuote !== null) this.#faults.note(block, record, atQuote, i, field);
      i += 1;
    }
    this.end = this.#trims ? this.trimEnd(bytes, escapedTo, i) : i;
    return i;
  }

  /** Where a field ends without the spaces at its end. */
  trimEnd(bytes: Buffer, start: number, end: number): number {
    const { opening } = this.#meanings;
    let i = end;
    while (i > start && opening[bytes[i - 1]!] === SPACE) i -= 1;
    return i;
  }
}

/**
 * The position after an escape without quotes that begins at `at`. A line end of CR and LF is escaped as one. A NUL byte is
 * not escaped, nor is the end of the file: the backslash is then left for itself.
 */
function passEscape(bytes: Buffer, at: number, to: number, final: boolean): number {
  const next = at + 1;
  if (next >= to) return final ? next : INCOMPLETE;
  if (bytes[next] === 0) return next;
  if (bytes[next] !== CR) return next + 1;
  if (next + 1 >= to) return final ? next + 1 : INCOMPLETE;
  return bytes[next + 1] === LF ? next + 2 : next + 1;
}
