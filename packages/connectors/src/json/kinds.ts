/** What a value is, and so how its bytes become a cell. */
export const ABSENT = 0;
/** Text without escapes: its bytes are what they stand for. From its quote's end to its quote's beginning. */
export const PLAIN_TEXT = 1;
export const ESCAPED_TEXT = 2;
/** A number without exponent, `true` or `false`: written as it stands. */
export const WORD = 3;
export const EXPONENT = 4;
/** A list or an object. */
export const NESTED = 5;

/** Where the values lie that are looked for: one place each, by its number. Those of an item are written over by the next. */
export class Slots {
  readonly kinds: Uint8Array;
  readonly starts: Int32Array;
  readonly ends: Int32Array;

  constructor(count: number) {
    this.kinds = new Uint8Array(count);
    this.starts = new Int32Array(count);
    this.ends = new Int32Array(count);
  }

  put(slot: number, kind: number, start: number, end: number): void {
    this.kinds[slot] = kind;
    this.starts[slot] = start;
    this.ends[slot] = end;
  }
}
