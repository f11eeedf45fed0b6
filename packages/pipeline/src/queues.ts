import { type JobPayload, jobSchemas, Misconfigured, type QueueName, Unavailable } from "@inlet/contracts";
import type { AssetRef, MessageRef, PullRef, RenderingRef, StepRef } from "@inlet/database";
import { type JobsOptions, Queue } from "bullmq";
import { Redis } from "ioredis";
import { openAnnouncer } from "./changes/announcer.ts";
import {
  type CatalogListener,
  catalogChannels,
  encodeNumbered,
  type Numbered,
  watchCatalogChannels,
} from "./changes/catalog-hints.ts";
import type { Changes } from "./changes/changes.ts";
import { type ChangeListener, type ChangeWatch, watchChanges } from "./changes/watch-changes.ts";

/** All of Inlet's keys in Redis begin so; the braces keep them in one slot of a cluster. */
export const PREFIX = "{inlet}";

/** Where changes are told of, to whoever listens just now. */
const CHANGES_CHANNEL = `${PREFIX}:changes`;
const CATALOG_CHANNELS = catalogChannels(PREFIX);

/** Every queue there is. */
export const QUEUE_NAMES = Object.keys(jobSchemas) as QueueName[];

/** Jobs leave Redis when they end: their truth is in PostgreSQL, and an id that stays would block its re-publishing. */
const JOB_OPTIONS: JobsOptions = { removeOnComplete: true, removeOnFail: true, attempts: 1 };

/** A step's not-before is judged by PostgreSQL's clock; a job that comes a moment early would be dropped. */
const CLOCK_ALLOWANCE_MS = 50;

/** How many jobs of a queue are where. */
export interface QueueDepth {
  queue: QueueName;
  waiting: number;
  active: number;
  delayed: number;
}

/** What Redis says of itself. */
export interface RedisFacts {
  version: string;
  memoryBytes: number;
}

/**
 * Puts jobs on the queues, after the commit that made them due. A publisher never throws and never waits for a Redis that
 * is away: what is lost here the reconciler publishes again, under the same id.
 */
export interface Publisher {
  arrivals(arrivalIds: readonly number[]): Promise<void>;
  steps(refs: readonly StepRef[], delayMs?: number): Promise<void>;
  messages(refs: readonly MessageRef[], delayMs?: number): Promise<void>;
  pulls(refs: readonly PullRef[], delayMs?: number): Promise<void>;
  /** Files that storyboards are to show, to be made anew. */
  assets(refs: readonly AssetRef[], delayMs?: number): Promise<void>;
  renderings(refs: readonly RenderingRef[], delayMs?: number): Promise<void>;
  /**
   * Tells that batches and runs have changed, after the commit; within a tenth of a second, together with others. A hint
   * for live pages: what is lost costs freshness alone. It takes no time.
   */
  changed(changes: Partial<Changes>): void;
  /** Listens to what all processes tell. */
  watch(listener: ChangeListener): ChangeWatch;
  /**
   * Tells at once, after the commit, that catalogs have changes which want numbers. A hint: what is lost is found within a second.
   * It takes no time.
   */
  catalogsWritten(catalogIds: readonly number[]): void;
  /** Tells that changes of catalogs have got numbers; a hint, too. */
  catalogsNumbered(catalogs: readonly Numbered[]): void;
  /** Listens to what all processes tell of catalogs. */
  watchCatalogs(listener: CatalogListener): ChangeWatch;
  /** @throws Unavailable when Redis does not answer */
  depths(): Promise<QueueDepth[]>;
  /** What Redis says of itself. @throws Unavailable when Redis does not answer */
  facts(): Promise<RedisFacts>;
  /** The queues themselves, for a board that shows them. They close with the publisher. */
  queues(): Queue[];
  /** For `/readyz`. @throws when Redis does not answer */
  ping(): Promise<void>;
  close(): Promise<void>;
}

/** What a publisher logs to. */
interface WarningLog {
  warn(facts: object, message: string): void;
}

