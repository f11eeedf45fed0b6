import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Blobs } from "@inlet/blobs";
import {
  type Database,
  deleteAsset,
  findClient,
  forgetUpload,
  forgottenAssets,
  lockAssetFile,
  namedBlobs,
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
 * was left where a crash or a withdrawal came between. Returns how many files went.
 */
export async function sweepAssets(parts: Parts, now: Date): Promise<number> {
  return (await sweepSpent(parts)) + (await sweepForgotten(parts)) + (await sweepLeftOvers(parts, now));
}

async function sweepSpent({ database, blobs }: Parts): Promise<number> {
  for (let removed = 0; ; ) {
    const spent = await spentUploads(database, { olderThanMs: UPLOADS_KEPT_MS, limit: AT_ONCE });
    for (const { assetId, uploadKey } of spent) {
      await blobs.remove(uploadKey);
      await forgetUpload(database, assetId);
    }
    removed += spent.length;
    if (spent.length < AT_ONCE) return removed;
  }
}

async function sweepForgotten({ database, blobs }: Parts): Promise<number> {
  for (let removed = 0; ; ) {
    const forgotten = await forgottenAssets(database, { olderThanMs: REPLACED_KEPT_MS, limit: AT_ONCE });
    for (const asset of forgotten) {
      removed += await transaction(database, async (tx) => {
        if (!(await deleteAsset(tx, asset))) return 0;
        // Under the lock: whoever gets the same bytes now puts them there after this.
        await blobs.remove(`${asset.client}/assets/${asset.sha256}`);
        return 1;
      });
    }
    if (forgotten.length < AT_ONCE) return removed;
  }
}

const MADE_ANEW = /^[0-9a-f]{64}$/;
const OURS = new RegExp(`^\\.|^${UPLOAD_PREFIX}|${MADE_ANEW.source}`);

/**
 * What lies in the folders and no asset names: uploads that came whole, files that were put in their place for an asset that was
 * withdrawn meanwhile, and files that were never finished, whose names begin with a dot.
 */
async function sweepLeftOvers(parts: Parts, now: Date): Promise<number> {
  const root = blobFolder(parts.dataFolder);
  let removed = 0;
  for (const client of await readdir(root).catch(noneWhereMissing)) {
    const folder = join(root, client, "assets");
    const names = (await readdir(folder).catch(noneWhereMissing)).filter((name) => OURS.test(name));
    if (names.length === 0) continue;
    const named = await namedBlobs(parts.database, { client, names });
    for (const name of names.filter((each) => !named.has(each))) {
      const path = join(folder, name);
      const found = await stat(path).catch(() => undefined);
      if (found === undefined || now.getTime() - found.mtimeMs <= LEFT_OVER_MS) continue;
      if (MADE_ANEW.test(name)) removed += await removeUnnamed(parts, { client, sha256: name, path });
      else {
        await rm(path, { force: true });
        removed += 1;
      }
    }
  }
  return removed;
}

/** An asset may just be getting these very bytes. */
async function removeUnnamed(
  { database }: Parts,
  { client, sha256, path }: { client: string; sha256: string; path: string },
): Promise<number> {
  return await transaction(database, async (tx) => {
    const clientId = await findClient(tx, { client, scope: null });
    if (clientId === undefined) return 0;
    await lockAssetFile(tx, { clientId, sha256 });
    if ((await namedBlobs(tx, { client, names: [sha256] })).has(sha256)) return 0;
    await rm(path, { force: true });
    return 1;
  });
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
