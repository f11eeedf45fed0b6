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
const TIMES = ["H:mm", "H:mm:ss", "h:mm a", "h:mm:ss a"];

/** Made when the first of them is needed: a check without faults does without. */
let dayFormats: readonly DateFormat[] | undefined;
let timeFormats: readonly DateFormat[] | undefined;

function openDayFormats(): readonly DateFormat[] {
  const formats = [...DAYS, "yyyy-MM-dd'T00:00:00'", "yyyy-MM-dd' 00:00:00'"];
  return formats.map((format) => new DateFormat(format, "date"));
}

function openTimeFormats(): readonly DateFormat[] {
  const formats = DAYS.flatMap((day) => TIMES.flatMap((time) => [`${day} ${time}`, `${day}'T'${time}`]));
  return formats.map((format) => new DateFormat(format, "timestamp"));
}

/** The day that a text means, as the column writes it; none where it could be more than one. */
export function datesMeant(plan: ColumnPlan, text: string): string[] {
  dayFormats ??= openDayFormats();
  return timesMeant(plan, text, dayFormats);
}

/**
 * The point in time that a text means, as the column writes it. Not for columns whose format has an offset: which one was
 * meant nobody knows.
 */
export function timestampsMeant(plan: ColumnPlan, text: string): string[] {
  if (/[XxZ]/.test(plan.column.format ?? "")) return [];
  timeFormats ??= openTimeFormats();
  return timesMeant(plan, text, timeFormats);
}

function timesMeant({ format }: ColumnPlan, text: string, readable: readonly DateFormat[]): string[] {
  const bytes = Buffer.from(text);
  const meant = new Set<string>();
  for (const candidate of readable) {
    if (!candidate.read(bytes, 0, bytes.length)) continue;
    const { year, month, day, hour, minute, second } = candidate;
    const printed = format.print({ year, month, day, hour, minute, second });
    // A format with a two-digit year, or without seconds, may not be able to say it.
    const back = Buffer.from(printed);
    const isSame =
      format.read(back, 0, back.length) &&
      [format.year, format.month, format.day, format.hour, format.minute, format.second].join() ===
        [year, month, day, hour, minute, second].join();
    meant.add(isSame ? printed : "");
  }
  return meant.size === 1 && !meant.has("") ? [...meant] : [];
}
