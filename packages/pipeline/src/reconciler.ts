import { isEnded } from "@inlet/contracts";
import {
  batchesOfRun,
  cancelSteps,
  clearRunSettle,
  type Database,
  dueRuns,
  type ExpiredStep,
  endFencedSessions,
  expireLeases,
  expireMessageLeases,
  failTakenBackStep,
  heldExpiredSteps,
  heldUpRuns,
  type LockedBatch,
  lockBatch,
  lockDueRun,
  lockRun,
  type MessageRef,
  profileAt,
  profileOfRun,
  recordBatchEvent,
  runOfBatch,
  staleReadyMessages,
  staleReadySteps,
  type Tx,
  transaction,
  tryReconcilerLock,
  waitingQueues,
} from "@inlet/database";
import type { Logger } from "@inlet/runtime";
import { admit } from "./admission.ts";
import { lateFailure } from "./commits.ts";
import { closeBatch, reportRuns, settleHeld, settleRuns } from "./endings.ts";
import { recoverPulls, takeBackPulls } from "./pulls/recover-pulls.ts";
import type { Publisher } from "./queues.ts";
import { recoverRemakes, takeBackRemakes } from "./renderings/recover-remakes.ts";
import { recoverRenderings, takeBackRenderings } from "./renderings/recover-renderings.ts";

/** A step whose workers vanish this often in a row (a crash, out of memory) is poisoned. */
const MOST_LOSSES = 5;
/** Longer than a published job takes to be claimed by an idle worker. */
const STALE_MS = 3_000;
const BATCH = 500;
const MESSAGE_LOST = {
  code: "worker_lost",
  message: `The notifier vanished ${MOST_LOSSES} times in a row while it sent this message.`,
  retryable: false,
};

interface ReconcilerOptions {
  database: Database;
  publisher: Publisher;
  logger: Logger;
  /** How often it looks. */
  everyMs: number;
  /** What has been due for so long, and nobody has claimed, is published again. Default 3 s. */
  staleMs?: number;
}

/**
 * The one who repairs: leases that ran out, jobs that Redis lost, waiting steps that admission passed over, runs whose
 * time has come. Several may run; a lock in PostgreSQL lets one work at a time.
 */
export function startReconciler({ everyMs, ...options }: ReconcilerOptions): {
  close(): Promise<void>;
} {
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let underWay: Promise<void> = Promise.resolve();

  const tick = async () => {
    try {
      await reconcile(options);
    } catch (err) {
      options.logger.warn({ err }, "could not reconcile; will look again");
    }
    if (!stopped) timer = setTimeout(schedule, everyMs);
  };
  const schedule = () => {
    underWay = tick();
  };
  schedule();
  return {
    async close() {
      stopped = true;
      clearTimeout(timer);
      await underWay;
    },
  };
}

/** One look at everything that may need repair. */
export async function reconcile({
  database,
  publisher,
  logger,
  staleMs: olderThanMs = STALE_MS,
}: Omit<ReconcilerOptions, "everyMs">): Promise<void> {
  const found = await transaction(database, async (tx) => {
    if (!(await tryReconcilerLock(tx))) return undefined;
    return {
      expired: await expireLeases(tx, { limit: BATCH }),
      messages: await expireMessageLeases(tx, { limit: BATCH, mostLosses: MOST_LOSSES, error: MESSAGE_LOST }),
      pulls: await takeBackPulls(tx),
      renderings: await takeBackRenderings(tx),
      remakes: await takeBackRemakes(tx),
    };
  });
  if (found === undefined) return;
  // A worker that was frozen just before its commit holds the row itself; once its session is gone, the next look finds it.
  await each(await heldExpiredSteps(database, { limit: BATCH }), logger, async ({ stepId, epoch }) => {
    await endFencedSessions(database, { stepId, epoch: epoch + 1 });
  });
  await publisher.messages(found.messages);
  await each(found.expired, logger, (step) => takeBack(database, publisher, step, logger));
  await each(await waitingQueues(database), logger, async ({ clientId, kind, projectId, tableName }) => {
    await publisher.steps(await admit(database, [kind], { clientId, projectId: projectId ?? 0, tableName }));
  });
  const tell = async (runId: number, { ended, messages }: Awaited<ReturnType<typeof settleRuns>>) => {
    publisher.changed({ runs: [runId], batches: [...ended.keys()] });
    await publisher.messages(messages);
  };
  await each(await dueRuns(database, { limit: BATCH }), logger, async (runId) => {
    await tell(runId, await transaction(database, (tx) => settleRun(tx, runId)));
  });
  await each(await heldUpRuns(database, { limit: BATCH }), logger, async (runId) => {
    const told = await transaction(database, (tx) => letGoOn(tx, runId));
    if (told.ended.size + told.messages.length > 0) await tell(runId, told);
  });
  await publisher.steps(await staleReadySteps(database, { olderThanMs, limit: BATCH }));
  await publisher.messages(await staleReadyMessages(database, { olderThanMs, limit: BATCH }));
  await recoverPulls({ database, publisher, logger }, { expired: found.pulls, olderThanMs });
  await recoverRenderings({ database, publisher, logger }, { expired: found.renderings, olderThanMs });
  await recoverRemakes({ database, publisher, logger }, { expired: found.remakes, olderThanMs });
}

