import type { TimelineEntry, WaitsFor } from "@inlet/contracts";

/** The last line of the story of a batch that is held: what it waits for. */
export function waitEntry(wait: WaitsFor, now: Date): TimelineEntry {
  const text = wordsOf(wait);
  return { at: now.toISOString(), event: "held", text, stage: null, actor: null, durationMs: null, tone: "info" };
}

function wordsOf(wait: WaitsFor): string {
  switch (wait.kind) {
    case "trigger":
      return wait.at === null
        ? "Waits for its run, which has no time at the moment"
        : `Waits for its run, due on ${moment(wait.at)}`;
    case "tables": {
      const most = wait.until === null ? "" : `, until ${moment(wait.until)} at the latest`;
      return `Waits for ${wait.tables.join(", ")}${most}`;
    }
    case "batch":
      return `Waits for batch ${wait.batchId}, of which only its content tells the table`;
  }
}

const moment = (iso: string) => `${iso.slice(0, 10)} at ${iso.slice(11, 16)} UTC`;
