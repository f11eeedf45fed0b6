// Takes cases one after the other, in a thread that its parent can end when it hangs.
import { parentPort, workerData } from "node:worker_threads";
import { fuzzCase } from "./fuzz-case.ts";
import { holdToPromises } from "./fuzz-promises.ts";

/** What the thread is given. */
export interface FuzzOrders {
  seed: number;
  from: number;
  /** Shared: the number of the case at hand. */
  progress: Int32Array;
}

/** What it tells: an outcome for statistics, or what went wrong. */
export type FuzzNews = { index: number; kind: string; sizeBytes: number; outcome?: string; failure?: string };

const { seed, from, progress } = workerData as FuzzOrders;
for (let index = from; ; index += 1) {
  Atomics.store(progress, 0, index);
  const input = fuzzCase(seed, index);
  const news: FuzzNews = { index, kind: input.kind, sizeBytes: input.bytes.length };
  try {
    news.outcome = await holdToPromises(input);
  } catch (error) {
    news.failure = (error as Error).stack ?? String(error);
  }
  parentPort!.postMessage(news);
  // Lets messages out, and timers in.
  await new Promise((resolve) => setImmediate(resolve));
}
