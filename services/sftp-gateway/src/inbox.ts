import { randomUUID } from "node:crypto";
import type { Stats } from "node:fs";
import { lstat, statfs, unlink } from "node:fs/promises";
import { dirname } from "node:path";
import {
  beginUpload,
  endUpload,
  type LatestArrival,
  latestArrival,
  recordAudit,
  type Tx,
  transaction,
  type UploadClaim,
  withdrawArrival,
} from "@inlet/database";
import { type Context, entryOf, type Principal } from "./context.ts";
import { patiently } from "./patience.ts";
import { type Place, syncFolder } from "./places.ts";
import { denied, failure, noSuchFile } from "./status.ts";

/**
 * What is at a path of an Uploads folder, to its owner:
 * - `part`: bytes that were never said to be complete (or are under a temporary name); resumable.
 * - `arrived`: complete, and the watcher has not come yet; may still be changed or taken back.
 * - `claimed`: being worked on. Its bytes are elsewhere; it can be looked at and not be changed.
 * - `echo`: its batch has ended just now. Only a direct look finds it, for clients that look at a file after `put`
 *   (paramiko, rclone) and would send it again when it is gone.
 */
export interface Entry {
  state: "part" | "arrived" | "claimed" | "echo";
  sizeBytes: number;
  modifiedMs: number;
}

/** How long after its arrival a file whose batch has ended can still be looked at. */
const ECHO_MS = 60_000;

export const BEING_PROCESSED = "This file is complete and is being processed; it cannot be changed any more";

/** What is at a place, or undefined. */
export async function look(context: Context, principal: Principal, place: Place): Promise<Entry | undefined> {
  const latest = await patiently(context.limits.patienceMs, () => latestOf(context.database, principal, place));
  if (latest && isClaimed(latest)) return entryOfArrival("claimed", latest);
  const stats = await regularFile(place.file);
  if (stats) {
    const state = latest?.state === "arrived" ? "arrived" : "part";
    return { state, sizeBytes: stats.size, modifiedMs: stats.mtimeMs };
  }
  // It has arrived and is not here: the watcher is claiming it at this moment.
  if (latest?.state === "arrived") return entryOfArrival("claimed", latest);
  return latest && isEcho(latest) ? entryOfArrival("echo", latest) : undefined;
}

/** Whether the watcher has a file and its batch is under way. */
const isClaimed = ({ state, ended }: LatestArrival): boolean => (state === "claimed" || state === "batched") && !ended;

const isEcho = ({ state, ended, ageMs }: LatestArrival): boolean => state === "batched" && ended && ageMs < ECHO_MS;

const entryOfArrival = (state: Entry["state"], { sizeBytes, arrivedAt }: LatestArrival): Entry => ({
  state,
  sizeBytes,
  modifiedMs: arrivedAt.getTime(),
});

const latestOf = (executor: Context["database"] | Tx, { accountId }: Principal, { folder, path }: Place) =>
  latestArrival(executor, { projectId: folder.projectId, accountId, path });

/** The file at a place on disk; undefined for nothing, and for what is no plain file (which nobody can reach). */
export async function regularFile(file: string): Promise<Stats | undefined> {
  try {
    const stats = await lstat(file);
    return stats.isFile() ? stats : undefined;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR" || code === "ENAMETOOLONG") return undefined;
    throw error;
  }
}

/** A place that this gateway alone may change until `release`. */
export interface Seized {
  readonly claim: UploadClaim;
  /** When it was asked for, by performance.now(). */
  readonly claimedAt: number;
  /** What is on disk, under the claim. */
  readonly stats: Stats | undefined;
  /** Whether it had arrived, and was taken back for this. */
  readonly withdrawn: boolean;
  /** The arrival that it is, and was left. */
  readonly arrivedId: number | undefined;
}

interface SeizeOptions {
  /** What a change does to a file that has arrived: take it back, or leave it (the caller does it later). */
  arrived: "withdraw" | "keep";
  /** Throws when what is on disk does not fit the request; called before anything is taken back. */
  check: (stats: Stats | undefined, state: { arrived: boolean }) => void;
  /** For the audit: why an arrival was taken back. */
  reason: string;
}

