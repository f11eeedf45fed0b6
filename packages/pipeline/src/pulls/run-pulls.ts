import { hostname } from "node:os";
import { Misconfigured, type Profile } from "@inlet/contracts";
import {
  beginPull,
  type ClaimedPull,
  claimPull,
  noteSystemFailure,
  noteSystemSuccess,
  type PullProgress,
  type PullRef,
  putPullProgress,
  releasePull,
  renewPullLease,
  transaction,
} from "@inlet/database";
import { failpoint, type Logger, workCounts } from "@inlet/runtime";
import { consume, NotNow } from "../consumer.ts";
import { heartbeat } from "../heartbeat.ts";
import { openProfileCache } from "../profiles.ts";
import { assertDurableRedis, openPublisher } from "../queues.ts";
import type { WorkerOptions } from "../run-stage.ts";
import { afterPullFailure } from "./after-pull-failure.ts";
import { finishPull, PullFenced } from "./finish-pull.ts";
import { goOnAfter } from "./go-on.ts";
import { type DoPull, type PullDone, progressOf } from "./pull-work.ts";

/** When a pull is looked at again whose system has no place for it just now. */
const BUSY_MS = 1_000;
/** A circuit that closes early is noticed within so long. */
const LONGEST_WAIT_MS = 10_000;
const LONGEST_OPEN_MS = 5 * 60_000;
const FIRST_RETRY_MS = 5_000;

interface Attempt {
  pull: ClaimedPull;
  profile: Profile;
  log: Logger;
  lost: AbortSignal;
  /** What was kept last. */
  progress: PullProgress;
}

/**
 * Works on pulls: claims them under a lease, at most as many of one system at a time as it has places, keeps how far they are,
 * and ends each in one transaction. What fails is tried again from there, or stopped, as `after-pull-failure.ts` decides.
 * `retryMs` defaults to 5 s.
 */
