import { hostname } from "node:os";
import { InvariantBroken, type Profile, type StepKind, stepPlan, type Table } from "@inlet/contracts";
import {
  type ClaimedStep,
  claimImportsBehind,
  claimSteps,
  type Database,
  recordBatchEvent,
  releaseStep,
  renewLeases,
  returnImports,
  startBatch,
  transaction,
} from "@inlet/database";
import { failpoint, type Health, type Logger, workCounts } from "@inlet/runtime";
import { type Decided, Fenced, openCommits } from "./commits.ts";
import { consume, NotNow } from "./consumer.ts";
import { announceFile } from "./endings.ts";
import { openFollowUp } from "./follow-up.ts";
import { gather } from "./gather.ts";
import { type Lease, openLeases } from "./leases.ts";
import { openPrecedence } from "./precedence.ts";
import { openProfileCache } from "./profiles.ts";
import { assertDurableRedis, openPublisher } from "./queues.ts";
import { afterFailure } from "./retry.ts";
import type { FirstStage, Stage, Transaction } from "./stage.ts";

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
  /** Before the first retry of what failed; each further one waits twice as long. Default 500. */
  retryMs?: number;
}

/** A batch counts as running once its first stage is done, or has taken this long: small files need no row for that. */
const SHOWN_AS_RUNNING_AFTER_MS = 1_000;

/** Imports of one table that are one transaction at most: their number, and the bytes of those behind the first. */
const IMPORTED_TOGETHER = { files: 32, sizeBytes: 8 * 1024 * 1024 };

/** Large files worked on at once by one process: each may need memory of its own. Half of its places are for small ones. */
const GIANTS_AT_ONCE = 4;
/** When a job is looked at again that may be a giant's and met a process full of them. */
const GIANT_LATER_MS = 500;

/** Works on the steps of one kind until it is closed. */
interface StageRunner {
  close(): Promise<void>;
}

/** A step under way. */
interface Attempt {
  step: ClaimedStep;
  lease: Lease;
  log: Logger;
  startedMs: number;
  profile?: Profile;
}

/**
 * Works on the steps of one kind: claims, runs the stage under a lease, records its decision in one transaction, publishes
 * what became due. Steps that are under way at about the same time share statements and commits. Failures are retried or
 * end the batch as `retry.ts` decides.
 */
