import type { RecordIndex } from "../canonical/canonical.ts";
import type { ScanPlan } from "../scan/dialect.ts";
import type { RecordBlock } from "../scan/record-block.ts";
import { scanBlocks } from "../scan/scan-blocks.ts";
import type { ByteSource } from "../scan/source.ts";
import { EntryTable, readLong, writeLong } from "./entries.ts";

/**
 * The row index: where some of a plain file's records begin, so that any of them is found with one small read. 24 bytes per
 * entry, three unsigned 64-bit big-endian numbers: record number, byte offset, physical line. It holds the first record, and
 * of the others those that begin {@link ROW_INDEX_RECORDS} records or {@link ROW_INDEX_BYTES} bytes after the entry before.
 */
export const ROW_ENTRY_BYTES = 24;
export const ROW_INDEX_RECORDS = 256;
export const ROW_INDEX_BYTES = 64 * 1024;

/** Entries are handed on once they have come to this. */
export const WRITE_BYTES = 16 * 1024;
const OFFSET_AT = 8;
const LINE_AT = 16;

/** An entry of the row index. */
export interface RowEntry {
  record: number;
  /** In the plain file, from 0. */
  offset: number;
  /** Physical, from 1. */
  line: number;
}

/** Makes the row index of a file from its blocks, one after the other. */
export class RowIndexWriter {
  /** Records so far. */
  recordCount = 0;
  #lastRecord = Number.NEGATIVE_INFINITY;
  #lastOffset = 0;
  #bytes = Buffer.allocUnsafe(ROW_ENTRY_BYTES * 64);
  #length = 0;

  add({ baseOffset, baseLine, starts, lines, count }: RecordBlock): void {
    for (let r = 0; r < count; r += 1) {
      const record = this.recordCount + r + 1;
      const offset = baseOffset + starts[r]!;
      if (record - this.#lastRecord < ROW_INDEX_RECORDS && offset - this.#lastOffset < ROW_INDEX_BYTES) continue;
      this.#lastRecord = record;
      this.#lastOffset = offset;
      this.#write({ record, offset, line: baseLine + lines[r]! });
    }
    this.recordCount += count;
  }

  /** How many bytes wait to be taken. */
  get pendingBytes(): number {
    return this.#length;
  }

  /** The entries since the last call; the caller owns them. */
  take(): Buffer {
    const taken = Buffer.from(this.#bytes.subarray(0, this.#length));
    this.#length = 0;
    return taken;
  }

  #write({ record, offset, line }: RowEntry): void {
    if (this.#length === this.#bytes.length) {
      this.#bytes = Buffer.concat([this.#bytes, Buffer.allocUnsafe(this.#bytes.length)]);
    }
    writeLong(this.#bytes, this.#length, record);
    writeLong(this.#bytes, this.#length + OFFSET_AT, offset);
    writeLong(this.#bytes, this.#length + LINE_AT, line);
    this.#length += ROW_ENTRY_BYTES;
  }
}

/**
 * Makes the row index of a file in a pass of its own, at the scanner's speed. A check makes it on its way: see
 * `CheckSinks.rows`.
 * @param write takes the index as it comes.
 * @returns how many records the file has.
 */
export async function indexRows(
  source: ByteSource,
  { dialect: marks, limits, data }: ScanPlan,
  write: (chunk: Buffer) => void | Promise<void>,
  signal?: AbortSignal,
): Promise<number> {
  const writer = new RowIndexWriter();
  for await (const block of scanBlocks(source, { marks, limits, ...data }, signal)) {
    writer.add(block);
    if (writer.pendingBytes >= WRITE_BYTES) await write(writer.take());
  }
  if (writer.pendingBytes > 0) await write(writer.take());
  return writer.recordCount;
}

/** Looks up entries in a row index. */
export class RowIndex {
  readonly #entries: EntryTable;

  constructor(index: RecordIndex) {
    this.#entries = new EntryTable(index, ROW_ENTRY_BYTES);
  }

  /** The last entry that is not after a record, and those that follow it: up to `count` of them. Empty: there is none. */
  async fromRecord(record: number, count: number): Promise<RowEntry[]> {
    return await this.#from((await this.#entries.firstAbove(record, readLong)) - 1, count);
  }

  /** The same for a physical line. */
  async fromLine(line: number, count: number): Promise<RowEntry[]> {
    const lineAt = (bytes: Buffer, position: number) => readLong(bytes, position + LINE_AT);
    return await this.#from((await this.#entries.firstAbove(line, lineAt)) - 1, count);
  }

  async #from(place: number, count: number): Promise<RowEntry[]> {
    if (place < 0) return [];
    const bytes = await this.#entries.read(place, count);
    return Array.from({ length: Math.floor(bytes.length / ROW_ENTRY_BYTES) }, (_, i) => {
      const at = i * ROW_ENTRY_BYTES;
      return {
        record: readLong(bytes, at),
        offset: readLong(bytes, at + OFFSET_AT),
        line: readLong(bytes, at + LINE_AT),
      };
    });
  }
}
