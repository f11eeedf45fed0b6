import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { Arrived, Awaited } from "./receiver-main.ts";

/** Another system, on a thread of its own. */
export interface BenchReceiver {
  url: string;
  /** Resolves when so many requests have come. */
  expect(what: Awaited): Promise<Arrived>;
  close(): Promise<unknown>;
}

export async function openBenchReceiver(): Promise<BenchReceiver> {
  const worker = new Worker(new URL("./receiver-main.ts", import.meta.url));
  const [port] = (await once(worker, "message")) as [number];
  return {
    url: `http://127.0.0.1:${port}/changes`,
    async expect(what) {
      const answer = once(worker, "message");
      worker.postMessage(what);
      const [arrived] = (await answer) as [Arrived];
      return arrived;
    },
    close: () => worker.terminate(),
  };
}
