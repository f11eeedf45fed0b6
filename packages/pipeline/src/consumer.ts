import { type JobPayload, jobSchemas, type QueueName } from "@inlet/contracts";
import type { Logger } from "@inlet/runtime";
import { DelayedError, Queue, Worker } from "bullmq";
import { Redis } from "ioredis";
import { PREFIX } from "./queues.ts";

/** Sound for jobs that renew their locks: a crashed worker's job is free after at most 20 s (default: 60). */
const LOCK_MS = 15_000;
const STALLED_SWEEP_MS = 5_000;
/** Attempts are counted in PostgreSQL; BullMQ must never fail a job for good by itself. */
const STALLED_AT_MOST = 1_000_000;
const WATCHDOG_MS = 15_000;
const CLOSE_DEADLINE_MS = 20_000;

/** Thrown by a handler: the job is given back, for whichever worker is free so much later. */
export class NotNow extends Error {
  readonly delayMs: number;

  constructor(delayMs: number) {
    super("not now");
    this.delayMs = delayMs;
  }
}

interface ConsumerOptions<Name extends QueueName> {
  queue: Name;
  redisUrl: string;
  concurrency: number;
  logger: Logger;
  /** Handles one job. What fails is recorded in PostgreSQL; it throws nothing but {@link NotNow}. */
  handle: (payload: JobPayload<Name>) => Promise<void>;
}

/**
 * Takes jobs from one queue. A watchdog replaces a worker that idles beside waiting jobs, which was seen after a Redis
 * failover (taskforcesh/bullmq#2466, #2964, #3185).
 */
export async function consume<Name extends QueueName>({
  queue: name,
  redisUrl,
  concurrency,
  logger,
  handle,
}: ConsumerOptions<Name>): Promise<{ close(): Promise<void> }> {
  const connection = new Redis(redisUrl, { maxRetriesPerRequest: null });
  connection.on("error", () => {});
  const queue = new Queue(name, { connection: connection as never, prefix: PREFIX, skipVersionCheck: true });
  queue.on("error", () => {});
  let underWay = 0;
  let taken = 0;
  let worker = start();

  function start(): Worker {
    const blocking = new Redis(redisUrl, { maxRetriesPerRequest: null });
    blocking.on("error", () => {});
    const started = new Worker(
      name,
      async (job, token) => {
        taken += 1;
        underWay += 1;
        try {
          await handle(jobSchemas[name].parse(job.data) as JobPayload<Name>);
        } catch (error) {
          if (!(error instanceof NotNow)) throw error;
          await job.moveToDelayed(Date.now() + error.delayMs, token);
          throw new DelayedError();
        } finally {
          underWay -= 1;
        }
      },
      {
        connection: blocking as never,
        prefix: PREFIX,
        concurrency,
        lockDuration: LOCK_MS,
        stalledInterval: STALLED_SWEEP_MS,
        maxStalledCount: STALLED_AT_MOST,
        removeOnComplete: { count: 0 },
        removeOnFail: { count: 0 },
        // Of a server whose version it has not asked, it thinks that it waits in whole seconds: every delay would be rounded up.
        skipVersionCheck: false,
      },
    );
    // A Redis that is away is told once by the publisher; BullMQ reconnects by itself.
    started.on("error", (err) => logger.debug({ err, queue: name }, "worker error"));
    started.on("failed", (_job, err) => logger.error({ err, queue: name }, "a job handler threw"));
    started.on("closed", () => blocking.disconnect());
    return started;
  }

  let takenBefore = 0;
  const watchdog = setInterval(async () => {
    const idle = underWay === 0 && taken === takenBefore;
    takenBefore = taken;
    if (!idle || connection.status !== "ready") return;
    const waiting = await queue.getWaitingCount().catch(() => 0);
    if (waiting === 0 || underWay > 0 || taken !== takenBefore) return;
    logger.warn({ queue: name, waiting }, "worker idles beside waiting jobs; replacing it");
    const stuck = worker;
    worker = start();
    stuck.close(true).catch(() => {});
  }, WATCHDOG_MS);

  return {
    async close() {
      clearInterval(watchdog);
      // close() waits for the jobs under way, and never times out by itself.
      const deadline = new Promise((resolve) => setTimeout(resolve, CLOSE_DEADLINE_MS).unref());
      await Promise.race([worker.close().catch(() => {}), deadline]);
      await queue.close().catch(() => {});
      connection.disconnect();
    },
  };
}