/** Opens a publisher. */
export function openPublisher(redisUrl: string, logger: WarningLog): Publisher {
  const connection = new Redis(redisUrl, {
    maxRetriesPerRequest: 1,
    enableOfflineQueue: false,
    retryStrategy: (attempts) => Math.min(attempts * 100, 2_000),
  });
  let down = false;
  connection.on("error", (err) => {
    if (!down) logger.warn({ err }, "redis is away; due work stays in PostgreSQL");
    down = true;
  });
  // Without an offline queue: it rejects at once while Redis is away.
  const announcer = openAnnouncer((message) => connection.publish(CHANGES_CHANNEL, message));
  connection.on("ready", () => {
    down = false;
    announcer.resume();
  });
  const queues = new Map<QueueName, Queue>();
  const queueOf = (name: QueueName) => {
    let queue = queues.get(name);
    if (queue === undefined) {
      queue = new Queue(name, { connection: connection as never, prefix: PREFIX, skipVersionCheck: true });
      queue.on("error", () => {});
      queues.set(name, queue);
    }
    return queue;
  };

  async function publish<Name extends QueueName>(
    name: Name,
    jobs: readonly { id: string; payload: JobPayload<Name> }[],
    delayMs: number,
  ): Promise<void> {
    if (jobs.length === 0) return;
    const delay = delayMs > 0 ? { delay: delayMs + CLOCK_ALLOWANCE_MS } : {};
    try {
      if (connection.status !== "ready") throw new Error(`redis connection is ${connection.status}`);
      const queue = queueOf(name);
      if (jobs.length === 1) {
        await queue.add(name, jobs[0]!.payload, { ...JOB_OPTIONS, ...delay, jobId: jobs[0]!.id });
      } else {
        await queue.addBulk(
          jobs.map(({ id, payload }) => ({ name, data: payload, opts: { ...JOB_OPTIONS, ...delay, jobId: id } })),
        );
      }
    } catch (err) {
      logger.warn({ err, queue: name, jobs: jobs.length }, "could not publish; the reconciler will");
    }
  }

  const hint = (channel: string, message: string) => {
    connection.publish(channel, message).catch(() => {});
  };

  return {
    arrivals: (ids) =>
      publish(
        "arrive",
        ids.map((arrivalId) => ({ id: `a-${arrivalId}`, payload: { arrivalId } })),
        0,
      ),
    async steps(refs, delayMs = 0) {
      for (const kind of new Set(refs.map((ref) => ref.kind))) {
        const jobs = refs
          .filter((ref) => ref.kind === kind)
          .map(({ stepId, epoch }) => ({ id: `${stepId}-${epoch}`, payload: { stepId, epoch } }));
        await publish(kind, jobs, delayMs);
      }
    },
    async messages(refs, delayMs = 0) {
      const mails = refs.flatMap(({ messageId, epoch, webhookId }) => (webhookId ? [] : [{ messageId, epoch }]));
      const events = refs.flatMap(({ webhookId, ...ref }) => (webhookId ? [{ ...ref, webhookId }] : []));
      await publish("send", mails.map(messageJob), delayMs);
      await publish("notify", events.map(messageJob), delayMs);
    },
    pulls: (refs, delayMs = 0) =>
      publish(
        "pull",
        refs.map(({ pullId, epoch }) => ({ id: `${pullId}-${epoch}`, payload: { pullId, epoch } })),
        delayMs,
      ),
    renderings: (refs, delayMs = 0) =>
      publish(
        "render",
        refs.map(({ renderingId, epoch }) => ({ id: `${renderingId}-${epoch}`, payload: { renderingId, epoch } })),
        delayMs,
      ),
    assets: (refs, delayMs = 0) =>
      publish(
        "remake",
        refs.map(({ assetId, epoch }) => ({ id: `${assetId}-${epoch}`, payload: { assetId, epoch } })),
        delayMs,
      ),
    changed: announcer.add,
    watch: (listener) => watchChanges(connection.duplicate({ maxRetriesPerRequest: null }), CHANGES_CHANNEL, listener),
    catalogsWritten(catalogIds) {
      if (catalogIds.length > 0) hint(CATALOG_CHANNELS.written, JSON.stringify(catalogIds));
    },
    catalogsNumbered(catalogs) {
      if (catalogs.length > 0) hint(CATALOG_CHANNELS.numbered, encodeNumbered(catalogs));
    },
    watchCatalogs: (listener) =>
      watchCatalogChannels(connection.duplicate({ maxRetriesPerRequest: null }), CATALOG_CHANNELS, listener),
    depths: () =>
      Promise.all(
        QUEUE_NAMES.map(async (queue) => {
          const counts = await queueOf(queue).getJobCounts("waiting", "active", "delayed");
          return { queue, waiting: counts.waiting ?? 0, active: counts.active ?? 0, delayed: counts.delayed ?? 0 };
        }),
      ).catch(sayAway),
    async facts() {
      const sections = Promise.all([connection.info("server"), connection.info("memory")]);
      const info = (await sections.catch(sayAway)).join("\n");
      return {
        version: /^redis_version:(\S+)/m.exec(info)?.[1] ?? "unknown",
        memoryBytes: Number(/^used_memory:(\d+)/m.exec(info)?.[1] ?? 0),
      };
    },
    queues: () => QUEUE_NAMES.map(queueOf),
    async ping() {
      await connection.ping();
    },
    async close() {
      announcer.flush();
      await Promise.all([...queues.values()].map((queue) => queue.close().catch(() => {})));
      connection.disconnect();
    },
  };
}

const messageJob = <Ref extends MessageRef>(payload: Ref) => ({
  id: `${payload.messageId}-${payload.epoch}`,
  payload,
});

/** It comes back by itself, and what is due is in PostgreSQL meanwhile. */
function sayAway(cause: unknown): never {
  throw new Unavailable({ code: "redis_unavailable", message: "Redis does not answer.", cause });
}

/**
 * Checks that Redis keeps what it is given: no eviction, and an append-only file.
 * @throws Misconfigured naming the setting
 */
export async function assertDurableRedis(redisUrl: string): Promise<void> {
  const redis = new Redis(redisUrl, { lazyConnect: true, maxRetriesPerRequest: 3 });
  redis.on("error", () => {});
  try {
    await redis.connect();
    const memory = await redis.info("memory");
    const persistence = await redis.info("persistence");
    const policy = /maxmemory_policy:(\S+)/.exec(memory)?.[1];
    if (policy !== "noeviction") {
      throw new Misconfigured({
        code: "redis_evicts",
        message: `Redis would evict jobs (maxmemory-policy is ${policy}). Set: maxmemory-policy noeviction`,
      });
    }
    if (/aof_enabled:(\d)/.exec(persistence)?.[1] !== "1") {
      throw new Misconfigured({
        code: "redis_forgets",
        message: "Redis keeps no append-only file. Set: appendonly yes",
      });
    }
  } finally {
    redis.disconnect();
  }
}
