import { Misconfigured } from "@inlet/contracts";
import { daysInMonth } from "./calendar.ts";

/** The steps of a compiled format. Widths: least and most digits. */
interface Step {
  kind: number;
  least: number;
  most: number;
  /** LITERAL: the byte. */
  byte: number;
}

const LITERAL = 0;
const YEAR = 1;
const YEAR_OF_CENTURY = 2;
const MONTH = 3;
const DAY = 4;
const HOUR = 5;
const HOUR_12 = 6;
const MINUTE = 7;
const SECOND = 8;
const FRACTION = 9;
const HALF_DAY = 10;
const MONTH_NAME = 11;
const OFFSET = 12;

/** Letters of Unicode's date patterns (UTS 35) → kind, and the least and most digits by the number of letters. */
const LETTERS: Readonly<Record<string, (count: number) => [kind: number, least: number, most: number] | undefined>> = {
  y: (n) => (n === 2 ? [YEAR_OF_CENTURY, 2, 2] : n === 4 || n === 1 ? [YEAR, 4, 4] : undefined),
  u: (n) => (n === 4 || n === 1 ? [YEAR, 4, 4] : undefined),
  M: (n) => (n === 3 ? [MONTH_NAME, 3, 3] : n <= 2 ? [MONTH, n, 2] : undefined),
  d: (n) => (n <= 2 ? [DAY, n, 2] : undefined),
  H: (n) => (n <= 2 ? [HOUR, n, 2] : undefined),
  h: (n) => (n <= 2 ? [HOUR_12, n, 2] : undefined),
  m: (n) => (n <= 2 ? [MINUTE, n, 2] : undefined),
  s: (n) => (n <= 2 ? [SECOND, n, 2] : undefined),
  S: (n) => (n <= 9 ? [FRACTION, n, n] : undefined),
  a: (n) => (n === 1 ? [HALF_DAY, 2, 2] : undefined),
  X: (n) => (n <= 3 ? [OFFSET, 0, 0] : undefined),
  x: (n) => (n <= 3 ? [OFFSET, 0, 0] : undefined),
  Z: (n) => (n <= 5 ? [OFFSET, 0, 0] : undefined),
};

const MONTH_NAMES = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
/** Two-digit years from here on are of the 20th century, the others of the 21st (POSIX `strptime`, %y). */
const CENTURY_PIVOT = 69;

/** What {@link DateFormat.print} writes; left out: midnight. */
interface PrintedTime {
  year: number;
  month: number;
  day: number;
  hour?: number;
  minute?: number;
  second?: number;
}

/** Reads one written form of a date or timestamp from bytes. Its fields hold what the last successful `read` found. */
export class DateFormat {
  readonly #steps: readonly Step[];
  readonly hasTime: boolean;
  year = 0;
  month = 0;
  day = 0;
  hour = 0;
  minute = 0;
  second = 0;
  /** Microseconds; further digits are cut off. */
  micros = 0;
  /** Seconds ahead of UTC that the text itself states, or NaN. */
  offsetSeconds = Number.NaN;

