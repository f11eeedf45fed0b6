import type { BatchStatus, Profile, Reason } from "@inlet/contracts";
import {
  batchesOfRuns,
  endBatches,
  insertMessages,
  type LockedRun,
  type MessageRef,
  markRunsReported,
  type RunBatch,
  setRunSettle,
  type Tx,
} from "@inlet/database";
import { fileMessage, readiness, reportMessage } from "./report.ts";

/** A batch that ends. Its run's row is locked by the caller's transaction, before any row of a batch or step. */
export interface Closing {
  run: LockedRun;
  batchId: number;
  status: BatchStatus;
  reason: Reason | null;
  /** Undefined: it cannot be read any more, and cannot word a report; the batch's end stands all the same. */
  profile: Profile | undefined;
}

/** Ends a batch and, where that completes its run, writes the run's e-mails into the outbox: one commit. */
export async function closeBatch(tx: Tx, closing: Closing): Promise<{ status: BatchStatus; messages: MessageRef[] }> {
  const { statuses, messages } = await closeBatches(tx, [closing]);
  return { status: statuses.get(closing.batchId)!, messages };
}

/** Ends batches and reports the runs that are complete by that, with a number of statements that does not grow. */
export async function closeBatches(
  tx: Tx,
  closings: readonly Closing[],
): Promise<{ statuses: Map<number, BatchStatus>; messages: MessageRef[] }> {
  const statuses = await endBatches(tx, closings);
  const judged = closings.flatMap(({ run, profile }) => (profile ? [[run.id, { run, profile }] as const] : []));
  const runs = [...new Map(judged).values()];
  if (runs.length === 0) return { statuses, messages: [] };
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
  return { statuses, messages: await reportRuns(tx, complete) };
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
  const told = reports.filter(({ profile }) => profile.notify.on.includes("completed"));
  return await insertMessages(
    tx,
    told.flatMap(({ run, profile, batches }) => {
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
