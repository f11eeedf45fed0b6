import { createHash, randomBytes } from "node:crypto";
import { type FileHandle, mkdir, open, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { Unavailable } from "@inlet/contracts";
import { uploadFolder } from "../env.ts";
import { Refusal } from "../requests/errors.ts";

/** Names of files that are still being written begin so. */
export const UNFINISHED = ".";

/** A file that was received whole and is on disk: synced, and so is its folder. */
export interface ReceivedFile {
  /** Relative to the data folder. */
  location: string;
  sizeBytes: number;
  sha256: Buffer;
}

/**
 * Writes a request's body to the data folder, byte for byte, in bounded memory. When anything goes wrong, a sender that
 * hangs up among it, nothing is left.
 * @throws Refusal `file_too_large` (413), `digest_differs` (400)
 * @throws Unavailable `disk_full`
 */
export async function receiveFile(
  body: AsyncIterable<Uint8Array>,
  {
    dataFolder,
    maxBytes,
    expectedSha256,
  }: { dataFolder: string; maxBytes: number; expectedSha256?: Buffer | undefined },
): Promise<ReceivedFile> {
  const folder = uploadFolder(dataFolder);
  const name = randomBytes(16).toString("hex");
  const unfinished = join(folder, `${UNFINISHED}${name}`);
  try {
    await mkdir(folder, { recursive: true });
    const handle = await open(unfinished, "wx", 0o640);
    const received = await writeBody(body, handle, maxBytes);
    if (expectedSha256 !== undefined && !expectedSha256.equals(received.sha256)) {
      throw new Refusal(
        400,
        "digest_differs",
        "The bytes that arrived are not those of Content-Digest. Send it again.",
      );
    }
    await rename(unfinished, join(folder, name));
    await syncFolder(folder);
    return { ...received, location: `uploads/${name}` };
  } catch (error) {
    await rm(unfinished, { force: true });
    throw asDiskFull(error);
  }
}

async function writeBody(
  body: AsyncIterable<Uint8Array>,
  handle: FileHandle,
  maxBytes: number,
): Promise<{ sizeBytes: number; sha256: Buffer }> {
  const hash = createHash("sha256");
  let sizeBytes = 0;
  try {
    for await (const chunk of body) {
      sizeBytes += chunk.length;
      if (sizeBytes > maxBytes) {
        throw new Refusal(413, "file_too_large", `A file may have at most ${maxBytes} bytes here.`);
      }
      hash.update(chunk);
      for (let written = 0; written < chunk.length; ) {
        written += (await handle.write(chunk, written, chunk.length - written)).bytesWritten;
      }
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
  return { sizeBytes, sha256: hash.digest() };
}

/** Removes a received file that no arrival came of. */
export async function discardFile(dataFolder: string, location: string): Promise<void> {
  await rm(join(dataFolder, location), { force: true });
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function asDiskFull(error: unknown): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code !== "ENOSPC" && code !== "EDQUOT") return error;
  return new Unavailable({
    code: "disk_full",
    message: "There is no room for this file at the moment. Nothing of it was kept; send it again later.",
    cause: error,
  });
}
