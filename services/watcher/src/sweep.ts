import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Blobs } from "@inlet/blobs";
import { type Database, endedArrivals, forgottenBatches, knownLocations, neededSpools } from "@inlet/database";
import { sweepMailFolder } from "@inlet/mail-intake";
import type { Logger } from "@inlet/runtime";
import { every } from "./every.ts";
import type { Claims } from "./local/claims.ts";
import { FETCHED_FOLDER } from "./remote/fetch-file.ts";

const AT_ONCE = 500;

/** Longer than any pause in a fetch: a session that is silent for half a minute is given up. */
const LEFT_OVER_MS = 60 * 60_000;

interface SweepOptions {
  database: Database;
  blobs: Blobs;
  claims: Claims;
  dataFolder: string;
  everyMs: number;
  logger: Logger;
}

/** Looks for left-over files now and then. */
export function startSweeping({ database, blobs, claims, dataFolder, everyMs, logger }: SweepOptions): {
  close(): Promise<void>;
} {
  const sweep = async () => {
    await sweepClaims(database, claims, logger);
    await sweepFetched({ database, dataFolder, logger }, LEFT_OVER_MS);
    await sweepSpools({ database, dataFolder, logger }, LEFT_OVER_MS);
    await sweepMail({ database, dataFolder, logger }, LEFT_OVER_MS);
    await sweepBlobs({ database, blobs, dataFolder, logger }, LEFT_OVER_MS);
  };
  return every(everyMs, "sweeping", sweep, logger);
}

/** Removes claimed files whose batches hold their bytes already: a watcher was stopped before it could. */
async function sweepClaims(database: Database, claims: Claims, logger: Logger): Promise<void> {
  let removed = 0;
  const arrivalIds = await claims.list();
  for (let at = 0; at < arrivalIds.length; at += AT_ONCE) {
    for (const id of await endedArrivals(database, arrivalIds.slice(at, at + AT_ONCE))) {
      await claims.release(id);
      removed += 1;
    }
  }
  if (removed > 0) logger.info({ removed }, "removed claimed files that nobody needs");
}

/** Removes fetched files that no arrival names, a good while after they were last written to. */
async function sweepFetched(
  { database, dataFolder, logger }: Pick<SweepOptions, "database" | "dataFolder" | "logger">,
  olderThanMs: number,
): Promise<void> {
  let removed = 0;
  const locations = (await namesIn(join(dataFolder, FETCHED_FOLDER))).map((name) => `${FETCHED_FOLDER}/${name}`);
  for (let at = 0; at < locations.length; at += AT_ONCE) {
    const some = locations.slice(at, at + AT_ONCE);
    const known = await knownLocations(database, some);
    for (const location of some) {
      const path = join(dataFolder, location);
      const touchedMs = known.has(location) ? Number.POSITIVE_INFINITY : await touchedAt(path);
      if (touchedMs > Date.now() - olderThanMs) continue;
      await rm(path, { force: true });
      removed += 1;
    }
  }
  if (removed > 0) logger.info({ removed }, "removed left-overs of broken fetches");
}

/** The folder of what is being pulled: rows as `<pull>-….csv`, beside each its keys. */
const SPOOLS_FOLDER = "pulls";

/** Removes spools that neither a pull under way nor an arrival needs, a good while after they were last written to. */
async function sweepSpools(
  { database, dataFolder, logger }: Pick<SweepOptions, "database" | "dataFolder" | "logger">,
  olderThanMs: number,
): Promise<void> {
  let removed = 0;
  const files = (await namesIn(join(dataFolder, SPOOLS_FOLDER))).map((name) => `${SPOOLS_FOLDER}/${name}`);
  for (let at = 0; at < files.length; at += AT_ONCE) {
    const some = files.slice(at, at + AT_ONCE);
    const spoolOf = (file: string) => file.replace(/(-whole)?\.(csv|keys)$/, ".csv");
    const needed = await neededSpools(database, [...new Set(some.flatMap((file) => [file, spoolOf(file)]))]);
    for (const file of some) {
      if (needed.has(file) || needed.has(spoolOf(file))) continue;
      const path = join(dataFolder, file);
      if ((await touchedAt(path)) > Date.now() - olderThanMs) continue;
      await rm(path, { force: true });
      removed += 1;
    }
  }
  if (removed > 0) logger.info({ removed }, "removed left-overs of pulls");
}

/** Removes attachments that no arrival names, a good while after they were last written to. */
async function sweepMail(
  { database, dataFolder, logger }: Pick<SweepOptions, "database" | "dataFolder" | "logger">,
  olderThanMs: number,
): Promise<void> {
  const removed = await sweepMailFolder({ database, dataFolder }, olderThanMs);
  if (removed > 0) logger.info({ removed }, "removed left-overs of e-mails");
}

/**
 * Removes the stored files of batches that there never were: their intake stored them and was rolled back. Only below the
 * newest batch: a database that was set back to an older state, or is the wrong one, must not cost what it has forgotten.
 */
async function sweepBlobs(
  { database, blobs, dataFolder, logger }: Pick<SweepOptions, "database" | "blobs" | "dataFolder" | "logger">,
  olderThanMs: number,
): Promise<void> {
  let removed = 0;
  const folder = join(dataFolder, "blobs");
  for (const client of await namesIn(folder)) {
    const batchIds = (await namesIn(join(folder, client)))
      .filter((name) => /^[1-9][0-9]{0,14}$/.test(name))
      .map(Number);
    for (let at = 0; at < batchIds.length; at += AT_ONCE) {
      for (const batchId of await forgottenBatches(database, batchIds.slice(at, at + AT_ONCE))) {
        const touchedMs = await touchedAt(join(folder, client, String(batchId)));
        if (touchedMs > Date.now() - olderThanMs) continue;
        await blobs.remove(`${client}/${batchId}`);
        removed += 1;
      }
    }
  }
  if (removed > 0) logger.info({ removed }, "removed stored files of batches that never came to be");
}

/** The names in a folder; none when it is not there yet, or is no folder of ours (a volume's `lost+found`, a stray file). */
const namesIn = (folder: string): Promise<string[]> =>
  readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT" || error.code === "ENOTDIR" || error.code === "EACCES") return [];
    throw error;
  });

/** When a file was last written to; never, when it is gone. */
const touchedAt = (path: string): Promise<number> =>
  stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => Number.POSITIVE_INFINITY,
  );
