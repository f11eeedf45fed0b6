import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { type BenchHub, openBenchHub, peakMemories } from "./hub.ts";
import { fillBatches } from "./many-batches.ts";
import type { BenchOptions, BenchResult } from "./measure.ts";
import { processorTimes } from "./small-files.ts";

const CLIENTS = 1_000;
const CHANGES_PER_SECOND = 200;
const CHANGED_TOGETHER = 10;
const SECONDS = 30;
const GOAL_MS = 1_000;

interface Heard {
  delaysMs: number[];
  open: number;
  lost: number;
  resets: number;
  leastBytes: number;
  mostBytes: number;
}

/**
 * A thousand listeners to everything while 200 batches a second change, for half a minute: from just before the commit until a
 * listener has it. The peer is the goal, a second.
 */
export async function measureLive({ say, records: clients = CLIENTS }: BenchOptions): Promise<BenchResult> {
  const env = { API_STREAMS_PER_CALLER: String(clients), API_REQUESTS_PER_MINUTE: "10000000" };
  const hub = await openBenchHub(["api"], env);
  try {
    await fillBatches(hub.database, 20_000);
    const key = (await readFile(hub.stack.adminKeyFile, "utf8")).trim();
    say(`opening ${clients.toLocaleString("en-US")} streams`);
    const workerData = { url: hub.stack.apiUrl, key, clients };
    const listeners = new Worker(new URL("./live-clients-main.ts", import.meta.url), { workerData });
    const opened = await Promise.race([once(listeners, "message"), once(listeners, "error"), pause(60_000)]);
    if (opened?.[0] !== "open") throw opened?.[0] ?? new Error("the streams did not open within a minute");
    say("changing batches");
    const { api: busyBeforeMs = 0 } = await processorTimes(hub);
    const startedMs = performance.now();
    const changes = await change(hub);
    const seconds = (performance.now() - startedMs) / 1_000;
    await pause(2_000);
    const busyMs = ((await processorTimes(hub)).api ?? 0) - busyBeforeMs;
    const answer = once(listeners, "message");
    listeners.postMessage("done");
    const [heard] = (await answer) as [Heard];
    const delays = heard.delaysMs.sort((a, b) => a - b);
    const at = (share: number) => delays[Math.min(delays.length - 1, Math.floor(delays.length * share))] ?? Number.NaN;
    const memories = await peakMemories(hub);
    return {
      name: "live",
      ratio: at(0.95) / GOAL_MS,
      ours: { medianMs: at(0.5), peakMemoryMb: memories.api ?? 0 },
      peer: { name: "the goal for the 95th percentile", medianMs: GOAL_MS },
      pairs: 1,
      details: {
        clients: heard.open,
        clientsLost: heard.lost,
        resets: heard.resets,
        changesPerSecond: Math.round(changes / seconds),
        delayMs: { p50: at(0.5), p95: at(0.95), p99: at(0.99), worst: delays.at(-1) },
        measured: delays.length,
        bytesPerClient: { least: heard.leastBytes, most: heard.mostBytes },
        apiProcessorShare: Number((busyMs / 1_000 / seconds).toFixed(2)),
        peakMemoriesMb: memories,
      },
    };
  } finally {
    await hub.stop();
  }
}

/** Changes batches at an even pace and tells of them, as a worker does after its commit. Returns how many. */
async function change({ database, publisher }: BenchHub): Promise<number> {
  const rounds = (SECONDS * CHANGES_PER_SECOND) / CHANGED_TOGETHER;
  const everyMs = (1_000 * CHANGED_TOGETHER) / CHANGES_PER_SECOND;
  const startedMs = performance.now();
  for (let round = 0; round < rounds; round += 1) {
    const batches = Array.from({ length: CHANGED_TOGETHER }, (_, n) => 1 + ((round * CHANGED_TOGETHER + n) % 19_000));
    await database.pool.query("UPDATE batches SET records = $1 WHERE id = ANY($2)", [Date.now(), batches]);
    publisher.changed({ batches });
    await pause(Math.max(0, startedMs + (round + 1) * everyMs - performance.now()));
  }
  return rounds * CHANGED_TOGETHER;
}
