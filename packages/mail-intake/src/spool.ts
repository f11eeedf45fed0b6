import { createHash, randomUUID } from "node:crypto";
import { mkdir, open, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { type Readable, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { Unavailable } from "@inlet/contracts";
import { type Database, knownLocations } from "@inlet/database";
import { MAGIC_BYTES } from "@inlet/envelope";
import { MAIL_FOLDER, type MailAttachment } from "./mail.ts";

/** A file in the folder of attachments. */
export type SpooledFile = Pick<MailAttachment, "location" | "sizeBytes" | "sha256" | "head">;

/** A new place for a file, relative to the data folder. */
export const newLocation = (): string => `${MAIL_FOLDER}/${randomUUID()}`;

/**
 * Writes a file into the folder of attachments, synced; the folder is synced by {@link syncSpool}.
 * @throws Unavailable `disk_full`; what the source throws. Nothing is left then.
 */
export async function spoolFile(source: Readable, dataFolder: string): Promise<SpooledFile> {
  const location = newLocation();
  const path = join(dataFolder, location);
  const hash = createHash("sha256");
  let head = Buffer.alloc(0);
  let sizeBytes = 0;
  try {
    await mkdir(join(dataFolder, MAIL_FOLDER), { recursive: true });
    const handle = await open(path, "wx", 0o640);
    try {
      const write = async (chunk: Buffer) => {
        hash.update(chunk);
        if (head.length < MAGIC_BYTES) head = Buffer.concat([head, chunk.subarray(0, MAGIC_BYTES - head.length)]);
        sizeBytes += chunk.length;
        for (let written = 0; written < chunk.length; ) {
          written += (await handle.write(chunk, written, chunk.length - written)).bytesWritten;
        }
      };
      await pipeline(
        source,
        new Writable({
          write: (chunk: Buffer, _encoding, done) => void write(chunk).then(() => done(), done),
        }),
      );
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    await rm(path, { force: true });
    throw asDiskFull(error);
  }
  return { location, sizeBytes, sha256: hash.digest(), head };
}

/** Makes the names of new attachments durable. */
export async function syncSpool(dataFolder: string): Promise<void> {
  const handle = await open(join(dataFolder, MAIL_FOLDER), "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Removes files of the data folder. */
export async function removeLocations(dataFolder: string, locations: readonly string[]): Promise<void> {
  await Promise.all(locations.map((location) => rm(join(dataFolder, location), { force: true })));
}

const SWEPT_AT_ONCE = 500;

/**
 * Removes what a crash left in the folder of attachments: files that no arrival names and that nobody has written to for a
 * while. Resolves to how many. Safe beside deliveries under way and other sweepers.
 */
export async function sweepMailFolder(
  { database, dataFolder }: { database: Database; dataFolder: string },
  olderThanMs: number,
): Promise<number> {
  const folder = join(dataFolder, MAIL_FOLDER);
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  const old: string[] = [];
  for (const name of names) {
    const found = await stat(join(folder, name)).catch(() => undefined);
    if (found?.isFile() && Date.now() - found.mtimeMs > olderThanMs) old.push(`${MAIL_FOLDER}/${name}`);
  }
  let removed = 0;
  for (let at = 0; at < old.length; at += SWEPT_AT_ONCE) {
    const some = old.slice(at, at + SWEPT_AT_ONCE);
    const known = await knownLocations(database, some);
    const forgotten = some.filter((location) => !known.has(location));
    await removeLocations(dataFolder, forgotten);
    removed += forgotten.length;
  }
  return removed;
}

/** An error of the disk that passes when somebody frees space; every other stays as it is. */
export function asDiskFull(error: unknown): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code !== "ENOSPC" && code !== "EDQUOT") return error;
  return new Unavailable({
    code: "disk_full",
    message: "The data folder's disk is full. The message was not taken and has to come again.",
    cause: error,
  });
}
