import type { InwardFigures } from "@inlet/sync";
import { Counter, Histogram, type Registry } from "prom-client";
import type { ListenerFigures } from "./listener/serve-inward.ts";

/** Adds the figures of what comes inward to the service's registry. */
export function openInwardFigures(registry: Registry): InwardFigures & ListenerFigures {
  const items = new Counter({
    name: "inlet_sync_inward_items_total",
    help: "Items that came, by what became of them: changed, unchanged, refused (kept as letters).",
    labelNames: ["outcome"],
    registers: [registry],
  });
  const failures = new Counter({
    name: "inlet_sync_inward_failures_total",
    help: "Events, polls and comparisons that failed and are tried again.",
    labelNames: ["what"],
    registers: [registry],
  });
  const answers = new Histogram({
    name: "inlet_sync_inward_answer_seconds",
    help: "Time to the answer of a request to the public listener, by status.",
    labelNames: ["status"],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2.5],
    registers: [registry],
  });
  return {
    counted: (outcome, count) => items.inc({ outcome }, count),
    failed: (what) => failures.inc({ what }),
    answered: (status, durationMs) => answers.observe({ status }, durationMs / 1000),
  };
}
