import type { BatchState, RunState } from "@inlet/database";
import { expect, test } from "vitest";
import type { EventStream } from "./event-stream.ts";
import { openLiveHub } from "./live-hub.ts";

const at = new Date();
const place = { clientId: 1, client: "spring", project: "video" };
const batch = {
  id: 1,
  runId: 7,
  ...place,
  status: "completed",
  stage: null,
  issueTotals: {},
  receivedAt: at,
  startedAt: null,
  endedAt: null,
};
const run = { id: 7, ...place, key: "2026-11-20", state: "open", revision: 1, statuses: {}, openedAt: at };

test("who listens to one batch is told of its run, also when the run could not be read at first", async () => {
  const told: string[] = [];
  let reads = 0;
  const hub = openLiveHub({
    readBatches: async () => [batch as unknown as BatchState],
    async readRuns() {
      reads += 1;
      if (reads === 1) throw new Error("the connection broke");
      return [{ ...run, reportedAt: null } as RunState];
    },
    token: "t",
    onError: () => {},
  });
  const stream: EventStream = { write: (event) => void told.push(String(event)), end: () => {}, isOpen: true };
  hub.add(stream, { scope: null, asked: { batch: 1 } });
  hub.changed({ batches: [1], runs: [] });
  try {
    await expect.poll(() => told.filter((event) => event.includes("event: runs")), { timeout: 30_000 }).toHaveLength(1);
    expect(reads).toBe(2);
  } finally {
    hub.close();
  }
});
