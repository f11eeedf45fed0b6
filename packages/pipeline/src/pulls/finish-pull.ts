import type { Profile } from "@inlet/contracts";
import {
  type ClaimedPull,
  type Database,
  endPull,
  insertPulledArrival,
  type MessageRef,
  type PullEnd,
  type StoredError,
  transaction,
} from "@inlet/database";
import { failpoint } from "@inlet/runtime";
import type { PullResult } from "./pull-work.ts";
import { progressOf } from "./pull-work.ts";
import { lockPullRun, settleWithoutBatch } from "./settle-pull.ts";

/** What a pull's end made due. */
export interface FinishedPull {
  arrivalId: number | null;
  messages: MessageRef[];
  /** Batches that were given up with it. */
  ended: number[];
}

/** The pull is no longer ours: everything of its end is rolled back. */
export class PullFenced extends Error {}

/** What a batch's file is called that a pull brought. */
export const pulledFileName = ({ tableName, pullId }: Pick<ClaimedPull, "tableName" | "pullId">) =>
  `${tableName}_pull-${pullId}.csv`;

/** SHA-256 of a file that there is not. */
const NO_HASH = Buffer.alloc(32);

/**
 * Ends a pull that is ours, in one transaction: with the arrival that its spool becomes; with an arrival without a file where it
 * was stopped, so that its batch is rejected for everybody to see; or without one, its run settled.
 * @throws PullFenced when it is no longer ours
 */
export async function finishPull(
  database: Database,
  { pull, profile, result }: { pull: ClaimedPull; profile: Profile; result: PullResult },
): Promise<FinishedPull> {
  return await transaction(database, async (tx) => {
    const fence = { pullId: pull.pullId, epoch: pull.epoch };
    const finished: FinishedPull = { arrivalId: null, messages: [], ended: [] };
    const arrival = arrivalOf(pull, result);
    const end = endOf(pull, result);
    if (arrival !== null) {
      finished.arrivalId = await insertPulledArrival(tx, arrival);
      if (!(await endPull(tx, { ...fence, ...end, arrivalId: finished.arrivalId }))) throw new PullFenced();
    } else {
      const run = await lockPullRun(tx, pull.runId);
      if (!(await endPull(tx, { ...fence, ...end, arrivalId: null }))) throw new PullFenced();
      const told = await settleWithoutBatch(tx, { pullId: pull.pullId, run, profile });
      finished.messages.push(...told.messages);
      finished.ended.push(...told.ended.keys());
    }
    failpoint("puller.before-commit");
    return finished;
  });
}

function arrivalOf(pull: ClaimedPull, result: PullResult) {
  if (pull.purpose === "probe") return null;
  const { projectId, tableName } = pull;
  const common = { projectId, tableName, fileName: pulledFileName(pull) };
  if (result.end === "received") return { ...common, ...result.file, declared: result.progress.received };
  if (result.end !== "stopped") return null;
  const { expected: declared } = result.progress;
  return { ...common, sizeBytes: 0, location: `pulls/stopped-${pull.pullId}`, sha256: NO_HASH, declared };
}

function endOf(pull: ClaimedPull, result: PullResult): Omit<PullEnd, "arrivalId"> {
  const nothing = { failedPage: null, error: null, result: null };
  const asError = (reason: { code: string; message: string }): StoredError => ({ ...reason, retryable: false });
  switch (result.end) {
    case "received":
    case "unchanged":
      return { ...nothing, state: result.end, progress: result.progress };
    case "stopped":
      return {
        ...{ state: "stopped", progress: result.progress, result: null },
        ...{ failedPage: result.failedPage, error: asError(result.reason) },
      };
    case "cancelled":
      return { ...nothing, state: "cancelled", progress: progressOf(pull), error: asError(result.reason) };
    case "probed":
      return { ...nothing, state: "received", progress: progressOf(pull), result: result.result };
  }
}
