import { createHash, randomUUID } from "node:crypto";
import { mkdir, open, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { Unavailable } from "@inlet/contracts";
import type { Remote } from "@inlet/remote-sftp";
import { diskError } from "../disk-error.ts";
import type { ListedFile } from "./listing.ts";

/** Where fetched files lie until they are claimed, relative to the data folder. */
export const FETCHED_FOLDER = "fetched";

/**
 * Fetches a file: whole, hashed and on disk, or not at all.
 * @returns its place relative to the data folder
 * @throws Unavailable `remote_changed` when it is not the file of the listing any more
 */
export async function fetchFile(
  remote: Remote,
  file: ListedFile,
  dataFolder: string,
): Promise<{ location: string; sha256: Buffer }> {
  const folder = join(dataFolder, FETCHED_FOLDER);
  const location = `${FETCHED_FOLDER}/${randomUUID()}`;
  const path = join(dataFolder, location);
  const temporary = `${path}.part`;
  try {
    await mkdir(folder, { recursive: true });
    const sha256 = await download(remote, file, temporary);
    const after = await remote.stat(file.path);
    if (after?.sizeBytes !== file.sizeBytes || after.modifiedMs !== file.modifiedMs) {
      throw new Unavailable({
        code: "remote_changed",
        message: `${file.path} has changed while it was fetched; it is still being written.`,
      });
    }
    await rename(temporary, path);
    await syncFolder(folder);
    return { location, sha256 };
  } catch (error) {
    await rm(temporary, { force: true });
    throw diskError(error);
  }
}

async function download(remote: Remote, file: ListedFile, temporary: string): Promise<Buffer> {
  const hash = createHash("sha256");
  const handle = await open(temporary, "wx");
  try {
    await remote.read(file.path, file.sizeBytes, async (chunk) => {
      hash.update(chunk);
      for (let written = 0; written < chunk.length; ) {
        written += (await handle.write(chunk, written, chunk.length - written)).bytesWritten;
      }
    });
    await handle.sync();
  } finally {
    await handle.close();
  }
  return hash.digest();
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
