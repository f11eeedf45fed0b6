import { randomUUID } from "node:crypto";
import { readdir, unlink } from "node:fs/promises";
import { join } from "node:path";
import {
  type Account,
  allAccounts,
  arrivedPaths,
  beginUpload,
  clientFolders,
  endUpload,
  latestArrival,
  recordAudit,
  removeAbandonedUploads,
  transaction,
} from "@inlet/database";
import type { AccountViews } from "./account-views.ts";
import type { Context } from "./context.ts";
import type { Defender } from "./defender.ts";
import { regularFile } from "./inbox.ts";
import { folderLocation, type Place, placeOf } from "./places.ts";
import { buildView, hasRole, type RoleFolder } from "./view.ts";

/** A look over all accounts; parts live for hours, so minutes are often enough. */
const SWEEP_EVERY_MS = 10 * 60_000;
/** A writer's sign of life comes every few seconds: what has none for this long was left by a gateway that was killed. */
const ABANDONED_AFTER_MS = 60 * 60_000;

interface Sweeper {
  close(): Promise<void>;
}

/** Looks after what is left over, from time to time: parts that nobody completed, claims and scores of the past. */
export function startSweeping(
  context: Context,
  { defender, views }: { defender: Defender; views: AccountViews },
): Sweeper {
  let running: Promise<void> | undefined;
  const sweep = async () => {
    try {
      views.forgetStale();
      await removeOldParts(context);
      await removeAbandonedUploads(context.database, { untouchedForMs: ABANDONED_AFTER_MS });
      await defender.forgetOld();
    } catch (err) {
      context.logger.warn({ err }, "could not clean up; the next time does it");
    }
  };
  const everyMs = Math.min(SWEEP_EVERY_MS, Math.max(1_000, context.limits.partTtlMs / 4));
  const timer = setInterval(() => {
    running ??= sweep().finally(() => {
      running = undefined;
    });
  }, everyMs);
  return {
    async close() {
      clearInterval(timer);
      await running;
    },
  };
}

/** Removes the parts that are older than their time to live. Returns how many. */
export async function removeOldParts(context: Context): Promise<number> {
  const { database, dataFolder } = context;
  let removed = 0;
  for (const account of await allAccounts(database)) {
    // Also those of disabled accounts, and of projects that the account sees no more: all of the client's folders.
    const { folders } = buildView(await clientFolders(database, account.clientId), null);
    for (const folder of folders.filter(hasRole)) {
      if (folder.role !== "uploads") continue;
      const path = join(dataFolder, folderLocation(account.jail, folder.segments));
      const names = await readdir(path).catch(() => []);
      if (names.length === 0) continue;
      const arrived = new Set(await arrivedPaths(database, { projectId: folder.projectId, accountId: account.id }));
      for (const name of names) {
        const place = placeOf(dataFolder, account.jail, folder, name);
        if (!arrived.has(place.path) && (await removeOldPart(context, account, place))) removed += 1;
      }
    }
  }
  return removed;
}

/** Age by ctime, which clients cannot set, as they can mtime. */
async function isOld(file: string, partTtlMs: number): Promise<boolean> {
  const stats = await regularFile(file);
  return stats !== undefined && Date.now() - stats.ctimeMs > partTtlMs;
}

async function removeOldPart(context: Context, account: Account, place: Place): Promise<boolean> {
  const { database, limits, logger } = context;
  if (!(await isOld(place.file, limits.partTtlMs))) return false;
  const claim = { accountId: account.id, path: place.path, session: randomUUID() };
  return await transaction(database, async (tx) => {
    if (!(await beginUpload(tx, claim, { takeOverAfterMs: limits.takeOverMs }))) return false;
    const { projectId }: RoleFolder = place.folder;
    const latest = await latestArrival(tx, { projectId, accountId: account.id, path: place.path });
    const isPart = latest === undefined || latest.state === "withdrawn" || latest.state === "lost" || latest.ended;
    // Under the claim nobody writes it, and it has not become an arrival.
    const remove = isPart && (await isOld(place.file, limits.partTtlMs));
    if (remove) {
      await recordAudit(tx, {
        actor: "sftp-gateway",
        action: "expire",
        path: place.path,
        outcome: "ok",
        detail: { accountId: account.id },
      });
      await unlink(place.file);
      logger.info({ accountId: account.id, path: place.path }, "an upload that was never completed was removed");
    }
    await endUpload(tx, claim);
    return remove;
  });
}
