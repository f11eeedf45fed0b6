import { createHash, randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { access, copyFile, type FileHandle, link, mkdir, open, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import { InvariantBroken, Unavailable } from "@inlet/contracts";
import { removeFile, syncFolder, syncPath } from "./sync-folder.ts";

/** What the store knows of a blob once it is whole. */
export interface StoredBlob {
  /** `<client>/<batch>/<name>`. */
  key: string;
  sizeBytes: number;
  /** 32 bytes. */
  sha256: Buffer;
}

/** A blob in the making. Nobody sees it until `finish`. */
export interface BlobWriter {
  /** Appends. Await it: that is the back-pressure. The chunk may be reused once it resolves. */
  write(chunk: Uint8Array): Promise<void>;
  /** Makes it durable and visible under its key, in place of what was there. */
  finish(): Promise<StoredBlob>;
  /** Throws it away. Harmless after `finish`. */
  abort(): Promise<void>;
}

/** A blob opened for reading at any place. */
export interface BlobReader {
  readonly sizeBytes: number;
  /** Up to `length` bytes from `offset`; fewer at the end. */
  read(offset: number, length: number): Promise<Buffer>;
  stream(range?: { start?: number; end?: number; chunkBytes?: number }): Readable;
  close(): Promise<void>;
}

/** The files of all batches, a folder each, on a local disk. */
export interface Blobs {
  create(key: string): Promise<BlobWriter>;
  /** Stores a whole small blob. */
  put(key: string, bytes: Uint8Array): Promise<StoredBlob>;
  /** Takes over a finished file by a hard link (or a copy, on another disk). The file at `path` stays. */
  adopt(key: string, path: string): Promise<void>;
  /**
   * Copies a blob into a new file outside the store, for somebody who may change it: they share disk blocks where the
   * file system can do that, never the file. Not synced.
   * @throws when there is a file at `path`; InvariantBroken when there is no such blob
   */
  copyTo(key: string, path: string): Promise<void>;
  /** @throws InvariantBroken when there is no such blob */
  open(key: string): Promise<BlobReader>;
  /** Removes a batch's folder, or one blob. Nothing there is no error. */
  remove(key: string): Promise<void>;
}

const KEY = /^[a-z0-9_]+\/[0-9]+(\/[a-z0-9_.-]+)?$/;
const READ_CHUNK_BYTES = 1024 * 1024;
/** A large blob goes to the disk in parts of about this size. */
const SYNC_BEHIND_BYTES = 16 * 1024 * 1024;
/** Small writes are gathered up to this size. */
const WRITE_BUFFER_BYTES = 256 * 1024;

/** Opens a blob store in a local folder. A finished blob is on disk: file synced, renamed, folder synced. */
export function openBlobs(folder: string): Blobs {
  const pathOf = (key: string) => {
    if (!KEY.test(key) || key.includes("..")) {
      throw new InvariantBroken({ code: "blob_key_invalid", message: `${key} is no key of a blob` });
    }
    return join(folder, key);
  };

  return {
    create: (key) => createWriter(key, pathOf(key)),
    async put(key, bytes) {
      const writer = await createWriter(key, pathOf(key));
      try {
        await writer.write(bytes);
        return await writer.finish();
      } catch (error) {
        await writer.abort();
        throw error;
      }
    },
    async adopt(key, path) {
      const target = pathOf(key);
      await withDiskErrors(key, async () => {
        const temporary = temporaryPath(target);
        try {
          await inFolderOf(target, () => link(path, temporary)).catch(async (error: NodeJS.ErrnoException) => {
            if (error.code !== "EXDEV" && error.code !== "EPERM" && error.code !== "EMLINK") throw error;
            await copyFile(path, temporary, constants.COPYFILE_FICLONE);
            await syncPath(temporary);
          });
          await rename(temporary, target);
        } finally {
          // rename() of two links to one file does nothing and leaves both names.
          await removeFile(temporary);
        }
        await syncFolder(dirname(target));
      });
    },
    async copyTo(key, path) {
      const source = pathOf(key);
      try {
        await copyFile(source, path, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL);
      } catch (cause) {
        if ((cause as NodeJS.ErrnoException).code !== "ENOENT") throw diskError(key, cause);
        // Which of the two is missing?
        await access(source).catch((error) => {
          throw missing(key, error);
        });
        throw cause;
      }
    },
    async open(key) {
      const path = pathOf(key);
      let handle: FileHandle;
      try {
        handle = await open(path, "r");
      } catch (cause) {
        throw (cause as NodeJS.ErrnoException).code === "ENOENT" ? missing(key, cause) : diskError(key, cause);
      }
      const { size: sizeBytes } = await handle.stat();
      return {
        sizeBytes,
        async read(offset, length) {
          const buffer = Buffer.allocUnsafe(Math.max(0, Math.min(length, sizeBytes - offset)));
          let filled = 0;
          while (filled < buffer.length) {
            const { bytesRead } = await handle.read(buffer, filled, buffer.length - filled, offset + filled);
            if (bytesRead === 0) break;
            filled += bytesRead;
          }
          return buffer.subarray(0, filled);
        },
        // Positional reads instead of the handle's own stream: that one closes the handle when a reader leaves early.
        stream: ({ start = 0, end = sizeBytes, chunkBytes = READ_CHUNK_BYTES } = {}) =>
          Readable.from(readRange(handle, start, Math.min(end, sizeBytes), chunkBytes), { objectMode: false }),
        close: () => handle.close(),
      };
    },
    async remove(key) {
      await rm(pathOf(key), { recursive: true, force: true });
    },
  };
}

const missing = (key: string, cause: unknown) =>
  new InvariantBroken({
    code: "blob_missing",
    message: `The stored file ${key} is missing from the data folder.`,
    cause,
  });

async function* readRange(handle: FileHandle, start: number, end: number, chunkBytes: number): AsyncGenerator<Buffer> {
  for (let at = start; at < end; ) {
    const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(Math.min(chunkBytes, end - at)), 0, null, at);
    if (bytesRead === 0) return;
    at += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

/** Temporary names begin with a dot: no key has one. */
function temporaryPath(target: string): string {
  return join(dirname(target), `.${randomBytes(9).toString("hex")}`);
}

/** What a small file is gathered in: it comes from Node's pool, so that most files allocate nothing of their own. */
const FIRST_BUFFER_BYTES = 4 * 1024;

/** Write buffers that are free again. */
const spareBuffers: Buffer[] = [];
const MOST_SPARE_BUFFERS = 16;

/** Most of a batch's files find its folder there. */
async function inFolderOf<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    await mkdir(dirname(path), { recursive: true });
    return await work();
  }
}

async function createWriter(key: string, target: string): Promise<BlobWriter> {
  const temporary = temporaryPath(target);
  const handle = await withDiskErrors(key, () => inFolderOf(target, () => open(temporary, "wx")));
  const hash = createHash("sha256");
  let pending: Buffer = Buffer.allocUnsafe(FIRST_BUFFER_BYTES);
  let pendingBytes = 0;
  let sizeBytes = 0;
  let closed = false;
  let unsyncedBytes = 0;
  let syncing: Promise<void> = Promise.resolve();
  let syncError: unknown;

  /** Sends what was written to the disk while the next bytes are still being made, so that the last sync is short. */
  function syncBehind(): void {
    unsyncedBytes = 0;
    syncing = syncing
      .then(() => handle.datasync())
      .catch((error) => {
        // Linux tells of a failed write-back once: the last sync would know nothing of it.
        syncError ??= error;
      });
  }

  async function writeOut(bytes: Uint8Array): Promise<void> {
    hash.update(bytes);
    await withDiskErrors(key, async () => {
      let written = 0;
      while (written < bytes.length) {
        const { bytesWritten } = await handle.write(bytes, written, bytes.length - written);
        written += bytesWritten;
      }
    });
    unsyncedBytes += bytes.length;
    if (unsyncedBytes >= SYNC_BEHIND_BYTES) syncBehind();
  }

  async function flush(): Promise<void> {
    if (pendingBytes === 0) return;
    const bytes = pending.subarray(0, pendingBytes);
    pendingBytes = 0;
    await writeOut(bytes);
  }

  /** A file that outgrows its first small buffer gets one of full size. */
  function makeRoom(): void {
    const larger = spareBuffers.pop() ?? Buffer.allocUnsafeSlow(WRITE_BUFFER_BYTES);
    larger.set(pending.subarray(0, pendingBytes));
    pending = larger;
  }

  function close(): void {
    closed = true;
    if (pending.length === WRITE_BUFFER_BYTES && spareBuffers.length < MOST_SPARE_BUFFERS) spareBuffers.push(pending);
  }

  async function abort(): Promise<void> {
    if (closed) return;
    close();
    await syncing;
    await handle.close().catch(() => {});
    await removeFile(temporary);
  }

  return {
    async write(chunk) {
      sizeBytes += chunk.length;
      if (pendingBytes + chunk.length > WRITE_BUFFER_BYTES) await flush();
      if (chunk.length >= WRITE_BUFFER_BYTES) return await writeOut(chunk);
      if (pendingBytes + chunk.length > pending.length) makeRoom();
      pending.set(chunk, pendingBytes);
      pendingBytes += chunk.length;
    },
    async finish() {
      await flush();
      await withDiskErrors(key, async () => {
        await syncing;
        if (syncError !== undefined) throw syncError;
        await handle.sync();
        close();
        await handle.close();
        await rename(temporary, target);
        await syncFolder(dirname(target));
      });
      return { key, sizeBytes, sha256: hash.digest() };
    },
    abort,
  };
}

async function withDiskErrors<T>(key: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw diskError(key, error);
  }
}

function diskError(key: string, cause: unknown): unknown {
  const code = (cause as NodeJS.ErrnoException).code;
  if (code === "ENOSPC" || code === "EDQUOT") {
    return new Unavailable({
      code: "disk_full",
      message:
        "The data folder's disk is full. Nothing that was received is lost; free some space, and the work goes on.",
      context: { key },
      cause,
    });
  }
  if (code === "EIO" || code === "EROFS" || code === "EMFILE" || code === "ESTALE") {
    return new Unavailable({
      code: "disk_unavailable",
      message: `The data folder cannot be used (${code}). The work goes on when it can.`,
      context: { key },
      cause,
    });
  }
  return cause;
}
