import { link, unlink } from "node:fs/promises";
import { dirname } from "node:path";
import {
  arrivalOfUpload,
  endUpload,
  insertGatewayArrival,
  recordAudit,
  type Tx,
  touchUpload,
  transaction,
} from "@inlet/database";
import { failpoint } from "@inlet/runtime";
import { actorOf, type Context, entryOf, type Principal } from "./context.ts";
import { regularFile, release, type Seized, seize, withdrawSeized } from "./inbox.ts";
import { checkNewName, isTemporaryName } from "./paths.ts";
import { patiently } from "./patience.ts";
import { type Place, syncFolder } from "./places.ts";
import { denied, failure, noSuchFile } from "./status.ts";

/**
 * Renames a file between Uploads folders of one account; a final name makes it an arrival. What has arrived under the new
 * name is overwritten only when `replace` says so (OpenSSH's posix-rename; SFTP's own RENAME must fail, and clients rely
 * on that); an unfinished part is overwritten always.
 *
 * The new name is a second link first, then the arrival is committed, then the old name goes. So at any moment at which
 * the power may fail, what a client was told complete is complete under one of the names.
 */
export async function renameUpload(
  context: Context,
  principal: Principal,
  { from, to, replace }: { from: Place; to: Place; replace: boolean },
): Promise<void> {
  checkNewName(to.name);
  if (from.path === to.path) {
    if (!(await regularFile(from.file))) throw noSuchFile();
    return;
  }
  const source = await seize(context, principal, from, {
    arrived: "keep",
    reason: "renamed by its owner",
    check: (stats) => {
      if (!stats) throw noSuchFile();
    },
  });
  try {
    const target = await seize(context, principal, to, {
      arrived: "withdraw",
      reason: "replaced by its owner",
      check: (_, { arrived }) => {
        if (arrived && !replace) throw failure("A file of this name exists already");
      },
    });
    try {
      await moveLinked(context, principal, { from, to, source, target });
    } finally {
      await release(context, target.claim);
    }
  } finally {
    await release(context, source.claim);
  }
}

interface Move {
  from: Place;
  to: Place;
  source: Seized;
  target: Seized;
}

async function moveLinked(context: Context, principal: Principal, move: Move): Promise<void> {
  const { from, to, target } = move;
  const sizeBytes = move.source.stats?.size ?? 0;
  if (target.stats) await unlink(to.file);
  await link(from.file, to.file).catch((error: NodeJS.ErrnoException) => {
    // The watcher has claimed it since.
    throw error.code === "ENOENT" ? denied("This file is being processed; it cannot be renamed any more") : error;
  });
  let arrivalId: number | undefined;
  try {
    await syncFolder(dirname(to.file));
    failpoint("gateway.before-arrival");
    arrivalId = await patiently(context.limits.patienceMs, () =>
      transaction(context.database, (tx) => commitMove(tx, principal, move, sizeBytes)),
    );
  } catch (error) {
    // Had the COMMIT come through without an answer, the new name would be an arrival: then it must stay.
    if (!(error instanceof Error && error.name === "Unavailable")) await unlink(to.file).catch(() => {});
    throw error;
  }
  failpoint("gateway.after-arrival");
  await removeOldName(from, to);
  if (arrivalId !== undefined) void context.publisher.arrivals([arrivalId]);
}

async function commitMove(
  tx: Tx,
  principal: Principal,
  { from, to, source, target }: Move,
  sizeBytes: number,
): Promise<number | undefined> {
  const upload = target.claim.session;
  if (!(await touchUpload(tx, source.claim)) || !(await endUpload(tx, target.claim))) {
    // Either the COMMIT of an attempt before came through although its answer did not, or we were overtaken.
    const committed = await arrivalOfUpload(tx, { actor: actorOf(principal.username), upload });
    if (committed !== undefined) return committed;
    throw failure("Another connection has begun to write one of these files");
  }
  const before = await withdrawSeized(tx, principal, from, "renamed by its owner");
  const arrivalId = isTemporaryName(to.name)
    ? undefined
    : await insertGatewayArrival(tx, {
        projectId: to.folder.projectId,
        accountId: principal.accountId,
        path: to.path,
        fileName: to.name,
        sizeBytes,
        location: to.location,
        // Nothing was written since it had arrived under its old name. Of a part nobody knows.
        sha256: before?.sha256 ?? null,
      });
  const detail = { from: from.path, sizeBytes, ...(arrivalId !== undefined && { arrivalId, upload }) };
  await recordAudit(tx, entryOf(principal, { action: "rename", path: to.path, outcome: "ok", detail }));
  return arrivalId;
}

/** Both names are one file until here; should this be cut off, the old one is a part, and is removed as one. */
async function removeOldName(from: Place, to: Place): Promise<void> {
  await unlink(from.file);
  if (dirname(from.file) !== dirname(to.file)) await syncFolder(dirname(from.file));
}
