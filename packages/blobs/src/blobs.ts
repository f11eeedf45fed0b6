import { constants, linkSync, renameSync } from "node:fs";
import { access, copyFile, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { InvariantBroken } from "@inlet/contracts";
import { type BlobReader, openReader } from "./blob-reader.ts";
import { type BlobWriter, createWriter, type StoredBlob } from "./blob-writer.ts";
import { diskError, missing, withDiskErrors } from "./disk-errors.ts";
import { overwriteFile } from "./overwrite-file.ts";
import { inFolderOf, temporaryPath } from "./places.ts";
import { syncPath } from "./small-file.ts";
import { removeFile, syncFolder } from "./sync-folder.ts";

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
