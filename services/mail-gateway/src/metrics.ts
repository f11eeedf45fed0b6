import { Counter, Gauge, type Registry } from "prom-client";

/** What the mail gateway counts. */
export interface Metrics {
  /** A message was answered: `accepted`, `repeated`, `refused`, `ignored`, `too_large`, `put_off`, `broken`. */
  answered(outcome: string): void;
}

/** Adds the service's own figures to its registry. */
export function openMetrics(registry: Registry, connections: () => number): Metrics {
  const messages = new Counter({
    name: "inlet_mail_messages_total",
    help: "Messages that came by SMTP, by what became of them.",
    labelNames: ["outcome"],
    registers: [registry],
  });
  new Gauge({
    name: "inlet_mail_connections",
    help: "Open SMTP connections.",
    registers: [registry],
    collect() {
      this.set(connections());
    },
  });
  return { answered: (outcome) => messages.inc({ outcome }) };
}
