import { AppError, Misconfigured, type QueueName } from "@inlet/contracts";
import { asUnavailable, type StoredError } from "@inlet/database";
import { failpoint, type Logger, workCounts } from "@inlet/runtime";
import { consume } from "../consumer.ts";
import { heartbeat } from "../heartbeat.ts";
import { assertDurableRedis, openPublisher, type Publisher } from "../queues.ts";
import { backOffMs } from "../retry.ts";
import type { WorkerOptions } from "../run-stage.ts";

/** It is no longer ours, or not wanted any more: whatever was made is thrown away. */
export class NotOurs extends Error {}

/** What one piece of work has around it. */
export interface WorkTerms {
  logger: Logger;
  /** Aborts when the work is not ours any more, or the service stops: whoever works on it ends soon. */
  signal: AbortSignal;
}

/** One kind of rows that are worked on under a lease, by jobs of a queue of their own. */
interface FencedKind<Ref, Claimed extends Ref & { attempts: number }> {
  queue: Extract<QueueName, "render" | "remake">;
  /** Ours at the job's epoch, under a lease; undefined: drop the job. */
  claim(ref: Ref): Promise<Claimed | undefined>;
  renew(ref: Ref): Promise<boolean>;
  /** Does it and ends its row. @throws NotOurs when the row could not be ended */
  work(claimed: Claimed, terms: WorkTerms): Promise<void>;
  /** Due again later, under the next epoch; undefined: no longer ours. `wasTried` false: the service stops. */
  release(
    claimed: Claimed,
    how: { error: StoredError | null; delayMs: number; wasTried: boolean },
  ): Promise<Ref | undefined>;
  /** Ends its row: it cannot be done. */
  giveUp(claimed: Claimed, error: StoredError): Promise<void>;
  publish(publisher: Publisher, refs: readonly Ref[], delayMs: number): Promise<void>;
  /** For log lines. */
  factsOf(claimed: Claimed): object;
}

/** Tries in all. What is away comes back; what failed by itself fails again, most often. */
const MOST_ATTEMPTS = { unavailable: 8, unknown: 2 };

/** Works on rows of one kind until it is closed: claimed under a lease, tried again with back-off, given up in the end. */
export async function runFencedWork<Ref extends object, Claimed extends Ref & { attempts: number }>(
  kind: FencedKind<Ref, Claimed>,
  { redisUrl, logger, health, concurrency, leaseMs, retryMs }: Omit<WorkerOptions, "database">,
): Promise<{ publisher: Publisher; close(): Promise<void> }> {
  await assertDurableRedis(redisUrl);
  const publisher = openPublisher(redisUrl, logger);
  const stopping = new AbortController();
  health.addCheck(`redis (${kind.queue})`, () => publisher.ping());

  async function handle(ref: Ref): Promise<void> {
    if (stopping.signal.aborted) return;
    let claimed: Claimed | undefined;
    const log = logger.child({ ...ref });
    try {
      claimed = await kind.claim(ref);
    } catch (err) {
      log.warn({ err }, "could not claim");
      return;
    }
    if (claimed === undefined) {
      log.debug("dropped a job that is not due");
      return;
    }
    failpoint(`renderer.${kind.queue}-claimed`);
    await workOn(ref, claimed, log.child(kind.factsOf(claimed)));
  }

  async function workOn(ref: Ref, claimed: Claimed, log: Logger): Promise<void> {
    const beat = heartbeat(() => kind.renew(ref), leaseMs, log);
    try {
      await attempt(claimed, beat.signal, log);
    } catch (err) {
      log.warn({ err }, "could not settle it; its lease will run out");
    } finally {
      beat.stop();
    }
  }

  async function attempt(claimed: Claimed, lost: AbortSignal, log: Logger): Promise<void> {
    const startedMs = performance.now();
    try {
      await kind.work(claimed, { logger: log, signal: AbortSignal.any([lost, stopping.signal]) });
      workCounts.add(kind.queue, "done");
      log.info({ attempt: claimed.attempts, durationMs: Math.round(performance.now() - startedMs) }, "done");
    } catch (failure) {
      if (failure instanceof NotOurs || lost.aborted) log.warn("it is no longer ours");
      else await settle(claimed, failure, log);
    }
  }

  async function settle(claimed: Claimed, failure: unknown, log: Logger): Promise<void> {
    const facts = { err: failure, attempt: claimed.attempts };
    const isStopping = stopping.signal.aborted;
    const { error, most } = judged(failure);
    if (!isStopping && claimed.attempts >= most) {
      log.error(facts, "given up");
      await kind.giveUp(claimed, error);
      workCounts.add(kind.queue, "failed");
      return;
    }
    const delayMs = isStopping ? 0 : backOffMs(claimed.attempts, Math.random(), retryMs);
    const how = isStopping ? { error: null, delayMs, wasTried: false } : { error, delayMs, wasTried: true };
    if (!isStopping) log.warn({ ...facts, delayMs }, "failed; will be tried again");
    const next = await kind.release(claimed, how);
    if (!isStopping) workCounts.add(kind.queue, "retried");
    if (next !== undefined) await kind.publish(publisher, [next], delayMs);
  }

  const consumer = await consume({ queue: kind.queue, redisUrl, concurrency, logger, handle: handle as never });
  return {
    publisher,
    async close() {
      stopping.abort(new Misconfigured({ code: "interrupted", message: "The service stops." }));
      await consumer.close();
      await publisher.close();
    },
  };
}

/** What is written down of a failure, and how often it is tried in all. The text of what nobody foresaw may hold anything. */
function judged(failure: unknown): { error: StoredError; most: number } {
  const cause = asUnavailable(failure);
  if (cause instanceof AppError) {
    const { code, message, retryable } = cause;
    // What ffmpeg once failed at may have been for want of memory.
    const mayPass = code === "program_failed" || code === "program_timeout";
    const most = retryable ? MOST_ATTEMPTS.unavailable : mayPass ? MOST_ATTEMPTS.unknown : 1;
    return { error: { code, message, retryable }, most };
  }
  const message = `Unexpected error: ${cause instanceof Error ? cause.name : "no error"}`;
  return { error: { code: "unexpected", message, retryable: true }, most: MOST_ATTEMPTS.unknown };
}
