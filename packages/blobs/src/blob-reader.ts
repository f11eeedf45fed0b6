import { type FileHandle, open } from "node:fs/promises";
import { Readable } from "node:stream";
import { oftenRead } from "./often-read.ts";
import { readSmallFile } from "./small-file.ts";

/** A part of a blob, from `start` to before `end`. */
interface Range {
  start?: number;
  end?: number;
  chunkBytes?: number;
}

/** A blob opened for reading at any place. */
export interface BlobReader {
  readonly sizeBytes: number;
  /** Up to `length` bytes from `offset`; fewer at the end. They belong to the caller. */
  read(offset: number, length: number): Promise<Buffer>;
  /** The same, for a few KB at many places of a file that is held open: what was read lately near by does not wait for a thread. */
  readOften(offset: number, length: number): Promise<Buffer>;
  /** The bytes in their order, in chunks that belong to the caller. */
  chunks(range?: Range): AsyncIterable<Buffer>;
  /**
   * The same, each chunk lent until the next one is asked for: two buffers take turns, and while one is worked on the other
   * is filled. For those who read a large file from end to end.
   */
  lentChunks(range?: Range): AsyncIterable<Buffer>;
  stream(range?: Range): Readable;
  close(): Promise<void>;
}

const READ_CHUNK_BYTES = 1024 * 1024;

/** Opens a file. A small one is read at once, and is not held open. */
export async function openReader(path: string): Promise<BlobReader> {
  const whole = await readSmallFile(path);
  if (whole !== undefined) {
    const read = async (offset: number, length: number) => Buffer.from(whole.subarray(offset, offset + length));
    return readerOf(whole.length, {
      read,
      readOften: read,
      readInto: async (buffer, offset, length) => whole.copy(buffer, 0, offset, offset + length),
      close: async () => {},
    });
  }
  const handle = await open(path, "r");
  const { size: sizeBytes } = await handle.stat();
  const read = (offset: number, length: number) =>
    readAt(handle, offset, Math.max(0, Math.min(length, sizeBytes - offset)));
  return readerOf(sizeBytes, {
    readInto: (buffer, offset, length) => fill(handle, buffer, offset, length),
    read,
    readOften: oftenRead(handle, read),
    close: () => handle.close(),
  });
}

interface Reads extends Pick<BlobReader, "read" | "readOften" | "close"> {
  /** Returns how many bytes were read: fewer than `length` at the end. */
  readInto(buffer: Buffer, offset: number, length: number): Promise<number>;
}

function readerOf(sizeBytes: number, { read, readOften, readInto, close }: Reads): BlobReader {
  async function* chunks({ start = 0, end = sizeBytes, chunkBytes = READ_CHUNK_BYTES }: Range = {}) {
    const last = Math.min(end, sizeBytes);
    for (let at = start; at < last; ) {
      const chunk = await read(at, Math.min(chunkBytes, last - at));
      if (chunk.length === 0) return;
      at += chunk.length;
      yield chunk;
    }
  }
  async function* lentChunks({ start = 0, end = sizeBytes, chunkBytes = READ_CHUNK_BYTES }: Range = {}) {
    const last = Math.min(end, sizeBytes);
    if (start >= last) return;
    const bytes = Math.min(chunkBytes, last - start);
    let buffer = Buffer.allocUnsafeSlow(bytes);
    let other = Buffer.allocUnsafeSlow(last - start > bytes ? bytes : 0);
    let reading = readInto(buffer, start, bytes);
    try {
      for (let at = start; ; ) {
        const length = await reading;
        at += length;
        const isLast = length === 0 || at >= last;
        if (!isLast) reading = readInto(other, at, Math.min(bytes, last - at));
        if (length > 0) yield buffer.subarray(0, length);
        if (isLast) return;
        [buffer, other] = [other, buffer];
      }
    } finally {
      // Who leaves early may close the file next.
      await reading.catch(() => {});
    }
  }
  return {
    sizeBytes,
    read,
    readOften,
    chunks,
    lentChunks,
    // Not the handle's own stream: that one closes the handle when a reader leaves early.
    stream: (range) => Readable.from(chunks(range), { objectMode: false }),
    close,
  };
}

async function readAt(handle: FileHandle, offset: number, length: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(length);
  return buffer.subarray(0, await fill(handle, buffer, offset, length));
}

async function fill(handle: FileHandle, buffer: Buffer, offset: number, length: number): Promise<number> {
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await handle.read(buffer, filled, length - filled, offset + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return filled;
}
