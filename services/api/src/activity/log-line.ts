import type { BatchLogLine } from "@inlet/contracts";
import type { LogLine } from "@inlet/runtime";

const LEVELS: Readonly<Record<number, BatchLogLine["level"]>> = {
  10: "trace",
  20: "debug",
  30: "info",
  40: "warn",
  50: "error",
  60: "fatal",
};

/** A long stack is cut, and a line that is longer than all that is sensible shows nothing but its message. */
const TEXT_CHARS = 4_000;
const FACTS_CHARS = 16_000;

/** The number of a level and of those above it. */
export function levelNumber(level: BatchLogLine["level"]): number {
  return Number(Object.entries(LEVELS).find(([, name]) => name === level)?.[0] ?? 0);
}

/** A stored line as it is shown. What every line of the batch says is left out. */
export function logLine({ timeMs, entry }: LogLine): BatchLogLine {
  const { level, time: _time, service, msg, batchId: _batchId, batchIds: _batchIds, ...rest } = entry;
  const facts = cut(rest) as Record<string, unknown>;
  return {
    time: new Date(timeMs).toISOString(),
    level: LEVELS[Number(level)] ?? "info",
    service: String(service ?? "unknown"),
    message: String(cut(msg ?? "")),
    facts: JSON.stringify(facts).length > FACTS_CHARS ? { cut: true } : facts,
  };
}

function cut(value: unknown): unknown {
  if (typeof value === "string") return value.length > TEXT_CHARS ? `${value.slice(0, TEXT_CHARS)}…` : value;
  if (Array.isArray(value)) return value.map(cut);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, cut(each)]));
}
