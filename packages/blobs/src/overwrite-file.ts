import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { copyFile, type FileHandle, open, rename, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { InvariantBroken } from "@inlet/contracts";
import type { StoredBlob } from "./blob-writer.ts";
import { missing, withDiskErrors } from "./disk-errors.ts";
import { temporaryPath } from "./places.ts";
import { syncPath } from "./small-file.ts";
import { removeFile, syncFolder } from "./sync-folder.ts";

const HASHED_BYTES = 1024 * 1024;

/** Writes bytes into the place of others in a finished file: see `Blobs.overwrite`. */
export async function overwriteFile(
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
