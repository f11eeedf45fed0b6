import type { CellFaultCode } from "../cells/cell-fault.ts";
import type { ColumnPlan } from "../cells/column-plan.ts";
import { DateFormat } from "../cells/date-format.ts";
import { FORM_ESCAPES, FORM_UTF8, mostCanonicalBytes, writeCell } from "../cells/write-cell.ts";

/** Ways in which dates are written; a text that reads as one and the same day in all that fit has a certain fix. */
const DATE_FORMATS = [
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
  "yyyy-MM-dd'T00:00:00'",
  "yyyy-MM-dd' 00:00:00'",
].map((format) => new DateFormat(format, "date"));

/** Longer values get no suggestion. */
const MOST_CHARACTERS = 200;

/**
 * A replacement that is certain to be what was meant, and that passes the column's check; null where there is none, or
 * more than one.
 */
export function suggestFix(plan: ColumnPlan, code: CellFaultCode, text: string): string | null {
  if (text === "" || text.length > MOST_CHARACTERS) return null;
  const trimmed = text.replace(/^[\s\u200b\ufeff]+|[\s\u200b\ufeff]+$/g, "");
  const candidates = new Set<string>(trimmed === text ? [] : [trimmed]);
  for (const candidate of rewritten(plan, code, trimmed)) candidates.add(candidate);
  const good = [...candidates].filter((candidate) => passes(plan, candidate));
  return good.length === 1 ? good[0]! : null;
}

function rewritten(plan: ColumnPlan, code: CellFaultCode, text: string): string[] {
  switch (code) {
    case "not_an_integer":
      return /^[-+]?\d+[.,]0{1,2}$/.test(text) ? [text.replace(/[.,].*/, "")] : [];
    case "not_a_decimal":
      return otherSeparator(plan.column.decimalSeparator, text);
    case "not_a_date":
      return datesMeant(plan, text);
    case "not_in_values":
      return valuesMeant(plan.column.values ?? [], text);
    default:
      return [];
  }
}

/** `12,5` for `12.5`; not `1,234`, which may mean thousands. */
function otherSeparator(separator: string, text: string): string[] {
  const other = separator === "." ? "," : ".";
  const [whole = "", fraction, rest] = text.split(other);
  if (fraction === undefined || rest !== undefined) return [];
  const mayBeThousands = /^[-+]?[1-9]\d{0,2}$/.test(whole) && fraction.length === 3;
  return mayBeThousands ? [] : [`${whole}${separator}${fraction}`];
}

function datesMeant(plan: ColumnPlan, text: string): string[] {
  const bytes = Buffer.from(text);
  const meant = new Set<string>();
  for (const format of DATE_FORMATS) {
    if (!format.read(bytes, 0, bytes.length)) continue;
    const { year, month, day } = format;
    meant.add(plan.format.print({ year, month, day }));
  }
  return meant.size === 1 ? [...meant] : [];
}

function valuesMeant(values: readonly string[], text: string): string[] {
  const folded = text.toLowerCase();
  const same = values.filter((value) => value.trim().toLowerCase() === folded);
  if (same.length > 0) return same;
  return text.length < 4
    ? []
    : values.filter((value) => value.length >= 4 && isOneEditAway(value.toLowerCase(), folded));
}

/** One character more, less, another, or two neighbours exchanged. */
function isOneEditAway(a: string, b: string): boolean {
  if (Math.abs(a.length - b.length) > 1) return false;
  let start = 0;
  while (start < a.length && a[start] === b[start]) start += 1;
  let end = 0;
  while (end < Math.min(a.length, b.length) - start && a.at(-1 - end) === b.at(-1 - end)) end += 1;
  const left = a.slice(start, a.length - end);
  const right = b.slice(start, b.length - end);
  if (left.length <= 1 && right.length <= 1) return true;
  return left.length === 2 && right.length === 2 && left[0] === right[1] && left[1] === right[0];
}

function passes(plan: ColumnPlan, text: string): boolean {
  const bytes = Buffer.from(text);
  if (bytes.length === 0) return false;
  const out = Buffer.allocUnsafe(mostCanonicalBytes(bytes.length));
  return writeCell(plan, bytes, 0, bytes.length, FORM_UTF8 | FORM_ESCAPES, out, 0) >= 0;
}
