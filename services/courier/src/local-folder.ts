import { createHash } from "node:crypto";
import { linkSync, lstatSync } from "node:fs";
import { mkdir, open, readdir, rename } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type Blobs, readSmallFile, removeFile, syncFolder } from "@inlet/blobs";
import { InvariantBroken, Unavailable } from "@inlet/contracts";
import { failpoint } from "@inlet/runtime";
import { type Folder, type Found, type Guards, settleName } from "./folder.ts";
import type { Parcel } from "./parcel.ts";
import { flagName, isEarlierAttempt, temporaryName } from "./place-names.ts";

const READ_BYTES = 1024 * 1024;

/**
 * A folder on our disk. A file comes as a hidden copy, synced and read back, and then gets its name. An attempt that follows
 * on a broken one ends in the same state.
 */
export function openLocalFolder(blobs: Blobs, folder: string, guards: Guards): Folder {
  let isSwept = false;
  return {
    put: (parcel) =>
      reporting(async () => {
        if (parcel.epoch > 1 && !isSwept) {
          await mkdir(folder, { recursive: true });
          await removeEarlierAttempts(folder, parcel);
        }
        isSwept = true;
        return await putFile(blobs, parcel, folder, guards);
      }),
    flag: (name) =>
      reporting(async () => {
        await guards.fence();
        await putFlag(folder, name);
      }),
  };
}

async function reporting<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw diskError(error);
  }
}

async function putFile(blobs: Blobs, parcel: Parcel, folder: string, guards: Guards): Promise<string> {
  const temporary = join(folder, temporaryName(parcel.batchId, parcel.epoch));
  let copied = false;
  const look = (name: string) => whatIsAt(join(folder, name), parcel, guards.signal);
  try {
    return await settleName(parcel, guards, look, async (name, how, inTurn) => {
      const path = join(folder, name);
      if (!copied) await copyAndVerify(blobs, parcel, temporary, guards.signal);
      copied = true;
      failpoint("deliver.copied");
      guards.signal.throwIfAborted();
      await guards.fence();
      return await inTurn(async () => {
        // A flag that an earlier file of this name left behind must not announce the one that comes now.
        if (parcel.isFlagged) removeFile(join(folder, flagName(name)));
        if (how === "replace") await rename(temporary, path);
        else if (!nameIfFree(temporary, path)) return false;
        await syncFolder(folder);
        return true;
      });
    });
  } finally {
    if (copied) removeFile(temporary);
  }
}

async function whatIsAt(path: string, parcel: Parcel, signal: AbortSignal): Promise<Found> {
  try {
    // A link is no file of ours, wherever it leads.
    const there = lstatSync(path);
    if (!there.isFile()) return "no file";
    if (there.size !== parcel.sizeBytes) return "another";
    return (await hashAndSync(path, signal)).equals(parcel.sha256) ? "the same" : "another";
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "nothing";
    throw error;
  }
}

/** The client may do with its file what it likes, so it gets a copy; what the copy holds is read back before it is shown. */
async function copyAndVerify(blobs: Blobs, parcel: Parcel, temporary: string, signal: AbortSignal): Promise<void> {
  await copy(blobs, parcel, temporary);
  if ((await hashAndSync(temporary, signal)).equals(parcel.sha256)) return;
  removeFile(temporary);
  throw new InvariantBroken({
    code: "result_damaged",
    message: `${parcel.name} is not what was stored: its SHA-256 differs. It was not delivered.`,
  });
}

/** The folder is nearly always there, and the hidden name free. */
async function copy(blobs: Blobs, { blobKey }: Parcel, temporary: string): Promise<void> {
  try {
    await blobs.copyTo(blobKey, temporary);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") await mkdir(dirname(temporary), { recursive: true });
    else if (code === "EEXIST") removeFile(temporary);
    else throw error;
    await blobs.copyTo(blobKey, temporary);
  }
}

async function hashAndSync(path: string, signal: AbortSignal): Promise<Buffer> {
  const small = await readSmallFile(path, { sync: true });
  if (small !== undefined) return createHash("sha256").update(small).digest();
  const handle = await open(path, "r");
  try {
    const { size } = await handle.stat();
    const buffer = Buffer.allocUnsafe(Math.max(1, Math.min(READ_BYTES, size)));
    const hash = createHash("sha256");
    for (;;) {
      signal.throwIfAborted();
      const { bytesRead } = await handle.read(buffer, 0, buffer.length);
      if (bytesRead === 0) break;
      hash.update(buffer.subarray(0, bytesRead));
    }
    await handle.sync();
    return hash.digest();
  } finally {
    await handle.close();
  }
}

/** Gives a file a name, unless somebody else has it. rename() would replace; link() does not. */
function nameIfFree(temporary: string, path: string): boolean {
  try {
    linkSync(temporary, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
  return true;
}

async function putFlag(folder: string, name: string): Promise<void> {
  const handle = await open(join(folder, name), "w");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
  await syncFolder(folder);
}

async function removeEarlierAttempts(folder: string, { batchId, epoch }: Parcel): Promise<void> {
  for (const name of await readdir(folder)) {
    if (isEarlierAttempt(name, batchId, epoch)) removeFile(join(folder, name));
  }
}

function diskError(error: unknown): unknown {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === "ENOSPC" || code === "EDQUOT") {
    return new Unavailable({
      code: "disk_full",
      message: "The data folder's disk is full. What is to be delivered is kept; free some space, and it is.",
      cause: error,
    });
  }
  if (code === "EIO" || code === "EROFS" || code === "EMFILE" || code === "ESTALE") {
    return new Unavailable({
      code: "disk_unavailable",
      message: `The data folder cannot be used (${code}). What is to be delivered is, when it can.`,
      cause: error,
    });
  }
  return error;
}
