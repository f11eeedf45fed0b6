import { createHash } from "node:crypto";
import { linkSync, statSync } from "node:fs";
import { mkdir, open, readdir, rename } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type Blobs, readSmallFile, removeFile, syncFolder } from "@inlet/blobs";
import { InvariantBroken, Unavailable } from "@inlet/contracts";
import { failpoint } from "@inlet/runtime";
import type { Fence } from "./fence.ts";
import type { Parcel } from "./parcel.ts";
import { flagName, isEarlierAttempt, placeNames, temporaryName } from "./place-names.ts";

const READ_BYTES = 1024 * 1024;

/**
 * Puts a result into a folder on our disk: a hidden copy, synced and read back, then its name, then the flag. Another
 * batch's file is never replaced: a file of the same bytes counts as this one, beside any other this one gets a name of
 * its own. An attempt that follows on a broken one ends in the same state. Resolves to the name.
 */
export async function putIntoFolder(
  blobs: Blobs,
  parcel: Parcel,
  { folder, ...guards }: { folder: string } & Guards,
): Promise<string> {
  try {
    if (parcel.epoch > 1) {
      await mkdir(folder, { recursive: true });
      await removeEarlierAttempts(folder, parcel);
    }
    const name = await putResult(blobs, parcel, folder, guards);
    failpoint("deliver.renamed");
    if (parcel.flag) {
      await guards.fence();
      await putFlag(folder, flagName(name));
    }
    return name;
  } catch (error) {
    throw diskError(error);
  }
}

/** What stops an attempt that is not ours any more. */
interface Guards {
  signal: AbortSignal;
  fence: Fence;
}

async function putResult(blobs: Blobs, parcel: Parcel, folder: string, { signal, fence }: Guards): Promise<string> {
  const [own, other] = placeNames(parcel.name, parcel.batchId);
  const temporary = join(folder, temporaryName(parcel.batchId, parcel.epoch));
  let copied = false;
  try {
    for (const name of [own, other]) {
      const path = join(folder, name);
      for (;;) {
        const there = await whatIsAt(path, parcel, signal);
        if (there === "the same") return name;
        if (there === "another" && name === own) break;
        if (!copied) await copyAndVerify(blobs, parcel, temporary, signal);
        copied = true;
        failpoint("deliver.copied");
        signal.throwIfAborted();
        await fence();
        // A flag that an earlier file of this name left behind must not announce the one that comes now.
        if (parcel.flag) removeFile(join(folder, flagName(name)));
        if (there === "another") await rename(temporary, path);
        else if (!nameIfFree(temporary, path)) continue;
        await syncFolder(folder);
        return name;
      }
    }
    throw new InvariantBroken({ code: "no_name_left", message: `There is no name for the result ${parcel.name}.` });
  } finally {
    if (copied) removeFile(temporary);
  }
}

async function whatIsAt(
  path: string,
  parcel: Parcel,
  signal: AbortSignal,
): Promise<"nothing" | "the same" | "another"> {
  try {
    if (statSync(path).size !== parcel.sizeBytes) return "another";
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
    message: `The stored result ${parcel.name} is not what was stored: its SHA-256 differs. It was not delivered.`,
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
      message: "The data folder's disk is full. The result is kept; free some space, and it is delivered.",
      cause: error,
    });
  }
  if (code === "EIO" || code === "EROFS" || code === "EMFILE" || code === "ESTALE") {
    return new Unavailable({
      code: "disk_unavailable",
      message: `The data folder cannot be used (${code}). The result is delivered when it can.`,
      cause: error,
    });
  }
  return error;
}
