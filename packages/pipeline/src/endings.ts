import type { BatchStatus, Profile, Reason } from "@inlet/contracts";
import {
  batchesOfRun,
  endBatch,
  insertMessages,
  type LockedRun,
  type MessageRef,
  markRunReported,
  type RunBatch,
  setRunSettle,
  type Tx,
} from "@inlet/database";
import { fileMessage, readiness, reportMessage } from "./report.ts";

/**
 * Ends a batch and, where that completes its run, writes the run's e-mails into the outbox: one commit. The run's row must
 * be locked by the caller's transaction, before any row of a batch or step.
 */
export async function closeBatch(
  tx: Tx,
  {
    run,
    batchId,
    status,
    reason,
    profile,
  }: {
    run: LockedRun;
    batchId: number;
    status: BatchStatus;
    reason: Reason | null;
    profile: Profile | undefined;
  },
): Promise<{ status: BatchStatus; messages: MessageRef[] }> {
  const ended = await endBatch(tx, { batchId, status, reason });
  // A profile that cannot be read any more cannot word a report; the batch's end stands all the same.
  if (profile === undefined) return { status: ended, messages: [] };
  const batches = await batchesOfRun(tx, run.id);
  const ready = readiness(profile.run, batches);
  if (ready.report === "later") await setRunSettle(tx, { runId: run.id, settleMs: ready.settleMs });
  const messages = ready.report === "now" ? await reportRun(tx, { run, profile, batches }) : [];
  return { status: ended, messages };
}

/** Reports a run under its next revision. The run's row is locked by the caller. */
export async function reportRun(
  tx: Tx,
  { run, profile, batches }: { run: LockedRun; profile: Profile; batches: readonly RunBatch[] },
): Promise<MessageRef[]> {
  const revision = await markRunReported(tx, run.id);
  if (!profile.notify.on.includes("completed")) return [];
  const payload = reportMessage(profile, { key: run.key, revision, at: new Date() }, batches);
  return await insertMessages(
    tx,
    profile.notify.recipients.map((recipient) => ({
      key: `run:${run.id}:${revision}:${recipient.toLowerCase()}`,
      projectId: run.projectId,
      runId: run.id,
      batchId: null,
      recipient,
      payload,
    })),
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
  }: {
    event: "received" | "started";
    profile: Profile;
    projectId: number;
    batchId: number;
    table: string | null;
    fileName: string;
    sizeBytes: number;
  },
): Promise<MessageRef[]> {
  if (!profile.notify.on.includes(event)) return [];
  const payload = fileMessage(profile, { event, batchId, table, fileName, sizeBytes, at: new Date() });
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
