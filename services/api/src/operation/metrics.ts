import { type BatchStatus, batchStatusSchema } from "@inlet/contracts";
import { countBatchesByStatus, type Database } from "@inlet/database";
import type { Publisher } from "@inlet/pipeline";
import { Gauge, type Registry } from "prom-client";
import { within } from "../requests/within.ts";
import { remembered } from "./remembered.ts";

/** Scrapes closer together than this share one look at the database. */
const FRESH_MS = 5_000;
const LOOK_TIMEOUT_MS = 2_000;

/** The hub's own figures: what waits where, and how batches stand. A part that is away leaves its figures out. */
export function registerMetrics(
  metrics: Registry,
  { database, publisher }: { database: Database; publisher: Publisher },
): void {
  const counted = remembered(FRESH_MS, () => within(LOOK_TIMEOUT_MS, countBatchesByStatus(database)));
  new Gauge({
    name: "inlet_batches",
    help: "Batches by status: all that are under way; of those that have ended, the ones received within 24 hours.",
    labelNames: ["status"],
    registers: [metrics],
    async collect() {
      this.reset();
      const rows = await counted().catch(() => undefined);
      if (rows === undefined) return;
      const byStatus = new Map<BatchStatus, number>(rows.map(({ status, batches }) => [status, batches]));
      for (const status of batchStatusSchema.options) this.set({ status }, byStatus.get(status) ?? 0);
    },
  });
  const depths = remembered(FRESH_MS, () => within(LOOK_TIMEOUT_MS, publisher.depths()));
  new Gauge({
    name: "inlet_queue_jobs",
    help: "Jobs in Redis by queue and state.",
    labelNames: ["queue", "state"],
    registers: [metrics],
    async collect() {
      this.reset();
      const queues = await depths().catch(() => []);
      for (const { queue, waiting, active, delayed } of queues) {
        this.set({ queue, state: "waiting" }, waiting);
        this.set({ queue, state: "active" }, active);
        this.set({ queue, state: "delayed" }, delayed);
      }
    },
  });
}