export function runStage(kind: "validate", stage: FirstStage, options: WorkerOptions): Promise<StageRunner>;
export function runStage(kind: StepKind, stage: Stage, options: WorkerOptions): Promise<StageRunner>;
export async function runStage(kind: StepKind, stage: Stage, options: WorkerOptions): Promise<StageRunner> {
  const { database, redisUrl, logger, health, concurrency, leaseMs } = options;
  await assertDurableRedis(redisUrl);
  const publisher = openPublisher(redisUrl, logger);
  const profileAt = openProfileCache(database);
  const worker = `${hostname()}:${process.pid}`;
  const leases = openLeases((steps) => renewLeases(database, { steps, leaseMs }), leaseMs, logger);
  const commits = openCommits(kind, database);
  const followUp = openFollowUp(database, publisher, logger);
  const precedence = openPrecedence();
  let roomForGiants = Math.max(1, Math.min(GIANTS_AT_ONCE, concurrency >> 1));
  let isStopping = false;
  health.addCheck("redis", () => publisher.ping());
  health.addCheck("database", async () => {
    await database.pool.query("SELECT 1");
  });

  /** An attempt; or `due later`, because it may be a giant and there is no room for one here; or undefined: drop the job. */
  const claim = gather(async (refs: readonly { stepId: number; epoch: number }[]) => {
    const claimedAtMs = performance.now();
    const giants = roomForGiants;
    roomForGiants = 0;
    const steps = await claimSteps(database, { refs, worker, leaseMs, giants }).catch((error) => {
      roomForGiants += giants;
      throw error;
    });
    const taken = steps.filter(({ lane }) => lane === "giant").length;
    roomForGiants += giants - taken;
    publisher.changed({ batches: steps.map(({ batchId }) => batchId) });
    const claimed = new Map(steps.map((step) => [step.stepId, step]));
    // By the room that this claim had: another one beside it may have given some back by now.
    const isFull = steps.length < refs.length && taken === giants;
    return refs.map(({ stepId }) => {
      const step = claimed.get(stepId);
      // A job that came twice at once is one attempt.
      claimed.delete(stepId);
      if (step === undefined) return isFull ? ("due later" as const) : undefined;
      return attemptOf(step, claimedAtMs);
    });
  });

  function attemptOf(step: ClaimedStep, claimedAtMs: number): Attempt {
    const lease = leases.hold(step, claimedAtMs);
    return { step, lease, log: logger.child(logFacts(step)), startedMs: claimedAtMs };
  }

  async function handle(ref: { stepId: number; epoch: number }): Promise<void> {
    // Until it is known for a giant: the claim's answer is one of the things that giants keep waiting.
    const ends = precedence.begin();
    try {
      const attempt = await claim(ref);
      if (attempt === "due later") throw new NotNow(GIANT_LATER_MS);
      if (attempt === undefined) logger.debug(ref, "dropped a job that is not due");
      else if (attempt.step.lane === "small") await workOn(attempt);
      else {
        ends();
        await workOnGiant(attempt);
      }
    } catch (err) {
      if (err instanceof NotNow) throw err;
      // The step stays ready; the reconciler publishes it again.
      logger.warn({ err, ...ref }, "could not claim");
    } finally {
      ends();
    }
  }

  async function workOnGiant(attempt: Attempt): Promise<void> {
    try {
      await workOn(attempt);
    } finally {
      roomForGiants += 1;
    }
  }

  async function workOn(attempt: Attempt): Promise<void> {
    try {
      const decided = await decide(attempt);
      if (isTransaction(decided)) await transact(attempt, decided);
      else await settle(attempt, () => commits.decision(decided));
    } catch (error) {
      await settleFailure(attempt, error);
    } finally {
      attempt.lease.release();
    }
  }

  /** Runs the stage. */
  async function decide(attempt: Attempt): Promise<Decided | Decided<Transaction>> {
    const { step, lease, log } = attempt;
    const profile = await profileAt(step.projectId, step.profileVersion);
    attempt.profile = profile;
    const table = tableOf(step, profile);
    const begun = kind === stepPlan(profile)[0] ? await begin(step, profile) : undefined;
    try {
      failpoint(`${kind}.claimed`);
      const { startedMs: claimedAtMs } = attempt;
      const giveWay = step.lane === "giant" ? precedence.giveWay : () => undefined;
      const outcome = await (stage as FirstStage)({
        step,
        profile,
        table,
        claimedAtMs,
        signal: lease.signal,
        giveWay,
        logger: log,
      });
      // The two kinds of outcome make two kinds of what was decided.
      return "transact" in outcome ? { step, profile, outcome } : { step, profile, outcome };
    } finally {
      clearTimeout(begun);
    }
  }

  /** Marks the batch as running, before its first stage does its work, or once that has taken a while. */
  async function begin(step: ClaimedStep, profile: Profile): Promise<NodeJS.Timeout | undefined> {
    if (!profile.notify.on.includes("started")) {
      const show = () =>
        startBatch(database, step.batchId).then(
          () => publisher.changed({ batches: [step.batchId] }),
          (err) => logger.warn({ err }, "could not show a start"),
        );
      return setTimeout(show, SHOWN_AS_RUNNING_AFTER_MS);
    }
    const messages = await transaction(database, async (tx) => {
      await startBatch(tx, step.batchId);
      return await announceFile(tx, { event: "started", profile, ...step, table: step.tableName });
    });
    publisher.changed({ batches: [step.batchId] });
    await publisher.messages(messages);
    return undefined;
  }

  /** Records what the stage decided, in one commit, and then does what follows from it. */
  async function settle({ step, log, startedMs }: Attempt, commit: () => ReturnType<typeof commits.decision>) {
    const settled = await commit();
    failpoint(`${kind}.committed`);
    publisher.changed({ batches: [step.batchId, ...(settled.batches ?? [])] });
    workCounts.add(kind, "done");
    const durationMs = Math.round(performance.now() - startedMs);
    log.info({ step: kind, attempt: step.attempts, ...settled.told, durationMs }, "step done");
    await followUp({ ...settled, kinds: [kind, ...settled.kinds], place: step });
  }

  /** Work inside the transaction that ends the step. An import takes those along that wait right behind it. */
  async function transact(attempt: Attempt, decided: Decided<Transaction>): Promise<void> {
    const behind = kind === "import" && !decided.outcome.isAlone ? await attemptsBehind(attempt) : [];
    if (behind.length === 0) {
      await settle(attempt, async () => (await commits.transacted([decided]))[0]!);
      return;
    }
    try {
      if (!(await transactTogether([attempt, ...behind]))) await transactInTurn([attempt, ...behind]);
    } finally {
      for (const { lease } of behind) lease.release();
    }
  }

  async function attemptsBehind({ step: first }: Attempt): Promise<Attempt[]> {
    // One that made its worker vanish is tried alone, so that it takes no other with it.
    if (first.losses > 0 || first.lane === "giant" || isStopping) return [];
    const claimedAtMs = performance.now();
    const { files: limit, sizeBytes } = IMPORTED_TOGETHER;
    try {
      const steps = await claimImportsBehind(database, { first, limit, sizeBytes, worker, leaseMs });
      publisher.changed({ batches: steps.map(({ batchId }) => batchId) });
      return steps.map((step) => attemptOf(step, claimedAtMs));
    } catch (err) {
      logger.warn({ err, stepId: first.stepId }, "could not claim the imports behind one; going on without them");
      return [];
    }
  }

  /** One transaction for all. False: it was rolled back, because of at least one of them. */
  async function transactTogether(attempts: readonly Attempt[]): Promise<boolean> {
    let settled: Awaited<ReturnType<typeof commits.transacted>>;
    try {
      const works: Decided<Transaction>[] = [];
      for (const attempt of attempts) {
        const decided = await decide(attempt);
        if (!isTransaction(decided) || decided.outcome.isAlone) return false;
        works.push(decided);
      }
      settled = await commits.transacted(works);
    } catch (err) {
      logger.info({ err, steps: attempts.length }, "several imports could not be one transaction; one by one");
      return false;
    }
    await Promise.all(attempts.map((attempt, place) => settle(attempt, async () => settled[place]!)));
    return true;
  }

  /** One after the other; where one neither lands nor ends its batch, those behind it wait for it. */
  async function transactInTurn(attempts: readonly Attempt[]): Promise<void> {
    for (const [place, attempt] of attempts.entries()) {
      try {
        const decided = await decide(attempt);
        await settle(attempt, () =>
          isTransaction(decided)
            ? commits.transacted([decided]).then(([settled]) => settled!)
            : commits.decision(decided),
        );
      } catch (error) {
        if (await settleFailure(attempt, error)) continue;
        const behind = attempts.slice(place + 1).map(({ step }) => step);
        await returnImports(database, behind).catch((err) => {
          logger.warn({ err }, "could not give imports back; their leases will run out");
        });
        return;
      }
    }
  }

  /** Whether the batch has ended by this failure; else it is tried again, or somebody else's by now. */
  async function settleFailure({ step, lease, log, profile }: Attempt, failure: unknown): Promise<boolean> {
    if (failure instanceof Fenced || lease.isLost) {
      log.warn("the step is no longer ours; what was done is dropped");
      return false;
    }
    const error = isStopping ? new Interrupted() : failure;
    const after =
      error instanceof Interrupted ? INTERRUPTED : afterFailure(error, step.attempts, Math.random(), options.retryMs);
    try {
      if (after.action === "retry") {
        await release(step, after, !(error instanceof Interrupted));
        if (!(error instanceof Interrupted)) workCounts.add(kind, "retried");
        log.warn({ err: error, attempt: step.attempts, delayMs: after.delayMs }, "attempt failed; will try again");
        return false;
      }
      const failed = after.fault === "ours";
      log[failed ? "error" : "info"]({ err: error, attempt: step.attempts }, failed ? "step failed" : "file rejected");
      const { ended, messages } = await commits.failure({ step, profile, ...after });
      publisher.changed({ batches: [step.batchId, ...ended.keys()] });
      // A file that is rejected was worked on as it should be.
      workCounts.add(kind, failed ? "failed" : "done");
      await followUp({ steps: [], messages, kinds: [kind, "import"], place: step });
      return true;
    } catch (err) {
      if (err instanceof Fenced) log.warn("the step is no longer ours; what was done is dropped");
      // PostgreSQL is away: the lease runs out, and the reconciler gives the step to the next worker.
      else log.warn({ err }, "could not record a failure; the lease will run out");
      return false;
    }
  }

  async function release(step: ClaimedStep, after: ToRetry, isCounted: boolean): Promise<void> {
    const ref = await transaction(database, async (tx) => {
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
    publisher.changed({ batches: [step.batchId] });
    await publisher.steps([ref], after.delayMs);
  }

  const consumer = await consume({ queue: kind, redisUrl, concurrency, logger, handle });
  return {
    async close() {
      isStopping = true;
      leases.interrupt();
      await consumer.close();
      leases.close();
      await publisher.close();
    },
  };
}

/** Null: only the file's content tells its table, and finding it is the first stage's work. */
function tableOf(step: ClaimedStep, profile: Profile): Table | null {
  if (step.tableName === null && step.kind === stepPlan(profile)[0]) return null;
  const table = profile.tables.find(({ name }) => name === step.tableName);
  if (table !== undefined) return table;
  throw new InvariantBroken({ code: "table_missing", message: `The profile has no table ${step.tableName}.` });
}

type ToRetry = Extract<ReturnType<typeof afterFailure>, { action: "retry" }>;

function isTransaction(decided: Decided | Decided<Transaction>): decided is Decided<Transaction> {
  return "transact" in decided.outcome;
}

/** The service stops: the step goes back at once, for another worker. */
class Interrupted extends Error {}

const INTERRUPTED = {
  action: "retry",
  delayMs: 0,
  error: { code: "interrupted", message: "The worker was stopped; the step goes on elsewhere.", retryable: true },
} as const;

function logFacts(step: ClaimedStep) {
  const { stepId, epoch, batchId, client, project } = step;
  return { stepId, epoch, batchId, client, project };
}
