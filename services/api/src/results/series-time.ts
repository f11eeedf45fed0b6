import { MAX_SERIES_POINTS } from "@inlet/contracts";
import { Refusal } from "../requests/errors.ts";

const HOUR_MS = 3_600_000;
const UNIT_MS = { hour: HOUR_MS, day: 24 * HOUR_MS } as const;
const USUAL_MS = { hour: 48 * HOUR_MS, day: 30 * 24 * HOUR_MS } as const;

interface AskedTime {
  unit: "hour" | "day";
  from?: string | undefined;
  to?: string | undefined;
}

/** The newest part of a time that a series can show. */
export function newestSeriesTime({ unit, from, to }: { unit: "hour" | "day"; from: Date; to: Date }): {
  from: Date;
  to: Date;
} {
  const longestMs = UNIT_MS[unit] * MAX_SERIES_POINTS;
  return { from: new Date(Math.max(from.getTime(), to.getTime() - longestMs)), to };
}

/** The time that results are asked for. @throws Refusal when it is turned round, or has more points than a series may have */
export function seriesTime({ unit, from, to }: AskedTime, now: Date): { from: Date; to: Date } {
  const end = to === undefined ? now : new Date(to);
  const begin = from === undefined ? new Date(end.getTime() - USUAL_MS[unit]) : new Date(from);
  if (begin >= end) {
    throw new Refusal(
      400,
      "request_invalid",
      "`from` lies at or after `to`. Ask for a time that begins before it ends.",
    );
  }
  if ((end.getTime() - begin.getTime()) / UNIT_MS[unit] > MAX_SERIES_POINTS) {
    throw new Refusal(
      400,
      "request_invalid",
      `A series has at most ${MAX_SERIES_POINTS} points. Ask for a shorter time, or by the day.`,
    );
  }
  return { from: begin, to: end };
}
