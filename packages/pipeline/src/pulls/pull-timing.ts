import type { PullSchedule } from "@inlet/contracts";
import { localTime, nextDue, passed } from "../schedule/timing.ts";

const MINUTE_MS = 60_000;

/**
 * The first time after a moment at which a schedule of pulls is due; null: it never is again. `everyMinutes` is counted from
 * midnight of 1970-01-01 UTC, so that 15 is at each quarter of an hour.
 * @throws InvalidInput `schedule_invalid`
 */
export function nextPull(schedule: PullSchedule, after: Date): Date | null {
  if ("at" in schedule) return nextDue(schedule, after);
  const everyMs = schedule.everyMinutes * MINUTE_MS;
  return new Date((Math.floor(after.getTime() / everyMs) + 1) * everyMs);
}

/** The latest due time that has passed, of those from `first` on, which is one itself and has. */
export function latestPull(schedule: PullSchedule, first: Date, now: Date): Date {
  if ("at" in schedule) return passed(schedule, first, now).latest;
  const everyMs = schedule.everyMinutes * MINUTE_MS;
  return new Date(Math.max(first.getTime(), Math.floor(now.getTime() / everyMs) * everyMs));
}

/** What the run of a trigger is called. Keys of runs of pulls begin with `pull `, those of other runs never do. */
export function pullRunName(trigger: { at: Date; by: "schedule" | "person" }, timezone: string): string {
  const seconds = trigger.by === "schedule" ? "" : `:${String(trigger.at.getUTCSeconds()).padStart(2, "0")}`;
  return `pull ${localTime(trigger.at, timezone)}${seconds} ${timezone}`;
}
