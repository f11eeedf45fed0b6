import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { type Database, endedArrivals, knownLocations } from "@inlet/database";
import type { Logger } from "@inlet/runtime";
import type { Claims } from "./local/claims.ts";

const AT_ONCE = 500;

/** Removes claimed files whose batches hold their bytes already: a watcher was stopped before it could. */
export async function sweepClaims(database: Database, claims: Claims, logger: Logger): Promise<number> {
  let removed = 0;
  const arrivalIds = await claims.list();
  for (let at = 0; at < arrivalIds.length; at += AT_ONCE) {
    for (const id of await endedArrivals(database, arrivalIds.slice(at, at + AT_ONCE))) {
      await claims.release(id);
      removed += 1;
    }
  }
  if (removed > 0) logger.info({ removed }, "removed claimed files that nobody needs");
  return removed;
}

/**
 * Removes fetched files that no arrival names, a good while after they were last written to.
 * @param folder relative to the data folder
 */
export async function sweepFetched(
  { database, dataFolder, folder, logger }: { database: Database; dataFolder: string; folder: string; logger: Logger },
  olderThanMs: number,
): Promise<number> {
  let removed = 0;
  const locations = (await readdir(join(dataFolder, folder))).map((name) => `${folder}/${name}`);
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
  return removed;
}

/** When a file was last written to; never, when it is gone. */
const touchedAt = (path: string): Promise<number> =>
  stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => Number.POSITIVE_INFINITY,
  );
