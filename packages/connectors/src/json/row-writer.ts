import { Buffer } from "node:buffer";
import { withoutBlank } from "./compact.ts";
import { KeyHash } from "./key-hash.ts";
import { ABSENT, ESCAPED_TEXT, EXPONENT, NESTED, PLAIN_TEXT, type Slots } from "./kinds.ts";
import { plainNumber } from "./plain-number.ts";
import { replaced, writeText } from "./text.ts";

const LF = 0x0a;
const CR = 0x0d;
const QUOTE = 0x22;
const COMMA = 0x2c;
const HIGH_BITS = 0x80808080 | 0;
const FIRST_BYTES = 256 * 1024;
/** Beyond the cell's own bytes: quotes, comma, line end, and what is written too much when four bytes are written at once. */
const SPARE_BYTES = 16;
/** The longest that a number becomes without its exponent, and the shortest memory for what is decoded. */
const SCRATCH_BYTES = 4_096;

/** Writes items as lines of CSV, into memory that is used again for each page. */
export class RowWriter {
  /** Where the lines end. */
  readonly ends: number[] = [];
  /** Four numbers an item. */
  readonly hashes: number[] = [];
  replacedCharacters = 0;
  #out: Buffer = Buffer.allocUnsafeSlow(FIRST_BYTES);
  #outView: DataView = viewOf(this.#out);
  #position = 0;
  #scratch: Buffer = Buffer.allocUnsafeSlow(SCRATCH_BYTES);
  readonly #cells: Int32Array;
  readonly #key: Int32Array;
  /** Where the cells of the line being written end. */
  readonly #cellEnds: Int32Array;
  readonly #hash = new KeyHash();
  #bytes: Uint8Array = new Uint8Array(0);
  #view: DataView = new DataView(new ArrayBuffer(0));

  /** @param cells the slot of each cell @param key which of the cells are the key */
  constructor(cells: readonly number[], key: readonly number[]) {
    this.#cells = Int32Array.from(cells);
    this.#key = Int32Array.from(key);
    this.#cellEnds = new Int32Array(cells.length);
  }

  /** Begins a page anew. */
  begin(body: Buffer): void {
    this.#bytes = body;
    this.#view = viewOf(body);
    this.#position = 0;
    this.ends.length = 0;
    this.hashes.length = 0;
    this.replacedCharacters = 0;
  }

  rows(): Buffer {
    return this.#out.subarray(0, this.#position);
  }

