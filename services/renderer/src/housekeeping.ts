import type { Blobs } from "@inlet/blobs";
import { type Database, evictRenderings, transaction } from "@inlet/database";
import type { Logger } from "@inlet/runtime";
import { sweepWorkFolders } from "./work-folder.ts";

interface Parts {
  database: Database;
  blobs: Pick<Blobs, "remove">;
  dataFolder: string;
  /** How much of all videos is kept. */
  cacheBytes: number;
  /** Nobody works in a folder for longer. */
  workMs: number;
  logger: Logger;
}

const EVERY_MS = 30_000;
const AT_ONCE = 200;

/** Keeps what lies on the disk within bounds: videos that nobody fetches go, and so does what a crash left behind. */
export function keepHouse(parts: Parts, everyMs = EVERY_MS): { close(): Promise<void> } {
  let isClosed = false;
  let timer: NodeJS.Timeout | undefined;
  let underWay = look();

  async function look(): Promise<void> {
    try {
      await cleanUp(parts);
    } catch (err) {
      parts.logger.warn({ err }, "could not clean up; will look again");
    }
    if (isClosed) return;
    timer = setTimeout(() => {
      underWay = look();
    }, everyMs);
  }

  return {
    async close() {
      isClosed = true;
      clearTimeout(timer);
      await underWay;
    },
  };
}

/** One look. */
export async function cleanUp({ database, blobs, dataFolder, cacheBytes, workMs, logger }: Parts): Promise<void> {
  const keys = await transaction(database, async (tx) => {
    const evicted = await evictRenderings(tx, { mostBytes: cacheBytes, limit: AT_ONCE });
    for (const key of evicted) await blobs.remove(key);
    return evicted;
  });
  const folders = await sweepWorkFolders(dataFolder, workMs);
  if (keys.length + folders > 0) logger.info({ videos: keys.length, folders }, "cleaned up");
}