  /** @throws Misconfigured for letters that mean nothing here, or when a part of the date is missing. */
  constructor(format: string, type: "date" | "timestamp") {
    this.#steps = compileFormat(format);
    const kinds = new Set(this.#steps.map((step) => step.kind));
    this.hasTime = kinds.has(HOUR) || kinds.has(HOUR_12);
    const hasDate =
      (kinds.has(YEAR) || kinds.has(YEAR_OF_CENTURY)) && (kinds.has(MONTH) || kinds.has(MONTH_NAME)) && kinds.has(DAY);
    if (!hasDate || (type === "timestamp" && !this.hasTime) || kinds.has(HOUR_12) !== kinds.has(HALF_DAY)) {
      throw badFormat(format, "it must name year, month and day, for a timestamp the hour too, and `h` goes with `a`");
    }
  }

  /** Whether the whole cell is a date that exists, written in this format. */
  read(bytes: Uint8Array, from: number, to: number): boolean {
    let i = from;
    this.hour = 0;
    this.minute = 0;
    this.second = 0;
    this.micros = 0;
    this.offsetSeconds = Number.NaN;
    let halfDay = -1;
    for (const step of this.#steps) {
      if (step.kind === LITERAL) {
        if (i >= to || bytes[i] !== step.byte) return false;
        i += 1;
        continue;
      }
      if (step.kind === MONTH_NAME) {
        if (i + 3 > to) return false;
        const name = String.fromCharCode(bytes[i]! | 32, bytes[i + 1]! | 32, bytes[i + 2]! | 32);
        this.month = MONTH_NAMES.indexOf(name) + 1;
        i += 3;
        continue;
      }
      if (step.kind === HALF_DAY) {
        if (i + 2 > to || (bytes[i + 1]! | 32) !== 0x6d) return false;
        halfDay = (bytes[i]! | 32) === 0x61 ? 0 : (bytes[i]! | 32) === 0x70 ? 12 : -1;
        if (halfDay === -1) return false;
        i += 2;
        continue;
      }
      if (step.kind === OFFSET) {
        i = this.readOffset(bytes, i, to);
        if (i === -1) return false;
        continue;
      }
      let value = 0;
      let digits = 0;
      while (digits < step.most && i < to) {
        const digit = bytes[i]! - 48;
        if (digit < 0 || digit > 9) break;
        value = value * 10 + digit;
        digits += 1;
        i += 1;
      }
      if (digits < step.least) return false;
      switch (step.kind) {
        case YEAR:
          this.year = value;
          break;
        case YEAR_OF_CENTURY:
          this.year = value + (value >= CENTURY_PIVOT ? 1900 : 2000);
          break;
        case MONTH:
          this.month = value;
          break;
        case DAY:
          this.day = value;
          break;
        case HOUR:
          this.hour = value;
          break;
        case HOUR_12:
          if (value < 1 || value > 12) return false;
          this.hour = value % 12;
          break;
        case MINUTE:
          this.minute = value;
          break;
        case SECOND:
          this.second = value;
          break;
        default:
          this.micros = toMicros(value, digits);
      }
    }
    if (i !== to) return false;
    if (halfDay === 12) this.hour += 12;
    return this.exists();
  }

  /** A day and time written in this format; an offset as UTC's, a fraction of a second as zeros. */
  print({ year, month, day, hour = 0, minute = 0, second = 0 }: PrintedTime): string {
    return this.#steps
      .map(({ kind, least, byte }) => {
        const digits = (value: number) => String(value).padStart(least, "0");
        switch (kind) {
          case LITERAL:
            return String.fromCharCode(byte);
          case YEAR:
            return digits(year);
          case YEAR_OF_CENTURY:
            return digits(year % 100);
          case MONTH:
            return digits(month);
          case MONTH_NAME:
            return MONTH_NAMES[month - 1]!.replace(/^./, (letter) => letter.toUpperCase());
          case DAY:
            return digits(day);
          case HOUR:
            return digits(hour);
          case HOUR_12:
            return digits(hour % 12 === 0 ? 12 : hour % 12);
          case MINUTE:
            return digits(minute);
          case SECOND:
            return digits(second);
          case HALF_DAY:
            return hour < 12 ? "AM" : "PM";
          case OFFSET:
            return "Z";
          default:
            return digits(0);
        }
      })
      .join("");
  }

  /** Whether the fields name a day and a time that exist, in the years 1 to 9999. */
  exists(): boolean {
    return (
      this.year >= 1 &&
      this.month >= 1 &&
      this.month <= 12 &&
      this.day >= 1 &&
      this.day <= daysInMonth(this.year, this.month) &&
      this.hour <= 23 &&
      this.minute <= 59 &&
      this.second <= 59
    );
  }

  /** `Z`, `±hh`, `±hhmm` or `±hh:mm`. Returns the position after it, or -1. */
  protected readOffset(bytes: Uint8Array, from: number, to: number): number {
    const sign = bytes[from];
    if (from < to && (sign === 0x5a || sign === 0x7a)) {
      this.offsetSeconds = 0;
      return from + 1;
    }
    if (from + 3 > to || (sign !== 43 && sign !== 45)) return -1;
    const hours = twoDigits(bytes, from + 1, to);
    let i = from + 3;
    let minutes = 0;
    if (i < to && bytes[i] === 58) i += 1;
    if (i > from + 3 || twoDigits(bytes, i, to) >= 0) {
      minutes = twoDigits(bytes, i, to);
      i += 2;
    }
    // The widest offsets in use are -12 and +14 hours; PostgreSQL takes up to 15:59:59.
    if (hours < 0 || hours > 15 || minutes < 0 || minutes > 59) return -1;
    this.offsetSeconds = (sign === 45 ? -1 : 1) * (hours * 3600 + minutes * 60);
    return i;
  }
}

/** The usual way to write a day, read without the detour over steps. */
export class IsoDate extends DateFormat {
  constructor() {
    super("yyyy-MM-dd", "date");
  }

