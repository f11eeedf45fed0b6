import type { Pull } from "@inlet/contracts";

/**
 * What an incremental pull asks from: the cursor, and for times so much before it as clocks may differ and commits may come late.
 * It is written as the cursor is, in its zone or without one: a system that writes local times reads local times.
 */
export function sinceOf(cursor: string | null, incremental: Pull["incremental"]): string | null {
  if (cursor === null || incremental === undefined) return null;
  if (incremental.kind === "key" || incremental.overlapSeconds === 0) return cursor;
  return earlier(cursor, incremental.overlapSeconds * 1000) ?? cursor;
}

/** Undefined: it is written in no way that is known. */
function earlier(time: string, byMs: number): string | undefined {
  const odata = /^\/Date\((-?\d{1,15})([+-]\d{4})?\)\/$/.exec(time);
  if (odata) return `/Date(${Number(odata[1]) - byMs}${odata[2] ?? ""})/`;
  if (/^\d{12,14}$/.test(time)) return String(Number(time) - byMs);
  const unix = /^(\d{9,10})(\.\d+)?$/.exec(time);
  if (unix) return `${Math.floor(Number(unix[1]) - byMs / 1000)}${unix[2] ?? ""}`;
  const iso = /^(\d{4}-\d\d-\d\d)(?:([T ])(\d\d:\d\d)(:\d\d)?([.,]\d+)?(Z|z|[+-]\d\d(?::?\d\d)?)?)?$/.exec(time);
  if (iso === null) return undefined;
  const [, day, divider, clock, seconds, fraction, zone = ""] = iso;
  // On the system's own clock, whatever its zone: a difference is the same on all of them, but for an hour twice a year.
  const atMs = Date.parse(`${day}T${clock ?? "00:00"}${seconds ?? ":00"}Z`);
  if (Number.isNaN(atMs)) return undefined;
  const before = new Date(atMs - byMs).toISOString();
  if (divider === undefined) return before.slice(0, 10);
  return `${before.slice(0, 10)}${divider}${before.slice(11, seconds === undefined ? 16 : 19)}${fraction ?? ""}${zone}`;
}
