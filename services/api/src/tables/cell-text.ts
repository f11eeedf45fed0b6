import type { Cell } from "@inlet/contracts";
import type { CellKind } from "@inlet/database";

const BIGINT = { least: -(2n ** 63n), most: 2n ** 63n - 1n } as const;
/** Longer than any number that a file's check lets through. */
const DECIMAL = /^[+-]?(?:\d{1,1000}(?:\.\d{0,1000})?|\.\d{1,1000})$/;
const DATE = /^(\d{4})-(\d{2})-(\d{2})$/;
const TIMESTAMP = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.\d{1,6})?)?(Z|[+-]\d{2}:?\d{2})?$/;

/**
 * Reads a text as a value of a column's kind, in the words that PostgreSQL reads; undefined: it is none. What comes out of
 * here can go into a statement's cast and not fail there.
 */
export function readCellText(kind: CellKind, text: string): string | undefined {
  switch (kind) {
    case "integer":
      return /^[+-]?\d{1,19}$/.test(text) && isBigint(BigInt(text.replace(/^\+/, ""))) ? text : undefined;
    case "decimal":
      return DECIMAL.test(text) ? text : undefined;
    case "boolean":
      return text === "true" || text === "false" ? text : undefined;
    case "date":
      return isDate(text) ? text : undefined;
    case "timestamp":
      return readTimestamp(text);
    case "text":
      // PostgreSQL has no place for U+0000, and UTF-8 none for half a surrogate pair.
      return text.includes("\0") || !text.isWellFormed() ? undefined : text;
    case "other":
      return undefined;
  }
}

const isBigint = (value: bigint) => value >= BIGINT.least && value <= BIGINT.most;

function isDate(text: string): boolean {
  const [, year, month, day] = (DATE.exec(text) ?? []).map(Number);
  if (year === undefined || year === 0) return false;
  const date = new Date(0);
  date.setUTCFullYear(year, month! - 1, day);
  return date.getUTCFullYear() === year && date.getUTCMonth() === month! - 1 && date.getUTCDate() === day;
}

/** Without an offset a time is meant in UTC. A date alone is its first moment. */
function readTimestamp(text: string): string | undefined {
  if (isDate(text)) return `${text}T00:00:00Z`;
  const [, date, hour, minute, second = "0", offset] = TIMESTAMP.exec(text) ?? [];
  if (date === undefined || !isDate(date) || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) {
    return undefined;
  }
  if (offset === undefined) return `${text}Z`;
  const [hours, minutes] = [Number(offset.slice(1, 3)), Number(offset.slice(-2))];
  return offset === "Z" || (hours <= 15 && minutes <= 59) ? text : undefined;
}

/** A cell as JSON holds it: whole numbers that a double cannot hold exactly, and all decimals, stay texts. */
export function jsonCell(kind: CellKind, text: string | null): Cell {
  if (text === null) return null;
  if (kind === "boolean") return text === "true";
  if (kind !== "integer") return text;
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : text;
}
