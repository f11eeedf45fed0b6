import { FIELD_ESCAPED, type RecordBlock } from "../scan/record-block.ts";
import {
  type ColumnPlan,
  KIND_BOOLEAN,
  KIND_DATE,
  KIND_DECIMAL,
  KIND_EMAIL,
  KIND_INTEGER,
  KIND_STRING,
  KIND_TIMESTAMP,
  KIND_URL,
} from "./column-plan.ts";
import { IsoDate, IsoTimestamp } from "./date-format.ts";
import { isEmail, isUrl } from "./text-cells.ts";

/**
 * The fast path of the check. Most cells of most files are beyond doubt: they keep their column's rules, and mostly the
 * canonical file has them byte for byte. These are found column by column, in a loop that one column's rules alone run
 * through; all that is left over, good or bad, goes the long way (write-cell.ts), which gives the same answer for every cell.
 */

/** Whether a cell of the column that is beyond doubt stands in the canonical file as it is. */
export function isVerbatim(plan: ColumnPlan): boolean {
  return mayBeSure(plan) && plan.kind !== KIND_BOOLEAN && plan.kind !== KIND_TIMESTAMP;
}

/** Whether the cells of a column can be beyond doubt at all. */
export function mayBeSure(plan: ColumnPlan): boolean {
  if (plan.field < 0 || plan.pattern !== undefined) return false;
  switch (plan.kind) {
    case KIND_STRING:
      return true;
    case KIND_TIMESTAMP:
      return !plan.hasLength && plan.format instanceof IsoTimestamp && plan.zone.isUtc && !hasBounds(plan);
    case KIND_DECIMAL:
      return !plan.hasLength && plan.separator === DOT;
    case KIND_DATE:
      return !plan.hasLength && plan.format instanceof IsoDate;
    default:
      return !plan.hasLength;
  }
}

function hasBounds({ earliest, latest }: ColumnPlan): boolean {
  return earliest !== Number.NEGATIVE_INFINITY || latest !== Number.POSITIVE_INFINITY;
}

/**
 * Sets `doubtful[r]` for each record of a block whose cell of this column is not beyond doubt. Cells that are empty, where
 * they may be, and text with doubled quotes count as sure: who copies them has to look. The block's bytes need no decoding
 * (FORM_ASCII or FORM_UTF8), and every record has the column's field.
 */
export function doubtColumn(plan: ColumnPlan, block: RecordBlock, doubtful: Uint8Array): void {
  const { bytes, count, firstFields, fieldStarts, fieldEnds, fieldFlags } = block;
  const { kind, field, values } = plan;
  const mayBeEmpty = !plan.column.required && !plan.inKey;
  if (kind === KIND_STRING && mayBeEmpty && !plan.hasLength) return;
  for (let r = 0; r < count; r += 1) {
    const f = firstFields[r]! + field;
    const from = fieldStarts[f]!;
    const to = fieldEnds[f]!;
    let isSure: boolean;
    if (from === to) {
      isSure = mayBeEmpty;
    } else if (kind === KIND_STRING) {
      isSure = isSureText(plan, bytes, from, to);
    } else {
      switch (kind) {
        case KIND_INTEGER:
          isSure = isSureInteger(plan, bytes, from, to);
          break;
        case KIND_DECIMAL:
          isSure = isSureDecimal(plan, bytes, from, to);
          break;
        case KIND_DATE:
          isSure = isSureDate(plan, bytes, from, to);
          break;
        case KIND_BOOLEAN:
          isSure = isSureBoolean(plan, bytes, from, to);
          break;
        case KIND_TIMESTAMP:
          isSure = isSureTimestamp(bytes, from, to);
          break;
        case KIND_EMAIL:
          isSure = isEmail(bytes, from, to);
          break;
        case KIND_URL:
          isSure = isUrl(bytes, from, to);
          break;
        default:
          isSure = values.find(bytes, from, to) >= 0;
      }
      if ((fieldFlags[f]! & FIELD_ESCAPED) !== 0) isSure = false;
    }
    if (!isSure) doubtful[r] = 1;
  }
}

const DOT = 46;
const MINUS = 45;
const COLON = 58;
const ZERO = 48;
const EXACT_DIGITS = 15;

function isSureText({ minLength, maxLength }: ColumnPlan, bytes: Buffer, from: number, to: number): boolean {
  // A character has one byte or more, so that a length in bytes that is within the bound is so in characters.
  return bytes[from]! > 0x20 && to - from <= maxLength && minLength <= 1;
}

