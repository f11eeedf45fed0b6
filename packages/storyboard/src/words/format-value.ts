import type { PlaceholderFormat } from "@inlet/contracts";
import { decimalOf } from "../rules/decimal.ts";
import { momentOf } from "../rules/moment.ts";

/**
 * Writes a canonical value as a language does. A value that is not what the format is for (`{{city:date}}`) stays as it is.
 * Dates are of the Gregorian calendar, as the client's are, and of the day that the cell names: no time zone moves them.
 */
export function formatValue(value: string, format: PlaceholderFormat, language: string): string {
  switch (format) {
    case "date":
    case "day":
    case "weekday":
      return formatDay(value, format, language);
    case "number":
      return formatNumber(value, language);
    case "upper":
      return value.toLocaleUpperCase(language);
    case "title":
      return titleCase(value, language);
    case "first":
      return /\S+/.exec(value)?.[0] ?? "";
  }
}

type DayFormat = "date" | "day" | "weekday";

const DAY_OPTIONS: Readonly<Record<DayFormat, Intl.DateTimeFormatOptions>> = {
  date: { day: "numeric", month: "long", year: "numeric" },
  day: { day: "numeric", month: "long" },
  weekday: { weekday: "long" },
};

/** A file has few days, and writing one takes as long as all else of a text. */
const days = new Map<string, string>();
const MOST_DAYS = 5_000;

function formatDay(value: string, format: DayFormat, language: string): string {
  const moment = momentOf(value.trim());
  if (moment === undefined) return value;
  const name = `${language} ${format} ${moment.day}`;
  let written = days.get(name);
  if (written === undefined) {
    if (days.size >= MOST_DAYS) days.clear();
    written = dayFormatter(language, format).format(new Date(`${moment.day}T00:00:00Z`));
    days.set(name, written);
  }
  return written;
}

function formatNumber(value: string, language: string): string {
  const text = value.trim();
  if (decimalOf(text) === undefined) return value;
  // As many decimals as the client wrote: 1234.50 is a price.
  const decimals = Math.min(20, text.split(".")[1]?.length ?? 0);
  // As a string: a number of more than 15 digits stays exact.
  return numberFormatter(language, decimals).format(text.replace(/^\+/, "") as `${number}`);
}

/** Each word's first letter a capital; a value all in capitals, as many systems write names, is set in small letters first. */
function titleCase(value: string, language: string): string {
  const text = /\p{Ll}/u.test(value) ? value : value.toLocaleLowerCase(language);
  return text.replace(
    /(^|[^\p{L}\p{M}\p{N}'’])(\p{L})/gu,
    (_, before: string, letter: string) => before + letter.toLocaleUpperCase(language),
  );
}

const formatters = new Map<string, Intl.DateTimeFormat | Intl.NumberFormat>();

function dayFormatter(language: string, format: DayFormat): Intl.DateTimeFormat {
  return remembered(
    `${language} ${format}`,
    () => new Intl.DateTimeFormat(tags(language), { ...DAY_OPTIONS[format], calendar: "gregory", timeZone: "UTC" }),
  );
}

function numberFormatter(language: string, decimals: number): Intl.NumberFormat {
  return remembered(
    `${language} ${decimals}`,
    () => new Intl.NumberFormat(tags(language), { minimumFractionDigits: decimals, maximumFractionDigits: decimals }),
  );
}

/** English without a country is written as most of the world does, 1 December 2026. Unknown languages read as English. */
function tags(language: string): string[] {
  return language === "en" ? ["en-GB"] : [language, "en-GB"];
}

/** Making a formatter takes a hundred times as long as using it. */
function remembered<T extends Intl.DateTimeFormat | Intl.NumberFormat>(name: string, make: () => T): T {
  let formatter = formatters.get(name) as T | undefined;
  if (formatter === undefined) {
    if (formatters.size >= 500) formatters.clear();
    formatter = make();
    formatters.set(name, formatter);
  }
  return formatter;
}
