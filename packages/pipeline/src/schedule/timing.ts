import { InvalidInput, type ScheduleRun, WEEKDAYS } from "@inlet/contracts";
import { Cron } from "croner";

/** When a schedule is due, as the profile has it. */
export type Timing = Pick<ScheduleRun, "at" | "timezone">;

/**
 * What a schedule in a person's words is as a cron expression of five fields. One that is an expression already stays.
 * `monthly last` is the month's last day; `monthly 31` comes only in months that have one.
 */
export function cronOf(at: string): string {
  const words = at.trim().toLowerCase().split(/\s+/);
  const [how, ...rest] = words;
  const [hour, minute] = (rest.at(-1) ?? "").split(":").map(Number);
  const time = `${minute} ${hour}`;
  switch (how) {
    case "daily":
      return `${time} * * *`;
    case "weekdays":
      return `${time} * * 1-5`;
    case "weekly":
      return `${time} * * ${(WEEKDAYS as readonly string[]).indexOf(rest[0] ?? "")}`;
    case "monthly":
      return `${time} ${rest[0] === "last" ? "L" : rest[0]} * *`;
    default:
      return at.trim();
  }
}

/**
 * The first due time after a moment; null: there is none any more. A local time that the clocks leave out is due at the next
 * moment that there is, and one that they pass twice is due the first time (schedule-timing.test.ts holds croner to it).
 * @throws InvalidInput `schedule_invalid` when it is no cron expression
 */
export function nextDue(timing: Timing, after: Date): Date | null {
  return cronFor(timing).nextRun(after);
}

/** The next due times, soonest first. @throws InvalidInput `schedule_invalid` */
export function nextDues(timing: Timing, after: Date, count: number): Date[] {
  return cronFor(timing).nextRuns(count, after);
}

/** The due times that have passed: the latest, which is taken up, and those before it, which are skipped. */
export interface Passed {
  latest: Date;
  /** Oldest first; of very many the newest. */
  skipped: Date[];
}

/** More are not listed one by one: a schedule of every minute has as many in a few hours. */
const MOST_SKIPPED = 100;

/** The due times from `first` on, which is one itself, up to a moment. */
export function passed(timing: Timing, first: Date, now: Date): Passed {
  // Backwards from now, because years of them may have passed. The tests hold both ways to each other.
  const dues = cronFor(timing).previousRuns(MOST_SKIPPED + 1, new Date(now.getTime() + 1));
  const [latest = first, ...skipped] = dues.filter((due) => due >= first);
  return { latest, skipped: skipped.reverse() };
}

/** How long the shortest pause between due times is, of the next hundred; null: fewer than two are to come. */
export function shortestPauseMs(timing: Timing, after: Date): number | null {
  const dues = nextDues(timing, after, 100);
  const pauses = dues.slice(1).map((due, place) => due.getTime() - dues[place]!.getTime());
  return pauses.length === 0 ? null : Math.min(...pauses);
}

/** A moment as the clocks of a zone show it: `2026-11-20 09:00`. */
export function localTime(at: Date, timezone: string): string {
  return `${localDay(at, timezone)} ${clock(timezone).format(at)}`;
}

/** The day of a moment in a zone: `2026-11-20`. */
export function localDay(at: Date, timezone: string): string {
  return calendar(timezone).format(at);
}

/** How many days before `day` another one is; negative: after it. Both YYYY-MM-DD. */
export function daysBefore(day: string, other: string): number {
  return Math.round((Date.parse(`${day}T00:00:00Z`) - Date.parse(`${other}T00:00:00Z`)) / 86_400_000);
}

// The Swedish way to write a day and a time is ISO 8601's.
const clock = remembered((timeZone) => new Intl.DateTimeFormat("sv", { timeZone, timeStyle: "short" }));
const calendar = remembered((timeZone) => new Intl.DateTimeFormat("sv", { timeZone, dateStyle: "short" }));

/** Formats are dear to make, and zones are few. */
function remembered(make: (timeZone: string) => Intl.DateTimeFormat): (timeZone: string) => Intl.DateTimeFormat {
  const known = new Map<string, Intl.DateTimeFormat>();
  return (timeZone) => {
    const format = known.get(timeZone) ?? make(timeZone);
    known.set(timeZone, format);
    return format;
  };
}

function cronFor({ at, timezone }: Timing): Cron {
  try {
    return new Cron(cronOf(at), { timezone, mode: "5-part", paused: true });
  } catch (cause) {
    throw new InvalidInput({
      code: "schedule_invalid",
      message: `${at} is no schedule: ${(cause as Error).message.replace(/^CronPattern: /, "")}`,
      cause,
    });
  }
}
