import { type FileHandle, open } from "node:fs/promises";
import { Readable } from "node:stream";
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
  /** The bytes in their order, in chunks that belong to the caller. */
  chunks(range?: Range): AsyncIterable<Buffer>;
  stream(range?: Range): Readable;
  close(): Promise<void>;
}

const READ_CHUNK_BYTES = 1024 * 1024;

/** Opens a file. A small one is read at once, and is not held open. */
export async function openReader(path: string): Promise<BlobReader> {
  const whole = await readSmallFile(path);
  if (whole !== undefined) {
    return readerOf(whole.length, {
      read: async (offset, length) => Buffer.from(whole.subarray(offset, offset + length)),
      close: async () => {},
    });
  }
  const handle = await open(path, "r");
  const { size: sizeBytes } = await handle.stat();
  return readerOf(sizeBytes, {
    read: (offset, length) => readAt(handle, offset, Math.max(0, Math.min(length, sizeBytes - offset))),
    close: () => handle.close(),
  });
}

function readerOf(sizeBytes: number, { read, close }: Pick<BlobReader, "read" | "close">): BlobReader {
  async function* chunks({ start = 0, end = sizeBytes, chunkBytes = READ_CHUNK_BYTES }: Range = {}) {
    const last = Math.min(end, sizeBytes);
    for (let at = start; at < last; ) {
      const chunk = await read(at, Math.min(chunkBytes, last - at));
      if (chunk.length === 0) return;
      at += chunk.length;
      yield chunk;
    }
  }
  return {
    sizeBytes,
    read,
    chunks,
    // Not the handle's own stream: that one closes the handle when a reader leaves early.
    stream: (range) => Readable.from(chunks(range), { objectMode: false }),
    close,
  };
}

async function readAt(handle: FileHandle, offset: number, length: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await handle.read(buffer, filled, length - filled, offset + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}
