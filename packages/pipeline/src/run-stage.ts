import { hostname } from "node:os";
import { InvariantBroken, isEnded, type Profile, type StepKind, stepAfter, stepPlan } from "@inlet/contracts";
import {
  advanceBatch,
  advanceStep,
  type ClaimedStep,
  claimStep,
  type Database,
  type Executor,
  endFencedSessions,
  failStep,
  finishStep,
  lockBatch,
  lockRun,
  type MessageRef,
  putArtifacts,
  putIssues,
  recordBatchEvent,
  releaseStep,
  renewLease,
  type StepRef,
  startBatch,
  type Tx,
  transaction,
} from "@inlet/database";
import { failpoint, type Health, type Logger } from "@inlet/runtime";
import { admit } from "./admission.ts";
import { consume } from "./consumer.ts";
import { announceFile, closeBatch } from "./endings.ts";
import { heartbeat } from "./heartbeat.ts";
import { openProfileCache } from "./profiles.ts";
import { assertDurableRedis, openPublisher, type Publisher } from "./queues.ts";
import { afterFailure } from "./retry.ts";
import { type Decision, STAGE_NAMES, type Stage } from "./stage.ts";

/** What a worker on steps or messages needs. */
export interface WorkerOptions {
  database: Database;
  redisUrl: string;
  logger: Logger;
  health: Health;
  /** Jobs worked on at once. */
  concurrency: number;
  /** How long a claim lasts without a heartbeat. */
  leaseMs: number;
}

/** Thrown inside a step's transaction when the step is no longer ours: it rolls everything back. */
class Fenced extends Error {}

/** What a commit made due, and the kinds of step that it may have made room for. */
interface Settled {
  kinds: StepKind[];
  messages: MessageRef[];
}

/** What became due by a commit and the admission after it. */
interface Due {
  steps: StepRef[];
  messages: MessageRef[];
}

/**
 * Works on the steps of one kind: claims, runs the stage under a lease, records its decision in one transaction, publishes
 * what became due. Failures are retried or end the batch as `retry.ts` decides.
 */
