import { BACKSLASH, BREAK, type ByteMeanings, ESCAPE, ORDINARY, QUOTE, SPACE } from "./byte-meanings.ts";
import type { ScanLimits } from "./dialect.ts";
import { CR, LF } from "./line-ends.ts";
import { FIELD_BACKSLASH, FIELD_ESCAPED, FIELD_QUOTED } from "./record-block.ts";

/** Answers that are no positions: more bytes are needed to know; no closing quote that could belong to the opening one. */
export const INCOMPLETE = -1;
export const UNCLOSED = -2;

/** Looks for closing quotes. What it learns of a field on the way stays here until the next one. */
export class QuotedField {
  readonly #meanings: ByteMeanings;
  readonly #limits: ScanLimits;
  /** Line ends inside the quotes, the field's flags, and where its first NUL byte is, or -1. */
  lines = 0;
  flags = 0;
  nulAt = -1;

  constructor(meanings: ByteMeanings, limits: ScanLimits) {
    this.#meanings = meanings;
    this.#limits = limits;
  }

  /**
   * The closing quote's position for the quote that opens at `open`; INCOMPLETE; or UNCLOSED: no closing quote within the
   * limits, or one on a later line that is followed by text, so that it rather opens a field of its own.
   *
   * Linear over a whole file: from the second line on, the first quote that could open a field of its own ends the search.
   */
  close(bytes: Buffer, open: number, to: number, final: boolean, recordLimit: number): number {
    const meaning = this.#meanings.inQuotes;
    const limit = Math.min(open + 1 + this.#limits.fieldBytes, recordLimit);
    const isDoubled = meaning[BACKSLASH] !== ESCAPE;
    let lines = 0;
    let flags = FIELD_QUOTED;
    let i = open + 1;
    this.nulAt = -1;
    for (;;) {
      let c = bytes[i]!;
      while (meaning[c] === ORDINARY) c = bytes[++i]!;
      if (i > limit) return UNCLOSED;
      if (i >= to) return final ? UNCLOSED : INCOMPLETE;
      if (meaning[c] === QUOTE) {
        if (i + 1 === to && !final) return INCOMPLETE;
        if (!isDoubled || i + 1 === to || bytes[i + 1] !== c) {
          this.lines = lines;
          this.flags = flags;
          return lines === 0 ? i : this.#closeOnLaterLine(bytes, i, to, final, recordLimit);
        }
        flags |= FIELD_ESCAPED;
        i += 2;
      } else if (meaning[c] === BREAK) {
        if (c === CR && i + 1 === to && !final) return INCOMPLETE;
        if (c === CR && i + 1 < to && bytes[i + 1] === LF) i += 1;
        lines += 1;
        if (lines > this.#limits.linesInField) return UNCLOSED;
        i += 1;
      } else if (meaning[c] === ESCAPE) {
        if (i + 1 === to && !final) return INCOMPLETE;
        const next = meaning[bytes[i + 1]!];
        const escapes = i + 1 < to && (next === QUOTE || next === ESCAPE);
        if (escapes) flags |= FIELD_ESCAPED | FIELD_BACKSLASH;
        i += escapes ? 2 : 1;
      } else {
        if (this.nulAt === -1) this.nulAt = i;
        i += 1;
      }
    }
  }

  #closeOnLaterLine(bytes: Buffer, close: number, to: number, final: boolean, recordLimit: number): number {
    const { opening, plain } = this.#meanings;
    let i = close + 1;
    while (opening[bytes[i]!] === SPACE) i += 1;
    // Past the record's limit it does not matter: the record is too long.
    if (i > recordLimit) return close;
    if (i === to && !final) return INCOMPLETE;
    return plain[bytes[i]!] === BREAK ? close : UNCLOSED;
  }
}
