import { civilFromDays, daysFromCivil } from "./calendar.ts";
import { FAULT_DATE, FAULT_TIMESTAMP, FAULT_TOO_LARGE, FAULT_TOO_SMALL } from "./cell-fault.ts";
import { DateFormat, IsoTimestamp } from "./date-format.ts";
import type { TimeZone } from "./time-zone.ts";

/** The part of a column that date and timestamp cells need. */
export interface DateRules {
  readonly format: DateFormat;
  readonly zone: TimeZone;
  /** Least and greatest value: for a date yyyymmdd as one number, for a timestamp microseconds since 1970. */
  readonly earliest: number;
  readonly latest: number;
}

/** A date that exists, in the years 1 to 9999. Written as `yyyy-MM-dd`. */
export function writeDate(
  rules: DateRules,
  bytes: Uint8Array,
  from: number,
  to: number,
  out: Uint8Array,
  position: number,
): number {
  const date = rules.format;
  if (!date.read(bytes, from, to)) return FAULT_DATE;
  const value = dateNumber(date);
  if (value < rules.earliest) return FAULT_TOO_SMALL;
  if (value > rules.latest) return FAULT_TOO_LARGE;
  return writeDay(out, position, date.year, date.month, date.day);
}

/** A point in time, in UTC. Written as `yyyy-MM-dd HH:mm:ss[.ffffff]+00`, without zeros at the fraction's end. */
export function writeTimestamp(
  rules: DateRules,
  bytes: Uint8Array,
  from: number,
  to: number,
  out: Uint8Array,
  position: number,
): number {
  const time = rules.format;
  if (!time.read(bytes, from, to)) return FAULT_TIMESTAMP;
  const local = localSeconds(time);
  const seconds = local - offsetSeconds(time, rules.zone, local);
  if (rules.earliest !== Number.NEGATIVE_INFINITY || rules.latest !== Number.POSITIVE_INFINITY) {
    const micros = seconds * 1e6 + time.micros;
    if (micros < rules.earliest) return FAULT_TOO_SMALL;
    if (micros > rules.latest) return FAULT_TOO_LARGE;
  }
  let at: number;
  if (seconds === local) {
    at = writeDay(out, position, time.year, time.month, time.day);
    at = writeTimeOfDay(out, at, time.hour, time.minute, time.second);
  } else {
    const days = Math.floor(seconds / 86_400);
    const { year, month, day } = civilFromDays(days);
    if (year < 1 || year > 9999) return FAULT_TIMESTAMP;
    const second = seconds - days * 86_400;
    at = writeDay(out, position, year, month, day);
    at = writeTimeOfDay(out, at, Math.floor(second / 3600), Math.floor(second / 60) % 60, second % 60);
  }
  if (time.micros > 0) {
    out[at++] = 0x2e;
    for (let unit = 100_000, rest = time.micros; rest > 0; unit /= 10) {
      out[at++] = 48 + Math.floor(rest / unit);
      rest %= unit;
    }
  }
  out[at] = 0x2b;
  out[at + 1] = 48;
  out[at + 2] = 48;
  return at + 3;
}

/** The number that a date column's bound stands for; undefined when the text is no ISO date. */
export function dateBound(text: string): number | undefined {
  const format = new DateFormat("yyyy-MM-dd", "date");
  const bytes = Buffer.from(text);
  return format.read(bytes, 0, bytes.length) ? dateNumber(format) : undefined;
}

/** The number that a timestamp column's bound stands for; undefined when the text is no ISO timestamp or date. */
export function timestampBound(text: string, zone: TimeZone): number | undefined {
  const format = new IsoTimestamp();
  const bytes = Buffer.from(/^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00` : text);
  if (!format.read(bytes, 0, bytes.length)) return undefined;
  const local = localSeconds(format);
  return (local - offsetSeconds(format, zone, local)) * 1e6 + format.micros;
}

function dateNumber({ year, month, day }: DateFormat): number {
  return year * 10_000 + month * 100 + day;
}

function localSeconds(time: DateFormat): number {
  return daysFromCivil(time.year, time.month, time.day) * 86_400 + time.hour * 3600 + time.minute * 60 + time.second;
}

/** Seconds ahead of UTC: as the text says, else as the column's zone has it. */
function offsetSeconds(time: DateFormat, zone: TimeZone, local: number): number {
  return Number.isNaN(time.offsetSeconds) ? zone.offsetAt(local) : time.offsetSeconds;
}

function writeTimeOfDay(out: Uint8Array, position: number, hour: number, minute: number, second: number): number {
  out[position] = 0x20;
  let at = writeTwo(out, position + 1, hour);
  out[at] = 0x3a;
  at = writeTwo(out, at + 1, minute);
  out[at] = 0x3a;
  return writeTwo(out, at + 1, second);
}

function writeDay(out: Uint8Array, position: number, year: number, month: number, day: number): number {
  const century = (year / 100) | 0;
  let at = writeTwo(out, position, century);
  at = writeTwo(out, at, year - century * 100);
  out[at] = 0x2d;
  at = writeTwo(out, at + 1, month);
  out[at] = 0x2d;
  return writeTwo(out, at + 1, day);
}

function writeTwo(out: Uint8Array, at: number, value: number): number {
  const tens = (value / 10) | 0;
  out[at] = 48 + tens;
  out[at + 1] = 48 + value - tens * 10;
  return at + 2;
}
