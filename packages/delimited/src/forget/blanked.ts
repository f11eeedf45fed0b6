import type { Dialect } from "../scan/dialect.ts";
import { FIELD_ESCAPED, FIELD_QUOTED, type RecordBlock } from "../scan/record-block.ts";

/** Bytes that take the place of others, as many, at one place of a file. */
export interface BlankedBytes {
  /** Byte offset in the file. */
  offset: number;
  /** They belong to the caller. */
  bytes: Buffer;
}

const LF = 10;
const CR = 13;
const TAB = 9;
const BLANK = 0x20;
const BACKSLASH = 0x5c;
const NUL = 0;

/**
 * What every byte of a forgotten cell becomes: a letter, which no dialect gives a meaning to (delimiters, quotes and comments
 * are none, see contracts' `markSchema`), and which is one byte in every encoding. Not a space: a record of spaces alone could
 * be taken for a blank line, and a file's records keep their numbers. Where trailers begin with it, another one.
 */
export function fillOf({ trailer }: Pick<Dialect, "trailer">): number {
  return (trailer?.toLowerCase().startsWith("x") ? "z" : "x").charCodeAt(0);
}

/** Makes a record's cells unreadable, so that a scan meets the same records and fields as before. */
export class Blanking {
  readonly #fill: number;
  /** Of each byte, whether it may mean something outside of plain content. */
  readonly #isMark = new Uint8Array(256);

  constructor(dialect: Dialect) {
    this.#fill = fillOf(dialect);
    for (const byte of [LF, CR, TAB, BLANK, NUL, dialect.delimiter.charCodeAt(0)]) this.#isMark[byte] = 1;
    if (dialect.quote !== null) this.#isMark[dialect.quote.charCodeAt(0)] = 1;
    if (dialect.escape === "backslash") this.#isMark[BACKSLASH] = 1;
  }

  /** Of a sound field the content; quotes round it and line ends in it stay. */
  field({ fieldStarts, fieldEnds, fieldFlags }: RecordBlock, field: number, target: Buffer, base: number): void {
    const [from, to, flags] = [fieldStarts[field]! - base, fieldEnds[field]! - base, fieldFlags[field]!];
    // Without quotes an escaped line end or delimiter is one no more when its backslash goes.
    if ((flags & FIELD_ESCAPED) !== 0 && (flags & FIELD_QUOTED) === 0) {
      this.stretch(target, from, to);
      return;
    }
    for (let i = from; i < to; i += 1) if (target[i] !== LF && target[i] !== CR) target[i] = this.#fill;
  }

  /** Any bytes, whatever they are a part of: all that could have a meaning stays. */
  stretch(target: Buffer, from = 0, to: number = target.length): void {
    for (let i = from; i < to; i += 1) if (this.#isMark[target[i]!] === 0) target[i] = this.#fill;
  }
}