  write(slots: Slots): void {
    const cells = this.#cells;
    const cellEnds = this.#cellEnds;
    const { kinds, starts, ends } = slots;
    const start = this.#position;
    let at = start;
    for (let cell = 0; cell < cells.length; cell += 1) {
      const slot = cells[cell]!;
      const kind = kinds[slot]!;
      if (cell > 0) this.#out[at++] = COMMA;
      if (kind === ABSENT) {
        if (at + SPARE_BYTES > this.#out.length) this.#grow(at + SPARE_BYTES);
      } else {
        const from = starts[slot]!;
        const to = ends[slot]!;
        // Twice its length, should all of it be quotes.
        if (at + 2 * (to - from) + SPARE_BYTES > this.#out.length) this.#grow(at + 2 * (to - from) + SPARE_BYTES);
        if (kind === PLAIN_TEXT) at = this.#plainText(from, to, at);
        else if (kind === ESCAPED_TEXT) at = this.#escapedText(from, to, at);
        else if (kind === EXPONENT) at = this.#exponent(from, to, at);
        else if (kind === NESTED) at = this.#nested(from, to, at);
        else at = this.#copy(from, to, at);
      }
      cellEnds[cell] = at;
    }
    if (this.#key.length > 0) this.#hashKey(start);
    const out = this.#out;
    // A line of nothing but blanks is no row to whoever reads it, so that a lone cell like that stands in quotes.
    if (cells.length <= 1 && isBlank(out, start, at)) {
      out.copyWithin(start + 1, start, at);
      out[start] = QUOTE;
      out[at + 1] = QUOTE;
      at += 2;
    }
    out[at++] = LF;
    this.#position = at;
    this.ends.push(at);
  }

  #hashKey(start: number): void {
    const hash = this.#hash;
    hash.begin();
    for (const cell of this.#key) {
      hash.add(this.#out, cell === 0 ? start : this.#cellEnds[cell - 1]! + 1, this.#cellEnds[cell]!);
    }
    this.hashes.push(hash.h1, hash.h2, hash.h3, hash.h4);
  }

  /** Text without escapes has neither quotes nor line breaks: a comma is all that asks for quotes. */
  #plainText(from: number, to: number, position: number): number {
    const { length } = this.#bytes;
    const view = this.#view;
    const outView = this.#outView;
    const out = this.#out;
    if (to + 4 > length) return this.#quoteAsNeeded(this.#bytes, from, to, position);
    let commas = 0;
    let i = from;
    let at = position;
    for (; i + 4 <= to; i += 4, at += 4) {
      const word = view.getInt32(i, true);
      outView.setInt32(at, word, true);
      const comma = word ^ 0x2c2c2c2c;
      commas |= (comma - 0x01010101) & ~comma;
    }
    if (i < to) {
      const word = view.getInt32(i, true) & ((1 << ((to - i) << 3)) - 1);
      outView.setInt32(at, word, true);
      const comma = word ^ 0x2c2c2c2c;
      commas |= (comma - 0x01010101) & ~comma;
      at += to - i;
    }
    if ((commas & HIGH_BITS) === 0) return at;
    out.copyWithin(position + 1, position, at);
    out[position] = QUOTE;
    out[at + 1] = QUOTE;
    return at + 2;
  }

  #copy(from: number, to: number, position: number): number {
    const bytes = this.#bytes;
    const out = this.#out;
    let at = position;
    for (let i = from; i < to; i += 1) out[at++] = bytes[i]!;
    return at;
  }

  #escapedText(from: number, to: number, position: number): number {
    const scratch = this.#scratchOf(to - from);
    const end = writeText(this.#bytes, from, to, scratch, 0);
    this.replacedCharacters += replaced;
    return this.#quoteAsNeeded(scratch, 0, end, position);
  }

  #exponent(from: number, to: number, position: number): number {
    const text = plainNumber(Buffer.from(this.#bytes.subarray(from, to)).toString("latin1"));
    if (position + text.length + SPARE_BYTES > this.#out.length) this.#grow(position + text.length + SPARE_BYTES);
    return position + this.#out.write(text, position, "latin1");
  }

  #nested(from: number, to: number, position: number): number {
    const scratch = this.#scratchOf(to - from);
    return this.#quoteAsNeeded(scratch, 0, withoutBlank(this.#bytes, from, to, scratch), position);
  }

  #quoteAsNeeded(bytes: Uint8Array, from: number, to: number, position: number): number {
    const out = this.#out;
    let at = position;
    for (let i = from; i < to; i += 1) {
      const byte = bytes[i]!;
      if (byte === COMMA || byte === QUOTE || byte === LF || byte === CR) return this.#quote(bytes, from, to, position);
      out[at++] = byte;
    }
    return at;
  }

  #quote(bytes: Uint8Array, from: number, to: number, position: number): number {
    const out = this.#out;
    let at = position;
    out[at++] = QUOTE;
    for (let i = from; i < to; i += 1) {
      const byte = bytes[i]!;
      if (byte === QUOTE) out[at++] = QUOTE;
      out[at++] = byte;
    }
    out[at++] = QUOTE;
    return at;
  }

  #scratchOf(bytes: number): Buffer {
    if (bytes > this.#scratch.length) this.#scratch = Buffer.allocUnsafeSlow(bytes * 2);
    return this.#scratch;
  }

  #grow(bytes: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.max(this.#out.length * 2, bytes));
    this.#out.copy(larger);
    this.#out = larger;
    this.#outView = viewOf(larger);
  }
}

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.length);

function isBlank(bytes: Uint8Array, from: number, to: number): boolean {
  for (let i = from; i < to; i += 1) if (bytes[i] !== 0x20 && bytes[i] !== 0x09) return false;
  return true;
}
