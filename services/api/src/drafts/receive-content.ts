import { constants } from "node:fs";
import { type FileHandle, mkdir, open } from "node:fs/promises";
import { dirname } from "node:path";
import { Refusal } from "../requests/errors.ts";

/** A writer of which nothing was heard for so long may be replaced by another one. */
export const TAKE_OVER_AFTER_MS = 15_000;
/** What was received is synced and said at least this often. */
const NOTED_EVERY_BYTES = 16 * 1024 * 1024;
const NOTED_EVERY_MS = TAKE_OVER_AFTER_MS / 4;

interface Appending {
  path: string;
  /** Where the bytes go, and how long the whole file is to be. */
  offset: number;
  sizeBytes: number;
  /** Those in which the file or one of the folders may be new: they are synced when it begins. */
  folders: readonly string[];
  /** Told how much is on the disk, synced; false: somebody else writes by now. */
  note(receivedBytes: number): Promise<boolean>;
}

/** How far a request brought the file. */
interface Appended {
  /** Synced. */
  receivedBytes: number;
  /** Why it went no further; null: the body came whole. */
  failure: unknown;
}

/**
 * Appends a request's body to a file. What came before the connection was lost is kept; a body that is longer than was
 * announced is taken back whole, because then it is another file. Nothing is said to be here that is not on the disk.
 */
export async function appendContent(
  body: AsyncIterable<Uint8Array>,
  { path, offset, sizeBytes, folders, note }: Appending,
): Promise<Appended> {
  await mkdir(dirname(path), { recursive: true });
  const handle = await open(path, constants.O_RDWR | constants.O_CREAT, 0o640);
  let at = offset;
  let failure: unknown = null;
  try {
    // What an earlier writer wrote and did not say is written again.
    await handle.truncate(offset);
    if (offset === 0) await syncFolders(folders);
    let noted = offset;
    let notedAt = performance.now();
    for await (const chunk of body) {
      if (at + chunk.length > sizeBytes) throw tooLong(sizeBytes);
      const elapsedMs = performance.now() - notedAt;
      if (at - noted >= NOTED_EVERY_BYTES || elapsedMs >= NOTED_EVERY_MS) {
        await handle.datasync();
        if (!(await note(at))) throw takenOver();
        noted = at;
        notedAt = performance.now();
      }
      await writeAll(handle, chunk, at);
      at += chunk.length;
    }
  } catch (error) {
    failure = error;
    // It is not cut off here: somebody else may have gone on from there by now, and what is beyond does not count.
    if (error instanceof Refusal) at = offset;
  } finally {
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  }
  return { receivedBytes: at, failure };
}

async function writeAll(handle: FileHandle, chunk: Uint8Array, at: number): Promise<void> {
  for (let written = 0; written < chunk.length; ) {
    written += (await handle.write(chunk, written, chunk.length - written, at + written)).bytesWritten;
  }
}

async function syncFolders(folders: readonly string[]): Promise<void> {
  for (const folder of folders) {
    const handle = await open(folder, "r");
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  }
}

const tooLong = (sizeBytes: number) =>
  new Refusal(
    413,
    "draft_too_long",
    `The file was announced with ${sizeBytes} bytes, and this is more. Nothing of this request was kept. Begin a new draft with the file's size.`,
  );

/** Two requests write one file. */
export const takenOver = () =>
  new Refusal(
    409,
    "draft_being_written",
    "Another request sends this file's content at the moment. Go on when it has ended, at the offset that HEAD tells.",
    undefined,
    { retryAfterSeconds: Math.ceil(TAKE_OVER_AFTER_MS / 1000) },
  );
