import { isEnded } from "@inlet/contracts";
import {
  batchesOfRun,
  cancelSteps,
  type Database,
  dueRuns,
  type ExpiredStep,
  endFencedSession,
  expireLeases,
  expireMessageLeases,
  failReadyStep,
  type LockedBatch,
  lockBatch,
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
import { closeBatch, reportRun } from "./endings.ts";
import type { Publisher } from "./queues.ts";

/** A step whose workers vanish this often in a row (a crash, out of memory) is poisoned. */
const MOST_LOSSES = 5;
/** Longer than a published job takes to be claimed by an idle worker. */
const STALE_MS = 3_000;
const BATCH = 500;

interface ReconcilerOptions {
  database: Database;
  publisher: Publisher;
  logger: Logger;
  /** How often it looks. */
  everyMs: number;
}

/**
 * The one who repairs: leases that ran out, jobs that Redis lost, waiting steps that admission passed over, runs whose
 * time has come. Several may run; a lock in PostgreSQL lets one work at a time.
 */
export function startReconciler({ database, publisher, logger, everyMs }: ReconcilerOptions): {
  close(): Promise<void>;
} {
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let underWay: Promise<void> = Promise.resolve();

  const tick = async () => {
    try {
      await reconcile({ database, publisher, logger });
    } catch (err) {
      logger.warn({ err }, "could not reconcile; will look again");
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
export async function reconcile({ database, publisher, logger }: Omit<ReconcilerOptions, "everyMs">): Promise<void> {
  const found = await transaction(database, async (tx) => {
    if (!(await tryReconcilerLock(tx))) return undefined;
    return {
      expired: await expireLeases(tx, { limit: BATCH }),
      messages: await expireMessageLeases(tx, { limit: BATCH }),
    };
  });
  if (found === undefined) return;
  for (const step of found.expired) await takeBack(database, publisher, step, logger);
  await publisher.messages(found.messages);

  for (const queue of await waitingQueues(database)) {
    const { clientId, kind, projectId, tableName } = queue;
    await publisher.steps(await admit(database, [kind], { clientId, projectId: projectId ?? 0, tableName }));
  }
  for (const runId of await dueRuns(database, { limit: BATCH })) {
    await publisher.messages(await transaction(database, (tx) => settleRun(tx, runId)));
  }
  await publisher.steps(await staleReadySteps(database, { olderThanMs: STALE_MS, limit: BATCH }));
  await publisher.messages(await staleReadyMessages(database, { olderThanMs: STALE_MS, limit: BATCH }));
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
  await endFencedSession(database, { stepId: step.stepId, epoch: step.epoch - 1 });
  if (step.losses < MOST_LOSSES) {
    logger.warn(facts, "a worker did not answer; its step goes on elsewhere");
    await recordBatchEvent(database, {
      batchId: step.batchId,
      event: "lease lost",
      actor: step.worker ?? "unknown",
      detail: { step: step.kind, losses: step.losses },
    });
    await publisher.steps([step]);
    return;
  }
  logger.error(facts, "a step's workers vanish again and again; given up");
  const { batch, messages } = await transaction(database, (tx) => giveUp(tx, step));
  await publisher.messages(messages);
  await publisher.steps(await admit(database, [step.kind, "import"], batch));
}

async function giveUp(tx: Tx, step: ExpiredStep): Promise<{ batch: LockedBatch; messages: MessageRef[] }> {
  const error = {
    code: "worker_lost",
    message: `The worker on this step vanished ${step.losses} times in a row (a crash, or too little memory). An operator can retry it.`,
    retryable: true,
  };
  const runId = await runOfBatch(tx, step.batchId);
  const run = await lockRun(tx, runId!);
  const batch = (await lockBatch(tx, step.batchId))!;
  const messages: MessageRef[] = [];
  if (!isEnded(batch.status)) {
    const profile = await profileAt(tx, { projectId: batch.projectId, version: batch.profileVersion });
    const closed = await closeBatch(tx, { run, batchId: batch.id, status: "failed", reason: error, profile });
    messages.push(...closed.messages);
  }
  await failReadyStep(tx, { ...step, error });
  await cancelSteps(tx, { batchId: batch.id });
  return { batch, messages };
}

/** Reports a run whose time to wait for more files is over. */
async function settleRun(tx: Tx, runId: number): Promise<MessageRef[]> {
  const run = await lockRun(tx, runId);
  // A file may have come between the look and the lock.
  if (run.state !== "open" || run.settleAt === null || run.settleAt.getTime() > Date.now()) return [];
  return await reportRun(tx, { run, profile: await profileOfRun(tx, runId), batches: await batchesOfRun(tx, runId) });
}
