import { setTimeout as pause } from "node:timers/promises";
import { peakMemories } from "../hub.ts";
import { type BenchOptions, type BenchResult, median } from "../measure.ts";
import { openBenchReceiver } from "./receiver.ts";
import { itemOf, openSyncHub, openSyncProject } from "./subscribers.ts";

const CHANGES = 200;
/** The hub rests between changes: what is measured is the way, not a queue. */
const REST_MS = 50;
const GOAL_MS = 100;

/** One change at a time, with nothing else to do: from its commit to the subscriber's receipt. The peer is the goal. */
export async function measureSyncLag({ say, records = CHANGES }: BenchOptions): Promise<BenchResult> {
  const hub = await openSyncHub();
  const receiver = await openBenchReceiver();
  try {
    const project = await openSyncProject(hub, { url: receiver.url, subscribers: 1 });
    const lags: number[] = [];
    for (let version = 0; version <= records; version += 1) {
      const arrived = receiver.expect({ requests: 1, keepsBodies: false });
      const committedMs = await project.write([itemOf(1, version)]);
      const { firstMs } = await arrived;
      // The first one waits for the catalog and the subscription to be made.
      if (version > 0) lags.push(firstMs - committedMs);
      await pause(REST_MS);
    }
    lags.sort((a, b) => a - b);
    say(`${lags.length} changes`);
    const medianMs = median(lags);
    return {
      name: "sync-lag",
      ratio: medianMs / GOAL_MS,
      ours: { medianMs, peakMemoryMb: (await peakMemories(hub)).syncer ?? 0 },
      peer: { name: "the goal", medianMs: GOAL_MS },
      pairs: 1,
      details: { changes: lags.length, p95Ms: lags[Math.floor(lags.length * 0.95)], mostMs: lags.at(-1) },
    };
  } finally {
    await receiver.close();
    await hub.stop();
  }
}
