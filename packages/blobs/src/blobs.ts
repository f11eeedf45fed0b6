import { createHash, randomBytes } from "node:crypto";
import { constants, linkSync, renameSync } from "node:fs";
import { access, copyFile, type FileHandle, mkdir, open, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { InvariantBroken, Unavailable } from "@inlet/contracts";
import { type BlobReader, openReader } from "./blob-reader.ts";
import { SMALL_FILE_BYTES, syncPath, writeSmallFile } from "./small-file.ts";
import { removeFile, syncFolder } from "./sync-folder.ts";

/** What the store knows of a blob once it is whole. */
export interface StoredBlob {
  /** `<client>/<batch>/<name>`; of what storyboards show `<client>/assets/<name>`. */
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
  /** Throws it away, once what is under way has ended. Harmless after `finish`. */
  abort(): Promise<void>;
}

/** The files of all batches, a folder each, and those that storyboards show, on a local disk. */
export interface Blobs {
  create(key: string): Promise<BlobWriter>;
  /** Stores a whole small blob. */
  put(key: string, bytes: Uint8Array): Promise<StoredBlob>;
  /** Takes over a finished file by a hard link (or a copy, on another disk). The file at `path` stays. */
  adopt(key: string, path: string): Promise<void>;
  /**
   * Keeps a blob's bytes under a second key, too: a hard link, or a copy where that cannot be. Each key is removed by itself.
   * @throws InvariantBroken when there is no such blob
   */
  share(from: string, to: string): Promise<void>;
  /**
   * Copies a blob into a new file outside the store, for somebody who may change it: they share disk blocks where the
   * file system can do that, never the file. Not synced.
   * @throws when there is a file at `path`; InvariantBroken when there is no such blob
   */
  copyTo(key: string, path: string): Promise<void>;
  /** @throws InvariantBroken when there is no such blob */
  open(key: string): Promise<BlobReader>;
  /**
   * Puts bytes into the place of others, and makes that durable; whoever has the blob open reads them from then on. Where the same
   * file lies under another name, too, that one stays as it is. What is there when it is broken off is for the caller to mend,
   * by doing it again.
   * @returns the blob as it is now
   * @throws InvariantBroken when there is no such blob, or the bytes do not lie within it
   */
  overwrite(key: string, patches: AsyncIterable<{ offset: number; bytes: Uint8Array }>): Promise<StoredBlob>;
  /** Removes a batch's folder, or one blob. Nothing there is no error. */
  remove(key: string): Promise<void>;
}

/** A batch's folder, a blob of it; or a file that storyboards show, which no batch has and no batch's removal takes along. */
const KEY = /^[a-z0-9_]+\/([0-9]+(\/[a-z0-9_.-]+)?|assets\/[a-z0-9][a-z0-9-]*)$/;
/** A large blob goes to the disk in parts of about this size. */
const SYNC_BEHIND_BYTES = 16 * 1024 * 1024;

/** Opens a blob store in a local folder. A finished blob is on disk: file synced, renamed, folder synced. */
export function openBlobs(folder: string): Blobs {
  const pathOf = (key: string) => {
    if (!KEY.test(key) || key.includes("..")) {
      throw new InvariantBroken({ code: "blob_key_invalid", message: `${key} is no key of a blob` });
    }
    return join(folder, key);
  };

  async function adopt(key: string, path: string): Promise<void> {
    const target = pathOf(key);
    await withDiskErrors(key, async () => {
      const temporary = temporaryPath(target);
      try {
        await inFolderOf(target, async () => linkSync(path, temporary)).catch(async (error: NodeJS.ErrnoException) => {
          if (error.code !== "EXDEV" && error.code !== "EPERM" && error.code !== "EMLINK") throw error;
          await copyFile(path, temporary, constants.COPYFILE_FICLONE);
          await syncPath(temporary);
        });
        renameSync(temporary, target);
      } finally {
        // rename() of two links to one file does nothing and leaves both names.
        removeFile(temporary);
      }
      await syncFolder(dirname(target));
    });
  }

  return {
    create: async (key) => createWriter(key, pathOf(key)),
    async put(key, bytes) {
      const writer = createWriter(key, pathOf(key));
      try {
        await writer.write(bytes);
        return await writer.finish();
      } catch (error) {
        await writer.abort();
        throw error;
      }
    },
    adopt,
    async share(from, to) {
      const source = pathOf(from);
      await access(source).catch((error) => {
        throw missing(from, error);
      });
      await adopt(to, source);
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
      try {
        return await openReader(pathOf(key));
      } catch (cause) {
        throw (cause as NodeJS.ErrnoException).code === "ENOENT" ? missing(key, cause) : diskError(key, cause);
      }
    },
    overwrite: (key, patches) => overwriteFile(key, pathOf(key), patches),
    async remove(key) {
      await rm(pathOf(key), { recursive: true, force: true });
    },
  };
}

const HASHED_BYTES = 1024 * 1024;

async function overwriteFile(
  key: string,
  target: string,
  patches: AsyncIterable<{ offset: number; bytes: Uint8Array }>,
): Promise<StoredBlob> {
  return await withDiskErrors(key, async () => {
    const { nlink } = await stat(target).catch((error) => {
      throw missing(key, error);
    });
    // Another name's bytes are not ours to change: a copy takes the place of ours first.
    if (nlink > 1) await standAlone(target);
    const file = await open(target, "r+");
    try {
      const { size: sizeBytes } = await file.stat();
      for await (const { offset, bytes } of patches) {
        if (offset < 0 || offset + bytes.length > sizeBytes) throw beyond(key, offset);
        for (let at = 0; at < bytes.length; ) {
          at += (await file.write(bytes, at, bytes.length - at, offset + at)).bytesWritten;
        }
      }
      await file.datasync();
      return { key, sizeBytes, sha256: await hashOf(file) };
    } finally {
      await file.close();
    }
  });
}

async function standAlone(target: string): Promise<void> {
  const temporary = temporaryPath(target);
  try {
    await copyFile(target, temporary, constants.COPYFILE_FICLONE);
    await syncPath(temporary);
    await rename(temporary, target);
  } finally {
    removeFile(temporary);
  }
  await syncFolder(dirname(target));
}

async function hashOf(file: FileHandle): Promise<Buffer> {
  const hash = createHash("sha256");
  const buffer = Buffer.allocUnsafeSlow(HASHED_BYTES);
  for (let at = 0; ; ) {
    const { bytesRead } = await file.read(buffer, 0, HASHED_BYTES, at);
    if (bytesRead === 0) return hash.digest();
    hash.update(buffer.subarray(0, bytesRead));
    at += bytesRead;
  }
}

const beyond = (key: string, offset: number) =>
  new InvariantBroken({
    code: "blob_range_invalid",
    message: `The stored file ${key} does not reach to byte ${offset}.`,
  });

const missing = (key: string, cause: unknown) =>
  new InvariantBroken({
    code: "blob_missing",
    message: `The stored file ${key} is missing from the data folder.`,
    cause,
  });

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

/** Makes the file only once there is more of it than one buffer holds: a small one is written whole, at its end. */
function createWriter(key: string, target: string): BlobWriter {
  const temporary = temporaryPath(target);
  const hash = createHash("sha256");
  let handle: FileHandle | undefined;
  let pending: Buffer = Buffer.allocUnsafe(FIRST_BUFFER_BYTES);
  let pendingBytes = 0;
  let sizeBytes = 0;
  /** Nothing goes in any more. */
  let isClosed = false;
  /** It is in its place, or thrown away. */
  let isOver = false;
  /** What was asked of the writer last. */
  let underWay: Promise<unknown> = Promise.resolve();
  let unsyncedBytes = 0;
  let syncing: Promise<void> = Promise.resolve();
  let syncError: unknown;

  /** Sends what was written to the disk while the next bytes are still being made, so that the last sync is short. */
  function syncBehind(file: FileHandle): void {
    unsyncedBytes = 0;
    syncing = syncing
      .then(() => file.datasync())
      .catch((error) => {
        // Linux tells of a failed write-back once: the last sync would know nothing of it.
        syncError ??= error;
      });
  }

  async function writeOut(bytes: Uint8Array): Promise<void> {
    hash.update(bytes);
    await withDiskErrors(key, async () => {
      const file = handle ?? (await inFolderOf(target, () => open(temporary, "wx")));
      handle = file;
      let written = 0;
      while (written < bytes.length) {
        const { bytesWritten } = await file.write(bytes, written, bytes.length - written);
        written += bytesWritten;
      }
      unsyncedBytes += bytes.length;
      if (unsyncedBytes >= SYNC_BEHIND_BYTES) syncBehind(file);
    });
  }

  async function flush(): Promise<void> {
    if (pendingBytes === 0) return;
    const bytes = pending.subarray(0, pendingBytes);
    pendingBytes = 0;
    await writeOut(bytes);
  }

  /** A file that outgrows its first small buffer gets one of full size. */
  function makeRoom(): void {
    const larger = spareBuffers.pop() ?? Buffer.allocUnsafeSlow(SMALL_FILE_BYTES);
    larger.set(pending.subarray(0, pendingBytes));
    pending = larger;
  }

  /** Gives the buffer back once and for all: whoever gets it next may be another client's writer. */
  function close(): void {
    if (isClosed) return;
    isClosed = true;
    if (pending.length === SMALL_FILE_BYTES && spareBuffers.length < MOST_SPARE_BUFFERS) spareBuffers.push(pending);
  }

  async function finishLarge(file: FileHandle): Promise<void> {
    await flush();
    await syncing;
    if (syncError !== undefined) throw syncError;
    await file.sync();
    close();
    await file.close();
  }

  async function finishSmall(): Promise<void> {
    const bytes = pending.subarray(0, pendingBytes);
    hash.update(bytes);
    await inFolderOf(target, () => writeSmallFile(temporary, bytes));
    close();
  }

  async function append(chunk: Uint8Array): Promise<void> {
    if (isClosed) throw new InvariantBroken({ code: "blob_closed", message: `${key} takes no more bytes` });
    sizeBytes += chunk.length;
    if (pendingBytes + chunk.length > SMALL_FILE_BYTES) await flush();
    if (chunk.length >= SMALL_FILE_BYTES) return await writeOut(chunk);
    if (pendingBytes + chunk.length > pending.length) makeRoom();
    pending.set(chunk, pendingBytes);
    pendingBytes += chunk.length;
  }

  async function finish(): Promise<StoredBlob> {
    await withDiskErrors(key, async () => {
      await (handle ? finishLarge(handle) : finishSmall());
      renameSync(temporary, target);
      isOver = true;
      await syncFolder(dirname(target));
    });
    return { key, sizeBytes, sha256: hash.digest() };
  }

  /** An `abort` that comes meanwhile waits for it. */
  function noted<T>(work: Promise<T>): Promise<T> {
    underWay = work;
    return work;
  }

  return {
    write: (chunk) => noted(append(chunk)),
    finish: () => noted(finish()),
    async abort() {
      await underWay.catch(() => {});
      if (isOver) return;
      isOver = true;
      close();
      await syncing;
      await handle?.close().catch(() => {});
      removeFile(temporary);
    },
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
