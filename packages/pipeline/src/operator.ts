import { InvalidInput, isEnded, type StepKind } from "@inlet/contracts";
import {
  type AuditEntry,
  cancelSteps,
  type Database,
  endFencedSessions,
  findResent,
  type LockedBatch,
  lockBatch,
  lockRun,
  profileAt,
  recordAudit,
  recordBatchEvent,
  reopenBatch,
  reopenRun,
  reopenStep,
  runOfBatch,
  type Tx,
  transaction,
} from "@inlet/database";
import { admit } from "./admission.ts";
import { closeBatch } from "./endings.ts";
import { filesOver } from "./files-over.ts";
import type { Publisher } from "./queues.ts";

/** An operator's order, and who gave it. */
interface Order {
  batchId: number;
  actor: string;
  reason?: string;
  /** The audit's line on it: written with it, or neither is. */
  audit?: AuditEntry;
}

/**
 * Sets a failed batch under way again from the step that failed; or, forced and with a reason, imports one that a newer
 * batch has overtaken. Its run is reported anew when it ends. Of a rejected batch the delivery of its error file is tried
 * again, where that failed: the batch stays rejected.
 * @throws InvalidInput `batch_unknown`, `not_retryable`, `reason_missing`, `files_deleted`, `recipient_forgotten`
 */
export async function retryBatch(
  database: Database,
  publisher: Publisher,
  { batchId, actor, force = false, reason, audit }: Order & { force?: boolean },
): Promise<void> {
  const { batch, kind } = await transaction(database, async (tx) => {
    const batch = await lockRunAndBatch(tx, batchId);
    const over = filesOver({ ...batch, batchId });
    if (over !== undefined) throw new InvalidInput(over);
    const late =
      batch.status === "rejected" ? await reopenStep(tx, { batchId, states: ["failed"], kind: "deliver" }) : undefined;
    if (late) return await noteRetry(tx, batch, late.kind);
    assertRetryable(batch, force, reason);
    const states = batch.status === "superseded" ? (["done"] as const) : (["failed", "cancelled"] as const);
    if (!force) await assertNotResent(tx, batch);
    await reopenRun(tx, batch.runId);
    await reopenBatch(tx, { batchId, forcedReason: force ? (reason ?? null) : null });
    const step = await reopenStep(tx, { batchId, states });
    if (step === undefined) {
      throw new InvalidInput({ code: "not_retryable", message: `Batch ${batchId} has no step that could run again.` });
    }
    return await noteRetry(tx, batch, step.kind);
  });
  publisher.changed({ batches: [batchId] });
  await publisher.steps(await admitOrLeave(database, [kind], batch));

  async function noteRetry(tx: Tx, batch: LockedBatch, kind: StepKind) {
    await recordBatchEvent(tx, { batchId, event: "retried", actor, detail: { step: kind, force, reason } });
    if (audit) await recordAudit(tx, audit);
    return { batch, kind };
  }
}

/**
 * The client has sent the file again, and that one was accepted: both together would be the same rows twice. A batch that
 * is imported already only has its delivery left.
 */
async function assertNotResent(tx: Tx, batch: LockedBatch): Promise<void> {
  if (batch.importedAt !== null) return;
  const { duplicates } = await profileAt(tx, { projectId: batch.projectId, version: batch.profileVersion });
  const later = await findResent(tx, {
    batchId: batch.id,
    byName: duplicates.name === "reject",
    byContent: duplicates.content === "reject",
  });
  if (later === undefined) return;
  throw new InvalidInput({
    code: "sent_again",
    message: `${batch.fileName} was sent again and accepted as batch ${later}. To import batch ${batch.id} as well, force the retry and give a reason.`,
  });
}

function assertRetryable(batch: LockedBatch, force: boolean, reason: string | undefined): void {
  if (force && !reason?.trim()) {
    throw new InvalidInput({
      code: "reason_missing",
      message: "A forced retry needs a reason: it goes into the history.",
    });
  }
  if (batch.status === "failed") return;
  if (batch.status === "superseded" && force) return;
  const message =
    batch.status === "superseded"
      ? `Batch ${batch.id} was overtaken by a newer one. To import it all the same, force the retry and give a reason.`
      : batch.status === "rejected"
        ? `Batch ${batch.id} was rejected because of its file. Have the file mended and sent again; the same name is welcome.`
        : `Batch ${batch.id} is ${batch.status}; only a failed batch can be retried.`;
  throw new InvalidInput({ code: "not_retryable", message });
}

/**
 * Stops a batch that is under way and not imported yet. A step that is running is fenced off: nothing of it lands.
 * @throws InvalidInput `batch_unknown`, `not_cancellable`
 */
export async function cancelBatch(
  database: Database,
  publisher: Publisher,
  { batchId, actor, reason, audit }: Order,
): Promise<void> {
  const due = await transaction(database, async (tx) => {
    const run = await lockRun(tx, await runIdOf(tx, batchId));
    const batch = (await lockBatch(tx, batchId))!;
    if (isEnded(batch.status) || batch.importedAt !== null) {
      const state = isEnded(batch.status) ? batch.status : "imported already";
      throw new InvalidInput({
        code: "not_cancellable",
        message: `Batch ${batchId} is ${state}; only a batch that is under way and not imported can be cancelled.`,
      });
    }
    const cancelled = await cancelSteps(tx, { batchId });
    const profile = await profileAt(tx, { projectId: batch.projectId, version: batch.profileVersion });
    // The client reads this; who cancelled is in the history.
    const words = `Cancelled by the operator${reason ? `: ${reason}` : ""}. Nothing was imported.`;
    const closed = await closeBatch(tx, {
      run,
      batchId,
      status: "cancelled",
      reason: { code: "cancelled", message: words },
      profile,
    });
    await recordBatchEvent(tx, { batchId, event: "cancelled", actor, detail: { reason } });
    if (audit) await recordAudit(tx, audit);
    return { ...closed, batch, cancelled };
  });
  publisher.changed({ batches: [...due.ended.keys()] });
  await publisher.messages(due.messages);
  // The commit stands: what fails from here on the reconciler makes good.
  for (const ref of due.cancelled) await endFencedSessions(database, ref).catch(() => {});
  const freed = due.cancelled.map(({ kind }) => kind);
  await publisher.steps(await admitOrLeave(database, ["import", ...freed], due.batch));
}

/** The commit stands: what cannot be admitted now the reconciler admits. */
const admitOrLeave = (...args: Parameters<typeof admit>) => admit(...args).catch(() => []);

async function lockRunAndBatch(tx: Tx, batchId: number): Promise<LockedBatch> {
  await lockRun(tx, await runIdOf(tx, batchId));
  return (await lockBatch(tx, batchId))!;
}

async function runIdOf(tx: Tx, batchId: number): Promise<number> {
  const runId = await runOfBatch(tx, batchId);
  if (runId === undefined) {
    throw new InvalidInput({ code: "batch_unknown", message: `There is no batch ${batchId}.` });
  }
  return runId;
}
