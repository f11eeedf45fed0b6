const MOMENT = /^(\d{4}-\d{2}-\d{2})(?:[ T](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?) ?(Z|[+-]\d{2}(?::?\d{2})?)?)?$/;

/** A date, or a date with a time. */
export interface Moment {
  /** `2026-12-01`, as it is written. */
  day: string;
  /** Milliseconds since 1970, UTC; undefined for a date alone. */
  atMs: number | undefined;
}

/** Reads a date or a timestamp as the canonical file writes it (ISO 8601); undefined when the text is none. */
export function momentOf(text: string): Moment | undefined {
  const match = MOMENT.exec(text);
  if (match === null) return undefined;
  const [, day, time, zone] = match;
  const midnight = new Date(`${day}T00:00:00Z`);
  // 2026-02-31 is read as 3 March.
  if (Number.isNaN(midnight.getTime()) || midnight.getUTCDate() !== Number(day!.slice(8))) return undefined;
  if (time === undefined) return { day: day!, atMs: undefined };
  const atMs = Date.parse(`${day}T${time.length === 5 ? `${time}:00` : time}${zoneOf(zone)}`);
  return Number.isNaN(atMs) ? undefined : { day: day!, atMs };
}

/** A date against a timestamp: their days count. */
export function compareMoments(left: Moment, right: Moment): number {
  if (left.atMs !== undefined && right.atMs !== undefined) return left.atMs - right.atMs;
  return left.day === right.day ? 0 : left.day < right.day ? -1 : 1;
}

/** PostgreSQL writes `+00`, JavaScript reads `+00:00`. */
function zoneOf(zone = "Z"): string {
  if (zone === "Z") return zone;
  const digits = zone.replace(":", "");
  return `${digits.slice(0, 3)}:${digits.slice(3).padEnd(2, "0")}`;
}
