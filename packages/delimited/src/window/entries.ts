import type { ReadAt, RecordIndex } from "../canonical/canonical.ts";

/** A search in a file goes by single entries until it has come this close, and then reads them all. */
const PAGE_ENTRIES = 256;

/** Entries of one size, in memory or read from a file as they are needed, sorted by a number that each of them holds. */
export class EntryTable {
  readonly count: number;
  readonly #entryBytes: number;
  readonly #read: ReadAt;

  constructor(index: RecordIndex, entryBytes: number) {
    const isHeld = index instanceof Uint8Array;
    this.count = Math.floor((isHeld ? index.length : index.sizeBytes) / entryBytes);
    this.#entryBytes = entryBytes;
    this.#read = isHeld ? async (offset, length) => index.subarray(offset, offset + length) : index.read;
  }

  /** The bytes of up to `count` entries from place `from` on; fewer at the end. */
  async read(from: number, count: number): Promise<Buffer> {
    const last = Math.min(this.count, from + count);
    if (last <= from) return Buffer.alloc(0);
    const bytes = await this.#read(from * this.#entryBytes, (last - from) * this.#entryBytes);
    return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /**
   * The place of the first entry whose number is greater than `key`; `count` where there is none.
   * @param numberAt reads the number of the entry that begins at a position.
   */
  async firstAbove(key: number, numberAt: (bytes: Buffer, position: number) => number): Promise<number> {
    let low = 0;
    let high = this.count;
    while (high - low > PAGE_ENTRIES) {
      const middle = (low + high) >>> 1;
      if (numberAt(await this.read(middle, 1), 0) > key) high = middle;
      else low = middle + 1;
    }
    const page = await this.read(low, high - low);
    const before = low;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (numberAt(page, (middle - before) * this.#entryBytes) > key) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

/** Reads an unsigned 64-bit big-endian number, exact up to 2^53. */
export function readLong(bytes: Buffer, position: number): number {
  return bytes.readUInt32BE(position) * 0x1_0000_0000 + bytes.readUInt32BE(position + 4);
}

/** Writes an unsigned 64-bit big-endian number, exact up to 2^53. */
export function writeLong(bytes: Buffer, position: number, value: number): void {
  bytes.writeUInt32BE(Math.floor(value / 0x1_0000_0000), position);
  bytes.writeUInt32BE(value >>> 0, position + 4);
}
