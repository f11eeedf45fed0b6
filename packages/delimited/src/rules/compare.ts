import { type Rule, type Severity, type TypeFamily, typeFamily } from "@inlet/contracts";
import { unescapeCell } from "../canonical/canonical.ts";
import { isNull } from "../canonical/null.ts";
import type { ColumnPlan } from "../cells/column-plan.ts";
import { compareDecimals } from "../cells/number-cells.ts";
import type { CellSpans } from "../keys/unique-rule.ts";
import { labelOf, type RecordRule } from "./record-rule.ts";

type Comparison = Extract<Rule, { rule: "compare" }>;

const BACKSLASH = 0x5c;
const DOT = 0x2e;
const MINUS = 0x2d;
/** A timestamp's canonical text ends with its offset, which is always the same. */
const OFFSET_BYTES = 3;
/** Up to so many characters a number is exact in a double: 15 digits and a dot. */
const SHORT_NUMBER = 16;

/** In words: for numbers and text, and for points in time. */
const WORDS: Readonly<Record<Comparison["operator"], readonly [amount: string, time: string]>> = {
  "<": ["less than", "before"],
  "<=": ["at most", "on or before"],
  "=": ["the same as", "the same as"],
  "!=": ["different from", "different from"],
  ">=": ["at least", "on or after"],
  ">": ["greater than", "after"],
};

/** Two cells of a record, compared: numbers, dates and timestamps by value, text by its characters' code points. */
export class CompareRule implements RecordRule {
  readonly code = "comparison_fails";
  readonly severity: Severity;
  readonly plans: readonly [ColumnPlan, ColumnPlan];
  readonly #rule: Comparison;
  readonly #family: TypeFamily;

  constructor(rule: Comparison, left: ColumnPlan, right: ColumnPlan) {
    this.#rule = rule;
    this.severity = rule.severity;
    this.plans = [left, right];
    this.#family = typeFamily(left.column.type);
  }

  holds(out: Buffer, { starts, ends }: CellSpans): boolean {
    const [left, right] = this.plans;
    const leftStart = starts[left.index]!;
    const rightStart = starts[right.index]!;
    if (leftStart < 0 || rightStart < 0) return true;
    const leftEnd = ends[left.index]!;
    const rightEnd = ends[right.index]!;
    if (isNull(out, leftStart, leftEnd) || isNull(out, rightStart, rightEnd)) return true;
    const order = compareCells(this.#family, out, leftStart, leftEnd, rightStart, rightEnd);
    switch (this.#rule.operator) {
      case "<":
        return order < 0;
      case "<=":
        return order <= 0;
      case "=":
        return order === 0;
      case "!=":
        return order !== 0;
      case ">=":
        return order >= 0;
      case ">":
        return order > 0;
    }
  }

  explain(): string {
    const { message, operator } = this.#rule;
    if (message !== undefined) return message;
    const [left, right] = this.plans;
    const isTime = this.#family === "date" || this.#family === "timestamp";
    return `${labelOf(left)} must be ${WORDS[operator][isTime ? 1 : 0]} ${labelOf(right)}.`;
  }
}

/** The order of two canonical cells of one family in `out`: below 0, 0, above 0. */
function compareCells(
  family: TypeFamily,
  out: Buffer,
  leftStart: number,
  leftEnd: number,
  rightStart: number,
  rightEnd: number,
): number {
  switch (family) {
    case "number": {
      const left = shortNumber(out, leftStart, leftEnd);
      const right = shortNumber(out, rightStart, rightEnd);
      if (!Number.isNaN(left) && !Number.isNaN(right)) return left - right;
      return compareDecimals(out.toString("latin1", leftStart, leftEnd), out.toString("latin1", rightStart, rightEnd));
    }
    case "timestamp":
      // A whole second is shorter than one with a fraction, and stands before it.
      return compareBytes(out, leftStart, leftEnd - OFFSET_BYTES, rightStart, rightEnd - OFFSET_BYTES);
    case "text":
      if (hasEscape(out, leftStart, leftEnd) || hasEscape(out, rightStart, rightEnd)) {
        return Buffer.compare(rawText(out, leftStart, leftEnd), rawText(out, rightStart, rightEnd));
      }
      return compareBytes(out, leftStart, leftEnd, rightStart, rightEnd);
    default:
      return compareBytes(out, leftStart, leftEnd, rightStart, rightEnd);
  }
}

/** Byte by byte; in UTF-8 that is the order of code points. */
function compareBytes(out: Buffer, leftStart: number, leftEnd: number, rightStart: number, rightEnd: number): number {
  const length = Math.min(leftEnd - leftStart, rightEnd - rightStart);
  for (let i = 0; i < length; i += 1) {
    const difference = out[leftStart + i]! - out[rightStart + i]!;
    if (difference !== 0) return difference;
  }
  return leftEnd - leftStart - (rightEnd - rightStart);
}

/**
 * A number of at most 15 digits, or NaN for a longer one. A division of two whole numbers that a double holds exactly is
 * rounded correctly, so equal decimals give equal doubles, and different ones of so few digits different doubles.
 */
function shortNumber(out: Buffer, start: number, end: number): number {
  const negative = out[start] === MINUS;
  const from = negative ? start + 1 : start;
  if (end - from > SHORT_NUMBER) return Number.NaN;
  let mantissa = 0;
  let dotAt = end - 1;
  let digits = 0;
  for (let i = from; i < end; i += 1) {
    const c = out[i]!;
    if (c === DOT) {
      dotAt = i;
    } else {
      mantissa = mantissa * 10 + c - 48;
      digits += 1;
    }
  }
  if (digits === SHORT_NUMBER) return Number.NaN;
  const value = mantissa / 10 ** (end - 1 - dotAt);
  return negative ? -value : value;
}

function hasEscape(out: Buffer, start: number, end: number): boolean {
  for (let i = start; i < end; i += 1) if (out[i] === BACKSLASH) return true;
  return false;
}

function rawText(out: Buffer, start: number, end: number): Buffer {
  return Buffer.from(unescapeCell(out.toString("utf8", start, end)) ?? "");
}
