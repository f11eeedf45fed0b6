import type { Operations, QueueState, WorkerView } from "@inlet/contracts";
import { expect, test } from "vitest";
import { healthOf, verdictOf } from "./health.ts";

const AT = "2026-11-20T09:00:00.000Z";
const throughput = { minutes: 5, done: 0, donePerMinute: 0, failed: 0, retried: 0 };
const idle: QueueState = {
  queue: "validate",
  waiting: 0,
  active: 0,
  delayed: 0,
  held: 0,
  failed: 0,
  oldestWaitingAt: null,
  oldestWaitingMs: null,
  throughput: { last5: throughput, last60: { ...throughput, minutes: 60 } },
  jobs: { waiting: 0, active: 0, delayed: 0 },
};
const worker = (service: string, state: WorkerView["state"]): WorkerView => ({
  id: `${service} ${state}`,
  service,
  host: "hub-1",
  pid: 1,
  version: "0.1.0",
  startedAt: AT,
  heardAt: AT,
  state,
  memoryBytes: 1,
  working: [],
  active: 0,
});
const hub: Operations = {
  at: AT,
  queues: [idle],
  heldBack: [],
  workers: [worker("validator", "alive"), worker("importer", "alive")],
  sources: [],
  disk: { totalBytes: 1_000, freeBytes: 500 },
  database: { ok: true, latencyMs: 1, version: "18", sizeBytes: 1, connections: 10, mostConnections: 200 },
  redis: { ok: true, latencyMs: 1, version: "7", memoryBytes: 1 },
};
const source: Operations["sources"][number] = {
  kind: "sftp",
  client: "iris",
  project: "retail",
  host: "sftp.iris.example",
  lookedAt: AT,
  succeededAt: AT,
  nextLookAt: AT,
  failures: 0,
  error: null,
};

const verdict = (changes: Partial<Operations>) => verdictOf(healthOf({ ...hub, ...changes }));

test("a hub whose parts all answer is said to work", () => {
  expect(verdict({ sources: [source] })).toEqual({ tone: "good", text: "Everything works" });
});

test.each<[string, Partial<Operations>, "warning" | "bad", string]>([
  ["Redis away", { redis: { ...hub.redis, ok: false } }, "bad", "Redis: Does not answer"],
  ["the disk full", { disk: { totalBytes: 1_000, freeBytes: 29 } }, "bad", "Disk: Full"],
  ["the disk nearly full", { disk: { totalBytes: 1_000, freeBytes: 99 } }, "warning", "Disk: Nearly full"],
  [
    "no importer alive",
    { workers: [worker("validator", "alive"), worker("importer", "stopped")] },
    "bad",
    "Services: No importer",
  ],
  [
    "one of two importers silent",
    { workers: [...hub.workers, worker("importer", "silent")] },
    "warning",
    "Services: 1 process not heard of",
  ],
  [
    "work waiting for long",
    { queues: [{ ...idle, waiting: 1, oldestWaitingMs: 300_001 }] },
    "warning",
    "Work: Check behind",
  ],
  ["steps given up", { queues: [{ ...idle, failed: 4 }] }, "warning", "Work: 4 failed for good"],
  ["a server away", { sources: [source, { ...source, failures: 3 }] }, "warning", "Sources: 1 in trouble"],
  [
    "connections nearly all taken",
    { database: { ...hub.database, connections: 180 } },
    "warning",
    "PostgreSQL: Nearly full",
  ],
])("%s is told in the one line", (_, changes, tone, text) => {
  expect(verdict(changes)).toEqual({ tone, text });
});

test("what is bad is told before what is to be watched", () => {
  const changes = { redis: { ...hub.redis, ok: false }, disk: { totalBytes: 1_000, freeBytes: 99 } };
  expect(verdict(changes)).toEqual({ tone: "bad", text: "Redis: Does not answer · Disk: Nearly full" });
});
