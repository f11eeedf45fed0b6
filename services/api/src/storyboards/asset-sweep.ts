import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Blobs } from "@inlet/blobs";
import {
  type Database,
  deleteAsset,
  forgetUpload,
  forgottenAssets,
  namedUploads,
  spentUploads,
  transaction,
} from "@inlet/database";
import type { Logger } from "@inlet/runtime";
import { blobFolder } from "../env.ts";
import { UPLOAD_PREFIX } from "./receive-asset.ts";

/** What was uploaded is kept so long after it was made anew: somebody may want to look into why it was refused. */
const UPLOADS_KEPT_MS = 24 * 60 * 60 * 1000;
/** A page that was opened before a file was replaced may still ask for it. */
const REPLACED_KEPT_MS = 24 * 60 * 60 * 1000;
/** Longer than any upload stays without a byte. */
const LEFT_OVER_MS = 24 * 60 * 60 * 1000;
const SWEPT_EVERY_MS = 60 * 60 * 1000;
const AT_ONCE = 200;

interface Parts {
  database: Database;
  blobs: Blobs;
  dataFolder: string;
}

/**
 * Removes what nobody needs any more of files for storyboards: uploads that were made anew, files that no version shows, and what
 * was left by uploads that a crash cut off. Returns how many files went.
 */
export async function sweepAssets(parts: Parts, now: Date): Promise<number> {
  const { database, blobs } = parts;
  let removed = 0;
  for (const { assetId, uploadKey } of await spentUploads(database, { olderThanMs: UPLOADS_KEPT_MS, limit: AT_ONCE })) {
    await blobs.remove(uploadKey);
    await forgetUpload(database, assetId);
    removed += 1;
  }
  for (const asset of await forgottenAssets(database, { olderThanMs: REPLACED_KEPT_MS, limit: AT_ONCE })) {
    removed += await transaction(database, async (tx) => {
      if (!(await deleteAsset(tx, asset))) return 0;
      // Under the lock: whoever gets the same bytes now puts them there after this.
      await blobs.remove(`${asset.client}/assets/${asset.sha256}`);
      return 1;
    });
  }
  return removed + (await sweepLeftOvers(parts, now));
}

/** Uploads that came whole and that no asset names, and files that were never finished: their names begin with a dot. */
async function sweepLeftOvers({ database, dataFolder }: Parts, now: Date): Promise<number> {
  const root = blobFolder(dataFolder);
  let removed = 0;
  for (const client of await readdir(root).catch(noneWhereMissing)) {
    const folder = join(root, client, "assets");
    const names = await readdir(folder).catch(noneWhereMissing);
    const uploads = names.filter((name) => name.startsWith(UPLOAD_PREFIX)).map((name) => `${client}/assets/${name}`);
    const named = uploads.length === 0 ? new Set<string>() : await namedUploads(database, uploads);
    const unnamed = uploads.filter((key) => !named.has(key)).map((key) => join(root, key));
    const unfinished = names.filter((name) => name.startsWith(".")).map((name) => join(folder, name));
    for (const path of [...unnamed, ...unfinished]) {
      const found = await stat(path).catch(() => undefined);
      if (found === undefined || now.getTime() - found.mtimeMs <= LEFT_OVER_MS) continue;
      await rm(path, { force: true });
      removed += 1;
    }
  }
  return removed;
}

function noneWhereMissing(error: NodeJS.ErrnoException): string[] {
  if (error.code === "ENOENT" || error.code === "ENOTDIR") return [];
  throw error;
}

/** Sweeps now and every hour. */
export function keepAssetsSwept(parts: Parts & { logger: Logger }): { close(): void } {
  const sweep = () =>
    sweepAssets(parts, new Date()).then(
      (files) => files > 0 && parts.logger.info({ files }, "removed files that no storyboard shows"),
      (err: unknown) => parts.logger.warn({ err }, "could not look for files that no storyboard shows"),
    );
  void sweep();
  const timer = setInterval(() => void sweep(), SWEPT_EVERY_MS);
  return { close: () => clearInterval(timer) };
}