/**
 * Takes the sole right to change a place, for all gateways, and makes sure that the watcher has not taken the file.
 * @throws Refusal when another connection writes it, or when it is being processed
 */
export async function seize(
  context: Context,
  principal: Principal,
  place: Place,
  { arrived: onArrived, check, reason }: SeizeOptions,
): Promise<Seized> {
  const { database, limits } = context;
  const claim = { accountId: principal.accountId, path: place.path, session: randomUUID() };
  return await patiently(limits.patienceMs, () => {
    const claimedAt = performance.now();
    return transaction(database, async (tx) => {
      if (!(await beginUpload(tx, claim, { takeOverAfterMs: limits.takeOverMs }))) {
        throw failure("This file is being written by another connection");
      }
      const latest = await latestOf(tx, principal, place);
      if (latest && isClaimed(latest)) throw denied(BEING_PROCESSED);
      const stats = await regularFile(place.file);
      const arrived = latest?.state === "arrived";
      // It has arrived and is not here: the watcher is claiming it at this moment.
      if (arrived && stats === undefined) throw denied(BEING_PROCESSED);
      check(stats, { arrived });
      const withdrawn = arrived && onArrived === "withdraw";
      if (withdrawn) await withdraw(tx, principal, place, latest.id, reason);
      return { claim, claimedAt, stats, withdrawn, arrivedId: arrived && !withdrawn ? latest.id : undefined };
    });
  });
}

/** Takes an arrival back, with its audit row. @throws Refusal when the watcher was first */
async function withdraw(tx: Tx, principal: Principal, place: Place, arrivalId: number, reason: string): Promise<void> {
  if (!(await withdrawArrival(tx, arrivalId))) throw denied(BEING_PROCESSED);
  await recordAudit(
    tx,
    entryOf(principal, { action: "withdraw", path: place.path, outcome: "ok", detail: { arrivalId, reason } }),
  );
}

/** Takes back what has arrived at a place that the caller has seized. Resolves to it, or undefined. */
export async function withdrawSeized(
  tx: Tx,
  principal: Principal,
  place: Place,
  reason: string,
): Promise<LatestArrival | undefined> {
  const latest = await latestOf(tx, principal, place);
  if (latest?.state !== "arrived") {
    if (latest && isClaimed(latest)) throw denied(BEING_PROCESSED);
    return undefined;
  }
  await withdraw(tx, principal, place, latest.id, reason);
  return latest;
}

/** Gives a place back. When the database is away it falls free by itself, after the time for a take-over. */
export async function release({ database, logger }: Context, claim: UploadClaim): Promise<void> {
  await endUpload(database, claim).catch((err: unknown) => {
    logger.warn({ err, accountId: claim.accountId }, "could not give an upload's claim back; it will expire");
  });
}

/** Deletes a file of an Uploads folder, unless it is being processed. */
export async function removeUpload(context: Context, principal: Principal, place: Place): Promise<void> {
  const { claim, stats, withdrawn } = await seize(context, principal, place, {
    arrived: "withdraw",
    reason: "removed by its owner",
    check: (found) => {
      if (found === undefined) throw noSuchFile();
    },
  });
  try {
    await unlink(place.file);
    await syncFolder(dirname(place.file));
    await recordAudit(
      context.database,
      entryOf(principal, {
        action: "delete",
        path: place.path,
        outcome: "ok",
        detail: { sizeBytes: stats?.size ?? 0, complete: withdrawn },
      }),
    );
  } finally {
    await release(context, claim);
  }
}

/** @throws Refusal when the volume is so full that what was acknowledged could no longer be worked on */
export async function checkFreeSpace({ dataFolder, limits }: Context): Promise<void> {
  if (limits.minFreeBytes === 0) return;
  const { bavail, bsize } = await statfs(dataFolder);
  if (bavail * bsize < limits.minFreeBytes) {
    throw failure("The server has too little space left for new files. Please try again later.");
  }
}
