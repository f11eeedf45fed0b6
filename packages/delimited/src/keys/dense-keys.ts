import { NEW_KEY } from "./key-set.ts";

const CHUNK_KEYS = 4096;
/** Chunks that may be there however few keys they hold: 16 MB. */
const FREE_CHUNKS = 1024;
/** Above that a chunk must hold a third of its keys on average; with fewer a set of hashes is the smaller one. */
const LEAST_KEYS_PER_CHUNK = CHUNK_KEYS / 3;

/**
 * Whole numbers met so far, each with the line of the first record that had it: chunks of 4,096 neighbouring numbers. Most
 * keys of most files are numbers given out one after the other; for these it is exact, and smaller and several times faster
 * than hashes, since neighbours lie side by side.
 */
export class DenseKeys {
  readonly #chunks = new Map<number, Uint32Array<ArrayBuffer>>();
  /** The chunk used last: mostly the next key's, too. */
  #chunk = new Uint32Array(0);
  #chunkNumber = Number.NaN;
  size = 0;

  /** Too few keys lie side by side for this to be worth its memory. */
  get isSparse(): boolean {
    const { size } = this.#chunks;
    return size > FREE_CHUNKS && this.size < size * LEAST_KEYS_PER_CHUNK;
  }

  /**
   * Adds a key.
   * @param key a whole number of at most 15 digits.
   * @param line from 1 on.
   * @returns NEW_KEY, or the line that it was first added with.
   */
  add(key: number, line: number): number {
    const number = Math.floor(key / CHUNK_KEYS);
    if (number !== this.#chunkNumber) this.#open(number);
    const place = key - number * CHUNK_KEYS;
    const first = this.#chunk[place]!;
    if (first !== 0) return first;
    this.#chunk[place] = line;
    this.size += 1;
    return NEW_KEY;
  }

  /** Every key with its line. */
  *entries(): Generator<{ key: number; line: number }> {
    for (const [number, chunk] of this.#chunks) {
      for (let place = 0; place < CHUNK_KEYS; place += 1) {
        if (chunk[place] !== 0) yield { key: number * CHUNK_KEYS + place, line: chunk[place]! };
      }
    }
  }

  #open(number: number): void {
    let chunk = this.#chunks.get(number);
    if (chunk === undefined) {
      chunk = new Uint32Array(CHUNK_KEYS);
      this.#chunks.set(number, chunk);
    }
    this.#chunk = chunk;
    this.#chunkNumber = number;
  }
}
