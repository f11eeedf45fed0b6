import type { OutwardFigures, PushOutcome } from "@inlet/sync";
import { Counter, Gauge, Histogram, type Registry } from "prom-client";

/** How far this process's subscriptions are behind, and how many there are of each state. */
export interface SyncStanding {
  lagSeconds: number;
  lagChanges: number;
  states: Readonly<Record<string, number>>;
}

/** Adds the service's own figures to its registry. `standing` is asked when they are read. */
export function openFigures(registry: Registry, standing: () => Promise<SyncStanding>): OutwardFigures {
  // Counted by ourselves: a counter with labels costs more than the rest of a change's book-keeping.
  const counts = new Map<PushOutcome, number>();
  new Counter({
    name: "inlet_sync_changes_total",
    help: "Changes by what became of them: pushed, skipped (known to be there), refused (tried again), dead (given up).",
    labelNames: ["outcome"],
    registers: [registry],
    collect() {
      for (const [outcome, count] of counts) this.inc({ outcome }, count);
      counts.clear();
    },
  });
  const calls = new Histogram({
    name: "inlet_sync_call_seconds",
    help: "Time to the answer of one call of a subscriber.",
    buckets: [0.005, 0.025, 0.1, 0.25, 1, 5, 30],
    registers: [registry],
  });
  const failures = new Counter({
    name: "inlet_sync_failures_total",
    help: "How often another system as a whole took nothing.",
    registers: [registry],
  });
  // It is asked first, and tells the others.
  new Gauge({
    name: "inlet_sync_subscriptions",
    help: "Subscriptions by state.",
    labelNames: ["state"],
    registers: [registry],
    async collect() {
      const { lagSeconds, lagChanges, states } = await standing();
      lag.set(lagSeconds);
      behind.set(lagChanges);
      this.reset();
      for (const [state, count] of Object.entries(states)) this.set({ state }, count);
    },
  });
  const lag = new Gauge({
    name: "inlet_sync_lag_seconds",
    help: "Age of the oldest change that a subscription has not settled.",
    registers: [registry],
  });
  const behind = new Gauge({
    name: "inlet_sync_lag_changes",
    help: "Changes that the subscription furthest behind has not settled.",
    registers: [registry],
  });
  return {
    counted: (outcome, count) => counts.set(outcome, (counts.get(outcome) ?? 0) + count),
    called: (durationMs) => calls.observe(durationMs / 1000),
    failed: () => failures.inc(),
  };
}
