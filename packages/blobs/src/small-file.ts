import { closeSync, fstatSync, fsync, openSync, readSync, writeSync } from "node:fs";

/** Files up to this size are read and written whole. */
export const SMALL_FILE_BYTES = 256 * 1024;

/*
 * The calls here that only touch the page cache are made on the spot: to hand one to Node's thread pool costs several times
 * what it does (measured: a third of the validator's time on small files). What waits for a disk, a sync, goes there.
 */

/** Writes a file that must not exist yet, and puts it on the disk. */
export async function writeSmallFile(path: string, bytes: Uint8Array): Promise<void> {
  const file = openSync(path, "wx");
  try {
    for (let written = 0; written < bytes.length; ) written += writeSync(file, bytes, written);
    await syncFile(file);
  } finally {
    closeSync(file);
  }
}

/** Reads a file of at most {@link SMALL_FILE_BYTES}. Undefined: it is larger. `sync` puts it on the disk as well. */
export async function readSmallFile(path: string, { sync = false } = {}): Promise<Buffer | undefined> {
  const file = openSync(path, "r");
  try {
    const { size } = fstatSync(file);
    if (size > SMALL_FILE_BYTES) return undefined;
    const bytes = Buffer.allocUnsafe(size);
    let filled = 0;
    while (filled < size) {
      const read = readSync(file, bytes, filled, size - filled, filled);
      if (read === 0) break;
      filled += read;
    }
    if (sync) await syncFile(file);
    return bytes.subarray(0, filled);
  } finally {
    closeSync(file);
  }
}

/** Puts a folder's names on the disk. */
export async function syncPath(path: string): Promise<void> {
  const file = openSync(path, "r");
  try {
    await syncFile(file);
  } finally {
    closeSync(file);
  }
}

function syncFile(file: number): Promise<void> {
  return new Promise((resolve, reject) => fsync(file, (error) => (error ? reject(error) : resolve())));
}