/** One after the other; one that cannot be repaired does not keep the rest from it. */
async function each<T>(items: readonly T[], logger: Logger, repair: (item: T) => Promise<void>): Promise<void> {
  for (const item of items) {
    try {
      await repair(item);
    } catch (err) {
      logger.error({ err, item }, "could not repair; will look again");
    }
  }
}

/** A lease ran out: ends what the old worker may still hold, and gives the step on, or up. */
async function takeBack(database: Database, publisher: Publisher, step: ExpiredStep, logger: Logger): Promise<void> {
  const facts = {
    stepId: step.stepId,
    batchId: step.batchId,
    kind: step.kind,
    worker: step.worker,
    losses: step.losses,
  };
  await endFencedSessions(database, step);
  if (step.losses < MOST_LOSSES) {
    logger.warn(facts, "a worker did not answer; its step goes on elsewhere");
    await recordBatchEvent(database, {
      batchId: step.batchId,
      event: "lease lost",
      actor: step.worker ?? "unknown",
      detail: { step: step.kind, losses: step.losses },
    });
    publisher.changed({ batches: [step.batchId] });
    await publisher.steps(step.state === "ready" ? [step] : await admit(database, [step.kind], step));
    return;
  }
  logger.error(facts, "a step's workers vanish again and again; given up");
  const { batch, ended, messages } = await transaction(database, (tx) => giveUp(tx, step));
  publisher.changed({ batches: [step.batchId, ...ended] });
  await publisher.messages(messages);
  await publisher.steps(await admit(database, [step.kind, "import"], batch));
}

async function giveUp(
  tx: Tx,
  step: ExpiredStep,
): Promise<{ batch: LockedBatch; ended: number[]; messages: MessageRef[] }> {
  const error = {
    code: "worker_lost",
    message: `The worker on this step vanished ${step.losses} times in a row (a crash, or too little memory). An operator can retry it.`,
    retryable: true,
  };
  const runId = await runOfBatch(tx, step.batchId);
  const run = await lockRun(tx, runId!);
  const batch = (await lockBatch(tx, step.batchId))!;
  const due: { ended: number[]; messages: MessageRef[] } = { ended: [], messages: [] };
  if (!isEnded(batch.status)) {
    const at = { projectId: batch.projectId, version: batch.profileVersion };
    const profile = await profileAt(tx, at).catch(() => undefined);
    const closed = await closeBatch(tx, { run, batchId: batch.id, status: "failed", reason: error, profile });
    due.ended.push(...closed.ended.keys());
    due.messages.push(...closed.messages);
  } else {
    await recordBatchEvent(tx, lateFailure(step, error));
  }
  await failTakenBackStep(tx, { ...step, error });
  await cancelSteps(tx, { batchId: batch.id });
  return { batch, ...due };
}

/** Reports a run whose time to wait for more files is over. */
async function settleRun(tx: Tx, runId: number): ReturnType<typeof settleRuns> {
  const run = await lockDueRun(tx, runId);
  // A file may have come between the look and the lock.
  if (run === undefined) return { ended: new Map(), messages: [] };
  const profile = await profileOfRun(tx, runId);
  const held = await settleHeld(tx, { run, profile, batches: await batchesOfRun(tx, runId) });
  const { batches, ended, messages } = held;
  if (batches.every(({ status }) => isEnded(status))) {
    return { ended, messages: [...messages, ...(await reportRuns(tx, [{ run, profile, batches }]))] };
  }
  // Files that waited for others go on without them now: their ends report the run.
  await clearRunSettle(tx, runId);
  return { ended, messages };
}

/** Judges the files of a run anew that are held although nothing moves in it. */
async function letGoOn(tx: Tx, runId: number): ReturnType<typeof settleRuns> {
  const run = await lockRun(tx, runId);
  return await settleRuns(tx, [{ run, profile: await profileOfRun(tx, runId) }]);
}
