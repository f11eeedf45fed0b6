import { statfs } from "node:fs/promises";
import type { Operations, QueueState, SourceState, WorkerView } from "@inlet/contracts";
import {
  type Database,
  databaseState,
  heldBackSteps,
  listWorkers,
  type QueueRow,
  type QueueWork,
  queueRows,
  recentWork,
  type WatchedPlace,
  type WorkerRow,
  watchedPlaces,
} from "@inlet/database";
import { type Publisher, QUEUE_NAMES, type QueueDepth } from "@inlet/pipeline";
import { PRESENCE_MS } from "@inlet/runtime";
import { within } from "../requests/within.ts";
import { iso } from "../views.ts";

/** Three signs of life that did not come. */
export const SILENT_AFTER_MS = 3 * PRESENCE_MS;
const HELD_BACK_SHOWN = 50;
/** A part that takes longer counts as away; the others are shown all the same. */
const PART_TIMEOUT_MS = 3_000;

interface Parts {
  database: Database;
  publisher: Publisher;
  dataFolder: string;
}

/**
 * How the whole hub stands. Redis may be away: its figures are then null. Without PostgreSQL nothing is known.
 * @throws Unavailable when PostgreSQL does not answer
 */
export async function lookAtOperations({ database, publisher, dataFolder }: Parts): Promise<Operations> {
  const [queues, work, heldBack, workers, sources, disk, state, depths, redis] = await Promise.all([
    queueRows(database),
    recentWork(database),
    heldBackSteps(database, { limit: HELD_BACK_SHOWN }),
    listWorkers(database, { silentAfterMs: SILENT_AFTER_MS }),
    watchedPlaces(database),
    statfs(dataFolder),
    timed(() => databaseState(database)),
    within(PART_TIMEOUT_MS, publisher.depths()).catch(() => undefined),
    timed(() => within(PART_TIMEOUT_MS, publisher.facts())),
  ]);
  const now = new Date();
  return {
    at: iso(now),
    queues: QUEUE_NAMES.map((name) => queueState(name, { queues, work, depths, now })),
    heldBack: heldBack.map((each) => ({ ...each, oldestAt: iso(each.oldestAt) })),
    workers: workers.map(workerView),
    sources: sources.map(sourceState),
    disk: { totalBytes: disk.blocks * disk.bsize, freeBytes: disk.bavail * disk.bsize },
    database: {
      ok: state.value !== undefined,
      latencyMs: state.latencyMs,
      version: state.value?.version ?? null,
      sizeBytes: state.value?.sizeBytes ?? null,
      connections: state.value?.connections ?? null,
      mostConnections: state.value?.mostConnections ?? null,
    },
    redis: {
      ok: redis.value !== undefined,
      latencyMs: redis.latencyMs,
      version: redis.value?.version ?? null,
      memoryBytes: redis.value?.memoryBytes ?? null,
    },
  };
}

async function timed<T>(look: () => Promise<T>): Promise<{ value: T | undefined; latencyMs: number | null }> {
  const startedMs = performance.now();
  try {
    const value = await look();
    return { value, latencyMs: Math.round((performance.now() - startedMs) * 10) / 10 };
  } catch {
    return { value: undefined, latencyMs: null };
  }
}

interface Found {
  queues: readonly QueueRow[];
  work: Awaited<ReturnType<typeof recentWork>>;
  depths: readonly QueueDepth[] | undefined;
  now: Date;
}

function queueState(queue: string, { queues, work, depths, now }: Found): QueueState {
  const row = queues.find((each) => each.queue === queue);
  const done = work.queues.find((each) => each.queue === queue);
  const jobs = depths?.find((each) => each.queue === queue);
  const since = row?.oldestWaitingAt ?? null;
  return {
    queue,
    waiting: row?.waiting ?? 0,
    active: row?.active ?? 0,
    delayed: row?.delayed ?? 0,
    held: row?.held ?? 0,
    failed: row?.failed ?? 0,
    oldestWaitingAt: iso(since),
    oldestWaitingMs: since === null ? null : Math.max(0, now.getTime() - since.getTime()),
    throughput: { last5: throughput(5, done, work.minuteMs), last60: throughput(60, done, work.minuteMs) },
    jobs: jobs === undefined ? null : { waiting: jobs.waiting, active: jobs.active, delayed: jobs.delayed },
  };
}

/** The minute under way counts as far as it is over. */
function throughput(minutes: 5 | 60, work: QueueWork | undefined, minuteMs: number) {
  const [done, failed, retried] =
    minutes === 5
      ? [work?.done5 ?? 0, work?.failed5 ?? 0, work?.retried5 ?? 0]
      : [work?.done60 ?? 0, work?.failed60 ?? 0, work?.retried60 ?? 0];
  const lengthMinutes = minutes - 1 + minuteMs / 60_000;
  return { minutes, done, donePerMinute: Math.round((done / lengthMinutes) * 10) / 10, failed, retried };
}

function workerView({ startedAt, heardAt, working, ...row }: WorkerRow): WorkerView {
  return {
    ...row,
    startedAt: iso(startedAt),
    heardAt: iso(heardAt),
    working: working.map((each) => ({
      ...each,
      queue: each.queue as WorkerView["working"][number]["queue"],
      since: iso(each.since),
    })),
  };
}

function sourceState({
  errorCode,
  errorMessage,
  lookedAt,
  succeededAt,
  nextLookAt,
  ...place
}: WatchedPlace): SourceState {
  return {
    ...place,
    lookedAt: iso(lookedAt),
    succeededAt: iso(succeededAt),
    nextLookAt: iso(nextLookAt),
    error: errorCode === null ? null : { code: errorCode, message: errorMessage ?? "" },
  };
}
