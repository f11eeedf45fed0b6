import type { ColumnPlan } from "../cells/column-plan.ts";
import { DateFormat } from "../cells/date-format.ts";

/** Ways in which days are written. A text that reads as one and the same day in all that fit has a certain meaning. */
const DAYS = [
  "yyyy-M-d",
  "yyyy/M/d",
  "yyyy.M.d",
  "yyyyMMdd",
  "d.M.yyyy",
  "d/M/yyyy",
  "M/d/yyyy",
  "d-M-yyyy",
  "M-d-yyyy",
  "d MMM yyyy",
  "d-MMM-yyyy",
  "MMM d, yyyy",
];
/** Made when the first of them is needed: a check without faults does without. */
let dayFormats: readonly DateFormat[] | undefined;

/** A day, then a time of day with or without seconds, on a clock of 24 or of 12 hours. */
const DAY_AND_TIME = /^(.*\d)[ T](\d{1,2}):(\d\d)(?::(\d\d))?(?: ?([AaPp])[Mm])?$/;

/** A point in time as people read it off a calendar and a clock. */
interface Moment {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
}

/** The day that a text means, as the column writes it; none where it could be more than one. */
export function datesMeant(plan: ColumnPlan, text: string): string[] {
  const day = text.replace(/[ T]00:00:00$/, "");
  return written(plan, momentsOf(day, { hour: 0, minute: 0, second: 0 }));
}

/**
 * The point in time that a text means, as the column writes it. Not for columns whose format has an offset: which one was
 * meant nobody knows.
 */
export function timestampsMeant(plan: ColumnPlan, text: string): string[] {
  const [, day, hour, minute, second = "0", half] = DAY_AND_TIME.exec(text) ?? [];
  if (day === undefined || /[XxZ]/.test(plan.column.format ?? "")) return [];
  const time = { hour: Number(hour), minute: Number(minute), second: Number(second) };
  if (half !== undefined) {
    if (time.hour < 1 || time.hour > 12) return [];
    time.hour = (time.hour % 12) + (half.toLowerCase() === "p" ? 12 : 0);
  }
  return time.hour > 23 || time.minute > 59 || time.second > 59 ? [] : written(plan, momentsOf(day, time));
}

/** What a text may mean as a day, each with a time. */
function momentsOf(day: string, time: Pick<Moment, "hour" | "minute" | "second">): Moment[] {
  dayFormats ??= DAYS.map((format) => new DateFormat(format, "date"));
  const bytes = Buffer.from(day);
  return dayFormats
    .filter((format) => format.read(bytes, 0, bytes.length))
    .map(({ year, month, day }) => ({ year, month, day, ...time }));
}

/** The one moment that is meant, as the column writes it; none where its format cannot say it: two digits of a year. */
function written({ format }: ColumnPlan, moments: readonly Moment[]): string[] {
  const texts = new Set(moments.map((moment) => format.print(moment)));
  const [text] = texts;
  if (text === undefined || texts.size > 1) return [];
  const bytes = Buffer.from(text);
  const isSame = format.read(bytes, 0, bytes.length) && moments.every((moment) => isAt(format, moment));
  return isSame ? [text] : [];
}

function isAt(format: DateFormat, { year, month, day, hour, minute, second }: Moment): boolean {
  const isSameDay = format.year === year && format.month === month && format.day === day;
  return isSameDay && format.hour === hour && format.minute === minute && format.second === second;
}
