import { readFileSync } from "node:fs";

/**
 * Finds marks, the bytes that mean something to the scanner (delimiter, quote, line ends, NUL, …), at several gigabytes a
 * second, so that the scanner goes from mark to mark instead of from byte to byte. WebAssembly, because JavaScript has no
 * instructions that look at 16 bytes at once; the source is mark-index.wat, the memory's layout is described there.
 */
const INPUT_AT = 64;
const ANSWER_AT = 65_664;

/** How many bytes are looked at in one go. */
export const STRETCH_BYTES = 65_536;

const { memory, index } = new WebAssembly.Instance(
  new WebAssembly.Module(readFileSync(new URL("./mark-index.wasm", import.meta.url))),
).exports as { memory: WebAssembly.Memory; index: (length: number, base: number) => number };

const classes = new Uint8Array(memory.buffer, 0, 32);
const input = new Uint8Array(memory.buffer, INPUT_AT, STRETCH_BYTES);

/** The positions that {@link findMarks} found last, ascending. Everybody's: what has to outlast the call is copied. */
export const foundMarks = new Int32Array(memory.buffer, ANSWER_AT, STRETCH_BYTES + 4);

/** Which bytes are marks, in the form that the search wants: 16 bytes for their low halves, 16 for their high ones. */
export type MarkClasses = Uint8Array;

/**
 * These bytes are marks.
 * @param marks at most eight different ones.
 */
export function marksOf(marks: Iterable<number>): MarkClasses {
  const classes = new Uint8Array(32);
  let bit = 1;
  for (const mark of new Set(marks)) {
    if (bit > 128) throw new RangeError("at most eight different bytes can be marks");
    classes[mark & 15]! |= bit;
    classes[16 + (mark >> 4)]! |= bit;
    bit *= 2;
  }
  return classes;
}

/** Every byte beyond ASCII is a mark. */
export const BEYOND_ASCII: MarkClasses = new Uint8Array(32).fill(1, 0, 16).fill(1, 24, 32);

/**
 * Fills {@link foundMarks} with the positions of all marks in `bytes` from `from` to `to`, at most STRETCH_BYTES of them.
 * @returns how many there are.
 */
export function findMarks(marks: MarkClasses, bytes: Uint8Array, from: number, to: number): number {
  classes.set(marks);
  input.set(bytes.subarray(from, to));
  return index(to - from, from);
}
