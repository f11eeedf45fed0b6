import { INDEX_ENTRY_BYTES, INDEX_SPACING_BYTES, writeIndexEntry } from "./canonical.ts";

/** Small files need little; the buffer grows with what comes. */
const FIRST_BYTES = 16 * 1024;

/** The canonical bytes and index entries that have been made and not been taken yet. */
export class CanonicalWriter {
  /** The bytes being filled, and how far. The hot path writes into them itself. */
  out: Buffer = Buffer.allocUnsafe(FIRST_BYTES);
  position = 0;
  #flushed = 0;
  #index: Buffer = Buffer.allocUnsafe(64 * INDEX_ENTRY_BYTES);
  #indexLength = 0;
  #lastEntry = -1;

  /** Canonical bytes made in all. */
  get sizeBytes(): number {
    return this.#flushed + this.position;
  }

  /** Makes room for `bytes` more, and returns the buffer to fill. */
  reserve(bytes: number): Buffer {
    if (this.position + bytes > this.out.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(this.out.length * 2, this.position + bytes));
      this.out.copy(larger, 0, 0, this.position);
      this.out = larger;
    }
    return this.out;
  }

  /** Keeps the line that was written from `position` to `end`. */
  commit(record: number, end: number): void {
    const offset = this.#flushed + this.position;
    if (this.#lastEntry < 0 || this.#flushed + end - this.#lastEntry > INDEX_SPACING_BYTES) {
      if (this.#indexLength === this.#index.length) {
        this.#index = Buffer.concat([this.#index, Buffer.allocUnsafe(this.#index.length)]);
      }
      writeIndexEntry(this.#index, this.#indexLength, record, offset);
      this.#indexLength += INDEX_ENTRY_BYTES;
      this.#lastEntry = offset;
    }
    this.position = end;
  }

  /** The canonical bytes so far; they stay as they are until `release`. */
  pending(): Buffer {
    return this.out.subarray(0, this.position);
  }

  /** Begins anew in the same memory. */
  release(): void {
    this.#flushed += this.position;
    this.position = 0;
  }

  /** The index entries so far; the caller owns them. */
  takeIndex(): Buffer {
    const taken = Buffer.from(this.#index.subarray(0, this.#indexLength));
    this.#indexLength = 0;
    return taken;
  }
}