  override read(bytes: Uint8Array, from: number, to: number): boolean {
    if (to - from !== 10 || bytes[from + 4] !== 45 || bytes[from + 7] !== 45) return false;
    const century = twoDigits(bytes, from, to);
    const year = twoDigits(bytes, from + 2, to);
    this.year = century * 100 + year;
    this.month = twoDigits(bytes, from + 5, to);
    this.day = twoDigits(bytes, from + 8, to);
    return century >= 0 && year >= 0 && this.exists();
  }
}

/** ISO 8601 as computers write it: `T` or a space, seconds, fraction and offset as they come. */
export class IsoTimestamp extends DateFormat {
  constructor() {
    super("yyyy-MM-dd'T'HH:mm:ss", "timestamp");
  }

  override read(bytes: Uint8Array, from: number, to: number): boolean {
    const length = to - from;
    if (length < 16 || bytes[from + 4] !== 45 || bytes[from + 7] !== 45 || bytes[from + 13] !== 58) return false;
    const divider = bytes[from + 10]!;
    if (divider !== 0x54 && divider !== 0x74 && divider !== 0x20) return false;
    const century = twoDigits(bytes, from, to);
    const year = twoDigits(bytes, from + 2, to);
    this.month = twoDigits(bytes, from + 5, to);
    this.day = twoDigits(bytes, from + 8, to);
    this.hour = twoDigits(bytes, from + 11, to);
    this.minute = twoDigits(bytes, from + 14, to);
    this.second = 0;
    this.micros = 0;
    this.offsetSeconds = Number.NaN;
    if (century < 0 || year < 0 || this.hour < 0 || this.minute < 0) return false;
    this.year = century * 100 + year;
    let i = from + 16;
    if (i < to && bytes[i] === 58) {
      this.second = twoDigits(bytes, i + 1, to);
      if (this.second < 0) return false;
      i += 3;
      if (i < to && (bytes[i] === 46 || bytes[i] === 44)) {
        let value = 0;
        let digits = 0;
        for (i += 1; i < to && bytes[i]! >= 48 && bytes[i]! <= 57; i += 1, digits += 1) {
          if (digits < 9) value = value * 10 + bytes[i]! - 48;
        }
        if (digits === 0) return false;
        this.micros = toMicros(value, Math.min(digits, 9));
      }
    }
    if (i < to) i = this.readOffset(bytes, i, to);
    return i === to && this.exists();
  }
}

/** @throws Misconfigured when the format cannot be used. */
export function openFormat(format: string, type: "date" | "timestamp"): DateFormat {
  return format === "yyyy-MM-dd" && type === "date" ? new IsoDate() : new DateFormat(format, type);
}

function twoDigits(bytes: Uint8Array, at: number, to: number): number {
  if (at + 2 > to) return -1;
  const tens = bytes[at]! - 48;
  const ones = bytes[at + 1]! - 48;
  return tens < 0 || tens > 9 || ones < 0 || ones > 9 ? -1 : tens * 10 + ones;
}

function toMicros(value: number, digits: number): number {
  return digits <= 6 ? value * 10 ** (6 - digits) : Math.floor(value / 10 ** (digits - 6));
}

function compileFormat(format: string): Step[] {
  const steps: Step[] = [];
  const literal = (text: string) => {
    for (const byte of Buffer.from(text, "utf8")) steps.push({ kind: LITERAL, least: 0, most: 0, byte });
  };
  for (const [part, quoted] of format.matchAll(/'((?:[^']|'')*)'|([A-Za-z])\2*|[^A-Za-z']/g)) {
    if (quoted !== undefined) {
      literal(quoted === "" ? "'" : quoted.replaceAll("''", "'"));
    } else if (part === "T" || !/[A-Za-z]/.test(part)) {
      literal(part);
    } else {
      const step = LETTERS[part[0]!]?.(part.length);
      if (step === undefined) throw badFormat(format, `\`${part}\` is not understood`);
      steps.push({ kind: step[0], least: step[1], most: step[2], byte: 0 });
    }
  }
  return steps;
}

function badFormat(format: string, why: string): Misconfigured {
  return new Misconfigured({
    code: "date_format_invalid",
    message: `The date format \`${format}\` cannot be used: ${why}. Examples: yyyy-MM-dd, dd.MM.yyyy, yyyy-MM-dd HH:mm:ss.`,
  });
}
