import {
  FAULT_DECIMAL,
  FAULT_INTEGER,
  FAULT_NUMBER_RANGE,
  FAULT_PRECISION,
  FAULT_SCALE,
  FAULT_TOO_LARGE,
  FAULT_TOO_SMALL,
} from "./cell-fault.ts";

const MINUS = 45;
const PLUS = 43;
const ZERO = 48;
const DOT = 46;

/** A least or greatest value: compared as a double where that is exact, else digit by digit. */
export interface NumberBound {
  value: number;
  text: string;
}

/** PostgreSQL's `numeric` without precision: digits before and after the separator (manual, section 8.1.2). */
const MOST_WHOLE_DIGITS = 131_072;
const MOST_FRACTION_DIGITS = 16_383;
/** Up to here a whole number is exact in a double. */
const EXACT_DIGITS = 15;
/** The greatest magnitude of a bigint, and of a negative one. */
const BIGINT_MAX = "9223372036854775807";
const BIGINT_MIN = "9223372036854775808";

/** The part of a column that number cells need. */
export interface NumberRules {
  readonly separator: number;
  readonly precision: number | undefined;
  readonly scale: number;
  readonly minNumber: NumberBound | undefined;
  readonly maxNumber: NumberBound | undefined;
}

/**
 * A whole number in bigint's range: sign, digits. Written without plus and leading zeros.
 * @returns the position after it, or a FAULT_ number.
 */
export function writeInteger(
  rules: NumberRules,
  bytes: Uint8Array,
  from: number,
  to: number,
  out: Buffer,
  position: number,
): number {
  let i = from;
  let at = position;
  const negative = bytes[i] === MINUS;
  if (negative || bytes[i] === PLUS) i += 1;
  if (i === to) return FAULT_INTEGER;
  while (i < to - 1 && bytes[i] === ZERO) i += 1;
  const digits = to - i;
  if (negative && !(digits === 1 && bytes[i] === ZERO)) out[at++] = MINUS;
  const digitsAt = at;
  let value = 0;
  for (; i < to; i += 1) {
    const digit = bytes[i]! - ZERO;
    if (digit < 0 || digit > 9) return FAULT_INTEGER;
    value = value * 10 + digit;
    // Longer ones are refused below; this keeps hostile lengths out of `out`.
    if (at < digitsAt + 20) out[at++] = digit + ZERO;
  }
  if (digits > 18) {
    if (digits > 19) return FAULT_NUMBER_RANGE;
    if (out.toString("latin1", digitsAt, at) > (negative ? BIGINT_MIN : BIGINT_MAX)) return FAULT_NUMBER_RANGE;
  }
  if (rules.minNumber === undefined && rules.maxNumber === undefined) return at;
  return withinBounds(rules, negative ? -value : value, digits <= EXACT_DIGITS, out, position, at);
}

/**
 * A decimal number: sign, digits, the column's separator, digits; at least one digit, no exponent, no grouping. Written with
 * a dot, without plus and leading zeros, its own zeros after the separator kept as far as the scale goes.
 * @returns the position after it, or a FAULT_ number.
 */
export function writeDecimal(
  rules: NumberRules,
  bytes: Uint8Array,
  from: number,
  to: number,
  out: Buffer,
  position: number,
): number {
  let i = from;
  let at = position;
  const negative = bytes[i] === MINUS;
  if (negative) out[at++] = MINUS;
  if (negative || bytes[i] === PLUS) i += 1;
  const numberAt = i;
  while (i < to && bytes[i] === ZERO) i += 1;
  let mantissa = 0;
  let nonZero = 0;
  const wholeAt = i;
  for (; i < to; i += 1) {
    const digit = bytes[i]! - ZERO;
    if (digit < 0 || digit > 9) break;
    nonZero |= digit;
    mantissa = mantissa * 10 + digit;
    out[at++] = digit + ZERO;
  }
  const wholeDigits = i - wholeAt;
  if (wholeDigits === 0) out[at++] = ZERO;
  let fractionDigits = 0;
  if (i < to) {
    if (bytes[i] !== rules.separator || to - numberAt === 1) return FAULT_DECIMAL;
    const separatorAt = at;
    out[at++] = DOT;
    let significant = 0;
    const fractionAt = i + 1;
    for (i += 1; i < to; i += 1) {
      const digit = bytes[i]! - ZERO;
      if (digit < 0 || digit > 9) return FAULT_DECIMAL;
      nonZero |= digit;
      mantissa = mantissa * 10 + digit;
      out[at++] = digit + ZERO;
      if (digit !== 0) significant = i + 1 - fractionAt;
    }
    fractionDigits = to - fractionAt;
    if (fractionDigits > rules.scale) {
      if (significant > rules.scale) return FAULT_SCALE;
      at = separatorAt + (rules.scale === 0 ? 0 : 1 + rules.scale);
    } else if (fractionDigits === 0) {
      at = separatorAt;
    }
  } else if (i === numberAt) {
    return FAULT_DECIMAL;
  }
  if (rules.precision === undefined) {
    if (wholeDigits > MOST_WHOLE_DIGITS) return FAULT_NUMBER_RANGE;
  } else if (wholeDigits > rules.precision - rules.scale) {
    return FAULT_PRECISION;
  }
  if (negative && nonZero === 0) {
    out.copyWithin(position, position + 1, at);
    at -= 1;
  }
  if (rules.minNumber === undefined && rules.maxNumber === undefined) return at;
  const exact = wholeDigits + fractionDigits <= EXACT_DIGITS;
  const value = exact ? mantissa / 10 ** fractionDigits : Number(out.toString("latin1", position, at));
  return withinBounds(rules, exact && negative ? -value : value, false, out, position, at);
}

/** The scale that holds when a column names none: with a precision 0, as in SQL; without one PostgreSQL's own limit. */
export function effectiveScale(precision: number | undefined, scale: number | undefined): number {
  return scale ?? (precision === undefined ? MOST_FRACTION_DIGITS : 0);
}

/** Doubles keep the order of decimals, so only equal ones need the long comparison (unless `exact`). */
function withinBounds(
  rules: NumberRules,
  value: number,
  exact: boolean,
  out: Buffer,
  from: number,
  to: number,
): number {
  const { minNumber: min, maxNumber: max } = rules;
  if (min !== undefined && value <= min.value) {
    if (value < min.value) return FAULT_TOO_SMALL;
    if (!exact && compareDecimals(out.toString("latin1", from, to), min.text) < 0) return FAULT_TOO_SMALL;
  }
  if (max !== undefined && value >= max.value) {
    if (value > max.value) return FAULT_TOO_LARGE;
    if (!exact && compareDecimals(out.toString("latin1", from, to), max.text) > 0) return FAULT_TOO_LARGE;
  }
  return to;
}

/** Compares two plain decimal numbers, as text, exactly: below 0, 0, above 0. */
export function compareDecimals(a: string, b: string): number {
  const left = splitDecimal(a);
  const right = splitDecimal(b);
  if (left.sign !== right.sign) return left.sign - right.sign;
  const length = left.whole.length - right.whole.length;
  const difference =
    length !== 0 ? length : compareText(left.whole, right.whole) || compareText(left.fraction, right.fraction);
  return left.sign * difference;
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function splitDecimal(text: string): { sign: number; whole: string; fraction: string } {
  const [, minus, whole = "", fraction = ""] = /^([-+]?)0*(\d*)(?:\.(\d*?)0*)?$/.exec(text) ?? [];
  const zero = whole === "" && fraction === "";
  return { sign: zero ? 0 : minus === "-" ? -1 : 1, whole, fraction };
}
