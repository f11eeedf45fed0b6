import type { BatchStatus, Profile, Reason } from "@inlet/contracts";
import {
  answeredBatches,
  batchesOfRuns,
  type EndedBatch,
  endBatches,
  insertMessages,
  type LockedRun,
  type MessageRef,
  markRunsReported,
  type RunBatch,
  setRunSettle,
  type Tx,
} from "@inlet/database";
import { replyMessage } from "./reply.ts";
import { fileMessage, readiness, reportMessage } from "./report.ts";
import { tellEnds, tellReports } from "./webhook-events.ts";

/** A batch that ends. Its run's row is locked by the caller's transaction, before any row of a batch or step. */
export interface Closing {
  run: LockedRun;
  batchId: number;
  status: BatchStatus;
  reason: Reason | null;
  /** Undefined: it cannot be read any more, and cannot word a report; the batch's end stands all the same. */
  profile: Profile | undefined;
}

/**
 * Ends a batch and writes into the outbox, in the same commit, the answer to the e-mail that it came by, what webhooks are
 * told of it, and the run's e-mails where that completes its run.
 */
export async function closeBatch(tx: Tx, closing: Closing): Promise<{ status: BatchStatus; messages: MessageRef[] }> {
  const { ended, messages } = await closeBatches(tx, [closing]);
  return { status: ended.get(closing.batchId)!.status, messages };
}

/** Ends batches, answers and reports, as {@link closeBatch}, with a number of statements that does not grow. */
export async function closeBatches(
  tx: Tx,
  closings: readonly Closing[],
): Promise<{ ended: Map<number, EndedBatch>; messages: MessageRef[] }> {
  const ended = await endBatches(tx, closings);
  const replies = await reply(
    tx,
    closings.filter(({ batchId }) => ended.get(batchId)?.source === "email"),
  );
  const told = await tellEnds(tx, closings, ended);
  return { ended, messages: [...replies, ...told, ...(await reportComplete(tx, closings))] };
}

/** So many of the first findings are told in a reply; all of them are in the error file. */
const MOST_FINDINGS = 10;

/** Writes the answers to the e-mails that batches came by. One that ends again, after a retry, is answered again. */
async function reply(tx: Tx, closings: readonly Closing[]): Promise<MessageRef[]> {
  if (closings.length === 0) return [];
  const profiles = new Map(closings.map(({ batchId, profile }) => [batchId, profile]));
  const answered = await answeredBatches(tx, { batchIds: [...profiles.keys()], mostFindings: MOST_FINDINGS });
  const at = new Date();
  return await insertMessages(
    tx,
    answered.map((batch) => ({
      key: `reply:${batch.batchId}:${batch.ends}`,
      projectId: batch.projectId,
      runId: null,
      batchId: batch.batchId,
      recipient: batch.sender,
      payload: replyMessage(profiles.get(batch.batchId), batch, at),
    })),
  );
}

/** Reports the runs that are complete now. */
async function reportComplete(tx: Tx, closings: readonly Closing[]): Promise<MessageRef[]> {
  const judged = closings.flatMap(({ run, profile }) => (profile ? [[run.id, { run, profile }] as const] : []));
  const runs = [...new Map(judged).values()];
  if (runs.length === 0) return [];
  const batches = await batchesOfRuns(
    tx,
    runs.map(({ run }) => run.id),
  );
  const complete: RunReport[] = [];
  for (const { run, profile } of runs) {
    const ofRun = batches.get(run.id) ?? [];
    const ready = readiness(profile.run, ofRun);
    if (ready.report === "later") await setRunSettle(tx, { runId: run.id, settleMs: ready.settleMs });
    if (ready.report === "now") complete.push({ run, profile, batches: ofRun });
  }
  return await reportRuns(tx, complete);
}

/** A run to report. Its row is locked by the caller. */
export interface RunReport {
  run: LockedRun;
  profile: Profile;
  batches: readonly RunBatch[];
}

/** Reports runs, each under its next revision. */
export async function reportRuns(tx: Tx, reports: readonly RunReport[]): Promise<MessageRef[]> {
  if (reports.length === 0) return [];
  const revisions = await markRunsReported(
    tx,
    reports.map(({ run }) => run.id),
  );
  const at = new Date();
  const mailed = reports.filter(({ profile }) => profile.notify.on.includes("completed"));
  const mails = await insertMessages(
    tx,
    mailed.flatMap(({ run, profile, batches }) => {
      const revision = revisions.get(run.id)!;
      const payload = reportMessage(profile, { key: run.key, revision, at }, batches);
      return profile.notify.recipients.map((recipient) => ({
        key: `run:${run.id}:${revision}:${recipient.toLowerCase()}`,
        projectId: run.projectId,
        runId: run.id,
        batchId: null,
        recipient,
        payload,
      }));
    }),
  );
  return [...mails, ...(await tellReports(tx, reports, { revisions, at }))];
}

/** Writes the e-mails on one file's reception or start, where the project wants them. */
export async function announceFile(
  tx: Tx,
  {
    event,
    profile,
    projectId,
    batchId,
    table,
    fileName,
    sizeBytes,
    rehearsal,
  }: {
    event: "received" | "started";
    profile: Profile;
    projectId: number;
    batchId: number;
    table: string | null;
    fileName: string;
    sizeBytes: number;
    rehearsal: boolean;
  },
): Promise<MessageRef[]> {
  if (!profile.notify.on.includes(event)) return [];
  const payload = fileMessage(profile, { event, batchId, table, fileName, sizeBytes, rehearsal, at: new Date() });
  return await insertMessages(
    tx,
    profile.notify.recipients.map((recipient) => ({
      key: `batch:${batchId}:${event}:${recipient.toLowerCase()}`,
      projectId,
      runId: null,
      batchId,
      recipient,
      payload,
    })),
  );
}