export async function runStage(
  kind: StepKind,
  stage: Stage,
  options: WorkerOptions,
): Promise<{ close(): Promise<void> }> {
  const { database, redisUrl, logger, health, concurrency, leaseMs } = options;
  await assertDurableRedis(redisUrl);
  const publisher = openPublisher(redisUrl, logger);
  const profileAt = openProfileCache(database);
  const worker = `${hostname()}:${process.pid}`;
  const stopping = new AbortController();
  health.addCheck("redis", () => publisher.ping());
  health.addCheck("database", async () => {
    await database.pool.query("SELECT 1");
  });

  async function handle({ stepId, epoch }: { stepId: number; epoch: number }): Promise<void> {
    let step: ClaimedStep | undefined;
    try {
      step = await claimStep(database, { stepId, epoch, worker, leaseMs });
    } catch (err) {
      // The step stays ready; the reconciler publishes it again.
      logger.warn({ err, stepId, epoch }, "could not claim");
      return;
    }
    if (step === undefined) {
      logger.debug({ stepId, epoch }, "dropped a job that is not due");
      return;
    }
    await workOn(step, logger.child(logFacts(step)));
  }

  async function workOn(step: ClaimedStep, log: Logger): Promise<void> {
    const startedMs = performance.now();
    const beat = heartbeat(() => renewLease(database, { ...step, leaseMs }), leaseMs, log);
    let profile: Profile | undefined;
    try {
      profile = await profileAt(step.projectId, step.profileVersion);
      const table = profile.tables.find(({ name }) => name === step.tableName);
      if (table === undefined) {
        throw new InvariantBroken({ code: "table_missing", message: `The profile has no table ${step.tableName}.` });
      }
      if (kind === stepPlan(profile)[0]) await begin(step, profile);
      failpoint(`${kind}.claimed`);
      const signal = AbortSignal.any([beat.signal, stopping.signal]);
      const outcome = await stage({ step, profile, table, signal, logger: log });
      const due = await settle(step, profile, outcome);
      log.info({ durationMs: Math.round(performance.now() - startedMs) }, "step done");
      await publish(publisher, due);
    } catch (error) {
      if (error instanceof Fenced || beat.signal.aborted) {
        log.warn("the step is no longer ours; what was done is dropped");
      } else {
        await settleFailure(step, profile, stopping.signal.aborted ? new Interrupted() : error, log);
      }
    } finally {
      beat.stop();
    }
  }

  /** Marks the batch as running, before its first stage does its work. */
  async function begin(step: ClaimedStep, profile: Profile): Promise<void> {
    if (!profile.notify.on.includes("started")) {
      await startBatch(database, step.batchId);
      return;
    }
    const messages = await transaction(database, async (tx) => {
      await startBatch(tx, step.batchId);
      return await announceFile(tx, { event: "started", profile, ...step, table: step.tableName });
    });
    await publisher.messages(messages);
  }

  /** Records what the stage decided, in one commit, and then admits what that commit made room for. */
  async function settle(step: ClaimedStep, profile: Profile, outcome: Awaited<ReturnType<Stage>>): Promise<Due> {
    const settled = await commit(step, profile, outcome);
    failpoint(`${kind}.committed`);
    return { messages: settled.messages, steps: await admitAfter([kind, ...settled.kinds], step) };
  }

  async function commit(step: ClaimedStep, profile: Profile, outcome: Awaited<ReturnType<Stage>>): Promise<Settled> {
    if ("transact" in outcome) {
      // What an attempt that was given up may still hold would keep this one waiting.
      if (step.epoch > 1) await endFencedSessions(database, step);
      const settled = await transaction(
        database,
        async (tx) => await record(tx, step, profile, await outcome.transact(tx)),
        // Its session can be ended by this name once the step is taken away.
        { applicationName: `inlet:${step.stepId}:${step.epoch}` },
      );
      outcome.committed?.();
      return settled;
    }
    const next = outcome.verdict === "advance" ? stepAfter(profile, kind) : undefined;
    const isOneStatement = next !== undefined && !outcome.issues?.length;
    if (isOneStatement) return await recordAdvance(database, step, next, outcome);
    return await transaction(database, (tx) => record(tx, step, profile, outcome));
  }

  /** Findings, next step or the batch's end, and the step's own end as the last, fenced statement. */
  async function record(tx: Tx, step: ClaimedStep, profile: Profile, decision: Decision): Promise<Settled> {
    const { batchId } = step;
    const next = decision.verdict === "advance" ? stepAfter(profile, kind) : undefined;
    const run = next === undefined ? await lockRun(tx, step.runId) : undefined;
    if (decision.issues?.length) {
      await lockBatch(tx, batchId);
      await putIssues(tx, { batchId, issues: decision.issues });
    }
    if (next !== undefined) return await recordAdvance(tx, step, next, decision);

    if (hasProgress(decision)) await advanceBatch(tx, { batchId, ...decision });
    if (decision.artifacts?.length) await putArtifacts(tx, { batchId, artifacts: decision.artifacts });
    const end = decision.verdict === "end" ? decision : ({ status: "completed", reason: null } as const);
    const closed = await closeBatch(tx, { run: run!, batchId, status: end.status, reason: end.reason, profile });
    failpoint(`${kind}.before-commit`);
    if (!(await finishStep(tx, { ...step, result: decision.result ?? null }))) throw new Fenced();
    // A batch that ended without being imported lets the next one of its table go on.
    return { kinds: step.importedAt === null ? ["import"] : [], messages: closed.messages };
  }

  async function recordAdvance(on: Executor, step: ClaimedStep, next: StepKind, decision: Decision): Promise<Settled> {
    failpoint(`${kind}.before-commit`);
    const { artifacts = [], result = null } = decision;
    if (!(await advanceStep(on, { ...step, next, result, progress: decision, artifacts }))) throw new Fenced();
    return { kinds: [next], messages: [] };
  }

  /** The commit stands: what cannot be admitted now, because PostgreSQL went away, the reconciler admits. */
  async function admitAfter(kinds: readonly StepKind[], step: ClaimedStep): Promise<StepRef[]> {
    try {
      return await admit(database, kinds, step);
    } catch (err) {
      logger.warn({ err }, "could not admit waiting steps; the reconciler will");
      return [];
    }
  }

  async function settleFailure(
    step: ClaimedStep,
    profile: Profile | undefined,
    error: unknown,
    log: Logger,
  ): Promise<void> {
    const after = error instanceof Interrupted ? INTERRUPTED : afterFailure(error, step.attempts, Math.random());
    try {
      if (after.action === "retry") {
        const ref = await transaction(database, async (tx) => {
          const isCounted = !(error instanceof Interrupted);
          const released = await releaseStep(tx, { ...step, ...after, isCounted });
          if (released && isCounted) {
            await recordBatchEvent(tx, {
              batchId: step.batchId,
              event: "attempt failed",
              actor: worker,
              detail: { step: kind, attempt: step.attempts, ...after.error, retryInMs: after.delayMs },
            });
          }
          return released;
        });
        if (ref === undefined) throw new Fenced();
        log.warn({ err: error, attempt: step.attempts, delayMs: after.delayMs }, "attempt failed; will try again");
        await publisher.steps([ref], after.delayMs);
        return;
      }
      const failed = after.fault === "ours";
      log[failed ? "error" : "info"]({ err: error, attempt: step.attempts }, failed ? "step failed" : "file rejected");
      const messages = await transaction(database, (tx) => recordFailure(tx, step, profile, after));
      await publish(publisher, { messages, steps: await admitAfter([kind, "import"], step) });
    } catch (err) {
      if (err instanceof Fenced) log.warn("the step is no longer ours; what was done is dropped");
      // PostgreSQL is away: the lease runs out, and the reconciler gives the step to the next worker.
      else log.warn({ err }, "could not record a failure; the lease will run out");
    }
  }

  async function recordFailure(
    tx: Tx,
    step: ClaimedStep,
    profile: Profile | undefined,
    { fault, error }: { fault: "file" | "ours"; error: { code: string; message: string; retryable: boolean } },
  ): Promise<MessageRef[]> {
    const run = await lockRun(tx, step.runId);
    const batch = await lockBatch(tx, step.batchId);
    const messages: MessageRef[] = [];
    if (batch && !isEnded(batch.status)) {
      const status = fault === "file" ? "rejected" : "failed";
      const message = fault === "file" ? error.message : `The ${STAGE_NAMES[kind]} failed: ${error.message}`;
      const reason = { code: error.code, message };
      messages.push(...(await closeBatch(tx, { run, batchId: batch.id, status, reason, profile })).messages);
    }
    if (!(await failStep(tx, { ...step, error }))) throw new Fenced();
    return messages;
  }

  const consumer = await consume({ queue: kind, redisUrl, concurrency, logger, handle });
  return {
    async close() {
      stopping.abort();
      await consumer.close();
      await publisher.close();
    },
  };
}

/** Whether a decision says anything that the batch's row keeps. */
function hasProgress({ counts, issueTotals, linkKeyId, linksExpireAt, imported }: Decision): boolean {
  return [counts, issueTotals, linkKeyId, linksExpireAt, imported].some((each) => each !== undefined);
}

/** The service stops: the step goes back at once, for another worker. */
class Interrupted extends Error {}

const INTERRUPTED = {
  action: "retry",
  delayMs: 0,
  error: { code: "interrupted", message: "The worker was stopped; the step goes on elsewhere.", retryable: true },
} as const;

async function publish(publisher: Publisher, { steps, messages }: Due): Promise<void> {
  await Promise.all([publisher.steps(steps), publisher.messages(messages)]);
}

function logFacts(step: ClaimedStep) {
  const { stepId, epoch, batchId, client, project } = step;
  return { stepId, epoch, batchId, client, project };
}
