import { INDEX_ENTRY_BYTES, INDEX_SPACING_BYTES, writeIndexEntry } from "./canonical.ts";

/** Small files need little; after the first flush the buffers have full size. */
const FIRST_BYTES = 16 * 1024;
const FULL_BYTES = 1024 * 1024;

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

  /** The canonical bytes so far; the caller owns them. */
  takeCanonical(): Buffer {
    const taken = this.out.subarray(0, this.position);
    this.#flushed += this.position;
    this.out = Buffer.allocUnsafeSlow(FULL_BYTES);
    this.position = 0;
    return taken;
  }

  /** Forgets what has been made; for readings that only look. */
  discard(): void {
    this.#flushed += this.position;
    this.position = 0;
    this.#indexLength = 0;
  }

  /** The index entries so far; the caller owns them. */
  takeIndex(): Buffer {
    const taken = Buffer.from(this.#index.subarray(0, this.#indexLength));
    this.#indexLength = 0;
    return taken;
  }
}