export async function runPulls(doPull: DoPull, options: WorkerOptions): Promise<{ close(): Promise<void> }> {
  const { database, redisUrl, logger, health, concurrency, leaseMs, retryMs = FIRST_RETRY_MS } = options;
  await assertDurableRedis(redisUrl);
  const publisher = openPublisher(redisUrl, logger);
  const profileAt = openProfileCache(database);
  const worker = `${hostname()}:${process.pid}`;
  const stopping = new AbortController();
  health.addCheck("redis", () => publisher.ping());
  health.addCheck("database", async () => {
    await database.pool.query("SELECT 1");
  });
  const places = async ({ projectId, profileVersion }: { projectId: number; profileVersion: number }) => {
    const { source } = await profileAt(projectId, profileVersion);
    return source.kind === "pull" ? source.system.concurrency : 1;
  };

  async function handle(ref: PullRef): Promise<void> {
    if (stopping.signal.aborted) return;
    let pull: ClaimedPull | undefined;
    try {
      const claim = await transaction(database, (tx) =>
        claimPull(tx, { ...ref, worker, leaseMs, places, busyMs: BUSY_MS }),
      );
      if (claim !== undefined && "laterMs" in claim) throw new NotNow(Math.min(claim.laterMs, LONGEST_WAIT_MS));
      pull = claim?.pull;
    } catch (err) {
      if (err instanceof NotNow) throw err;
      logger.warn({ err, ...ref }, "could not claim");
      return;
    }
    if (pull === undefined) {
      logger.debug(ref, "dropped a job that is not due");
      return;
    }
    const { client, project, tableName: table } = pull;
    const log = logger.child({ ...ref, client, project, table });
    const beat = heartbeat(() => renewPullLease(database, { ...ref, leaseMs }), leaseMs, log);
    try {
      failpoint("puller.claimed");
      if (pull.runId !== null) publisher.changed({ runs: [pull.runId] });
      await workOn(pull, beat.signal, log);
    } catch (err) {
      log.warn({ err }, "could not settle a pull; its lease will run out");
    } finally {
      beat.stop();
    }
  }

  async function workOn(pull: ClaimedPull, lost: AbortSignal, log: Logger): Promise<void> {
    const startedMs = performance.now();
    const profile = await profileAt(pull.projectId, pull.liveVersion);
    const attempt: Attempt = { pull, profile, log, lost, progress: progressOf(pull) };
    try {
      const result = await doPull({
        ...{ pull, profile, logger: log, signal: AbortSignal.any([lost, stopping.signal]) },
        begin: async (beginning) => {
          if (!(await beginPull(database, { ...pull, ...beginning }))) throw new PullFenced();
          attempt.progress = NO_PROGRESS;
        },
        keep: async (progress) => {
          if (!(await putPullProgress(database, { ...pull, ...progress, leaseMs }))) throw new PullFenced();
          if (attempt.progress.pages === 0 && progress.pages > 0) await noteSystemSuccess(database, pull.systemKey);
          attempt.progress = progress;
          failpoint("puller.kept");
        },
      });
      await finish(attempt, result);
      const { end } = result;
      const durationMs = Math.round(performance.now() - startedMs);
      log.info(
        { attempt: pull.attempts, end, ...("progress" in result && facts(result.progress)), durationMs },
        "pull done",
      );
    } catch (error) {
      await settleFailure(attempt, error);
    }
  }

  async function finish({ pull, profile, log }: Attempt, result: PullDone): Promise<void> {
    const { arrivalId, messages, ended } = await finishPull(database, { pull, profile, result });
    failpoint("puller.committed");
    workCounts.add("pull", result.end === "stopped" ? "failed" : "done");
    if (result.end !== "stopped" && result.end !== "cancelled") await noteSystemSuccess(database, pull.systemKey);
    if (arrivalId === null) await goOnAfter({ database, publisher }, { ...pull, messages, ended });
    else await publisher.arrivals([arrivalId]);
    await result.clear?.().catch((err) => log.warn({ err }, "what a pull left stays; the watcher sweeps it"));
  }

  async function settleFailure(attempt: Attempt, failure: unknown): Promise<void> {
    const { pull, log, lost, progress } = attempt;
    const fence = { pullId: pull.pullId, epoch: pull.epoch };
    if (failure instanceof PullFenced || lost.aborted) {
      log.warn("the pull is no longer ours");
      return;
    }
    if (stopping.signal.aborted) {
      const given = { ...fence, error: null, delayMs: 0, failedPage: null, hasFailed: false };
      const ref = await releasePull(database, given);
      if (ref) await publisher.pulls([ref]);
      return;
    }
    const isFurther = progress.position !== null && progress.pages > pull.pages;
    const failed = { ...pull, ...progress, failures: isFurther ? 1 : pull.failures + 1 };
    const after = afterPullFailure(failure, failed, { random: Math.random(), firstMs: retryMs });
    if (after.isSystems) {
      const error = { code: "system_failed", message: messageOf(failure), retryable: true };
      const openMs = (failures: number) => Math.min(LONGEST_OPEN_MS, retryMs * 2 ** Math.min(failures, 16));
      await noteSystemFailure(database, { systemKey: pull.systemKey, error, openMs });
    }
    if (after.action === "stop") {
      log.error({ err: failure, attempt: pull.attempts, ...facts(progress) }, "pull stopped");
      const { reason, failedPage } = after;
      await finish(attempt, { end: "stopped", reason, failedPage, progress }).catch((err) => {
        if (!(err instanceof PullFenced)) throw err;
        log.warn("the pull is no longer ours");
      });
      return;
    }
    const { delayMs, error, failedPage } = after;
    log.warn({ err: failure, attempt: pull.attempts, delayMs, ...facts(progress) }, "pull failed; will go on");
    const ref = await releasePull(database, { ...fence, error, delayMs, failedPage, hasFailed: true });
    workCounts.add("pull", "retried");
    if (ref) await publisher.pulls([ref], delayMs);
  }

  const consumer = await consume({ queue: "pull", redisUrl, concurrency, logger, handle });
  return {
    async close() {
      stopping.abort(new Misconfigured({ code: "interrupted", message: "The service stops." }));
      await consumer.close();
      await publisher.close();
    },
  };
}

const NO_PROGRESS: PullProgress = {
  ...{ position: null, spool: null, spoolBytes: 0, pages: 0, expected: null, received: 0 },
  ...{ duplicates: 0, duplicateSamples: [], cursorTo: null },
};

const facts = ({ pages, expected, received, duplicates }: PullProgress) => ({ pages, expected, received, duplicates });

const messageOf = (failure: unknown) => (failure instanceof Error ? failure.message : String(failure));
