import { Counter, Histogram, type Registry } from "prom-client";

/** What the landing service counts. */
export interface Metrics {
  /** One request was answered. `kind`: page, thumbnail or other. */
  answered(kind: string, status: number, durationMs: number): void;
  /** One thumbnail was drawn. */
  drawn(durationMs: number): void;
  /** Events of links could not be counted. */
  lost(events: number): void;
}

/** Adds the service's own figures to its registry. */
export function openMetrics(registry: Registry): Metrics {
  const requests = new Counter({
    name: "inlet_landing_requests_total",
    help: "Requests answered, by kind and status.",
    labelNames: ["kind", "status"],
    registers: [registry],
  });
  const seconds = new Histogram({
    name: "inlet_landing_request_seconds",
    help: "Time to the end of an answer.",
    labelNames: ["kind"],
    buckets: [0.001, 0.005, 0.025, 0.05, 0.1, 0.25, 1, 5],
    registers: [registry],
  });
  const drawing = new Histogram({
    name: "inlet_landing_thumbnail_seconds",
    help: "Time to draw one thumbnail.",
    buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 1],
    registers: [registry],
  });
  const lost = new Counter({
    name: "inlet_landing_lost_events_total",
    help: "Events of links that could not be counted.",
    registers: [registry],
  });
  return {
    lost: (events) => lost.inc(events),
    answered(kind, status, durationMs) {
      requests.inc({ kind, status });
      seconds.observe({ kind }, durationMs / 1000);
    },
    drawn: (durationMs) => drawing.observe(durationMs / 1000),
  };
}