/** At most 15 digits, no plus, no leading zero; strictly between the bounds. */
function isSureInteger({ minNumber, maxNumber }: ColumnPlan, bytes: Buffer, from: number, to: number): boolean {
  const isNegative = bytes[from] === MINUS;
  let i = isNegative ? from + 1 : from;
  if (to - i > EXACT_DIGITS || i === to) return false;
  if (bytes[i] === ZERO) return to - from === 1 && minNumber === undefined && maxNumber === undefined;
  let value = 0;
  for (; i < to; i += 1) {
    const digit = bytes[i]! - ZERO;
    if (digit < 0 || digit > 9) return false;
    value = value * 10 + digit;
  }
  if (minNumber === undefined && maxNumber === undefined) return true;
  return isBetween(isNegative ? -value : value, minNumber, maxNumber);
}

function isBetween(value: number, min: { value: number } | undefined, max: { value: number } | undefined): boolean {
  return (min === undefined || value > min.value) && (max === undefined || value < max.value);
}

/** At most 15 digits, no plus, no needless zero before the dot, no more behind it than the scale; strictly between the bounds. */
function isSureDecimal(plan: ColumnPlan, bytes: Buffer, from: number, to: number): boolean {
  const isNegative = bytes[from] === MINUS;
  const start = isNegative ? from + 1 : from;
  if (to - start > EXACT_DIGITS + 1) return false;
  let i = start;
  let value = 0;
  for (; i < to; i += 1) {
    const digit = bytes[i]! - ZERO;
    if (digit < 0 || digit > 9) break;
    value = value * 10 + digit;
  }
  const whole = i - start;
  if (whole === 0 || (whole > 1 && bytes[start] === ZERO)) return false;
  if (plan.precision !== undefined && whole > plan.precision - plan.scale) return false;
  let fraction = 0;
  if (i < to) {
    fraction = to - i - 1;
    if (bytes[i] !== DOT || fraction === 0 || fraction > plan.scale) return false;
    for (i += 1; i < to; i += 1) {
      const digit = bytes[i]! - ZERO;
      if (digit < 0 || digit > 9) return false;
      value = value * 10 + digit;
    }
  }
  if (whole + fraction > EXACT_DIGITS || (isNegative && value === 0)) return false;
  if (plan.minNumber === undefined && plan.maxNumber === undefined) return true;
  return isBetween((isNegative ? -value : value) / 10 ** fraction, plan.minNumber, plan.maxNumber);
}

/** February ends on the 28th here. */
const DAYS = Uint8Array.from([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]);

/** A day of the years 1000 to 9999 as `yyyy-MM-dd`. */
function isSureDate({ earliest, latest }: ColumnPlan, bytes: Buffer, from: number, to: number): boolean {
  if (to - from !== 10) return false;
  const day = readDay(bytes, from);
  return day > 0 && day >= earliest && day <= latest;
}

/** The day as yyyymmdd in one number, or 0. */
function readDay(bytes: Buffer, from: number): number {
  if (bytes[from + 4] !== MINUS || bytes[from + 7] !== MINUS) return 0;
  const century = pair(bytes, from);
  const year = pair(bytes, from + 2);
  const month = pair(bytes, from + 5);
  const day = pair(bytes, from + 8);
  if (century < 10 || year < 0 || month < 1 || month > 12 || day < 1 || day > DAYS[month]!) return 0;
  return (century * 100 + year) * 10_000 + month * 100 + day;
}

const lowerCase = Buffer.alloc(100);

function isSureBoolean({ truthValues }: ColumnPlan, bytes: Buffer, from: number, to: number): boolean {
  const length = to - from;
  if (length > lowerCase.length) return false;
  for (let i = 0; i < length; i += 1) {
    const c = bytes[from + i]!;
    if (c >= 0x80) return false;
    lowerCase[i] = c >= 65 && c <= 90 ? c | 32 : c;
  }
  return truthValues.find(lowerCase, 0, length) >= 0;
}

/** `yyyy-MM-ddTHH:mm:ss`, or with a space. */
function isSureTimestamp(bytes: Buffer, from: number, to: number): boolean {
  if (to - from !== 19 || readDay(bytes, from) === 0) return false;
  const divider = bytes[from + 10];
  if ((divider !== 0x54 && divider !== 0x20) || bytes[from + 13] !== COLON || bytes[from + 16] !== COLON) return false;
  const hour = pair(bytes, from + 11);
  const minute = pair(bytes, from + 14);
  const second = pair(bytes, from + 17);
  return hour >= 0 && hour < 24 && minute >= 0 && minute < 60 && second >= 0 && second < 60;
}

/** The value of two digits, or a number below 0. */
function pair(bytes: Buffer, at: number): number {
  const tens = bytes[at]! - ZERO;
  const ones = bytes[at + 1]! - ZERO;
  return tens < 0 || tens > 9 || ones < 0 || ones > 9 ? -1 : tens * 10 + ones;
}
