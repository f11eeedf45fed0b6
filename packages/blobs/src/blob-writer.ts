import { createHash } from "node:crypto";
import { renameSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { dirname } from "node:path";
import { InvariantBroken } from "@inlet/contracts";
import { withDiskErrors } from "./disk-errors.ts";
import { inFolderOf, temporaryPath } from "./places.ts";
import { SMALL_FILE_BYTES, writeSmallFile } from "./small-file.ts";
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

/** A large blob goes to the disk in parts of about this size. */
const SYNC_BEHIND_BYTES = 16 * 1024 * 1024;
/** What a small file is gathered in: it comes from Node's pool, so that most files allocate nothing of their own. */
const FIRST_BUFFER_BYTES = 4 * 1024;

/** Write buffers that are free again. */
const spareBuffers: Buffer[] = [];
const MOST_SPARE_BUFFERS = 16;

/** Makes the file only once there is more of it than one buffer holds: a small one is written whole, at its end. */
export function createWriter(key: string, target: string): BlobWriter {
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
