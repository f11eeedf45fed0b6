import type { Comparison, Condition } from "@inlet/contracts";
import type { Row } from "../row.ts";
import { compareDecimals, decimalOf, isWrittenAsNumber } from "./decimal.ts";
import { compareMoments, momentOf } from "./moment.ts";

/** Whether a condition holds for a row. */
export type Holds = (row: Row) => boolean;

const compiled = new WeakMap<Condition, Holds>();

/**
 * Makes a function of a condition, once for each object: what is compared with is read when it is made, so that a million
 * rows cost little more than a million look-ups.
 */
export function compileCondition(condition: Condition): Holds {
  const known = compiled.get(condition);
  if (known !== undefined) return known;
  const holds = "all" in condition ? all(condition.all.map(compile)) : any(condition.any.map(compile));
  compiled.set(condition, holds);
  return holds;
}

/** The columns that a condition looks at. */
export function conditionColumns(condition: Condition): string[] {
  return [...new Set(comparisonsOf(condition).map(({ field }) => field))];
}

export function comparisonsOf(condition: Condition): readonly Comparison[] {
  return "all" in condition ? condition.all : condition.any;
}

const all =
  (parts: readonly Holds[]): Holds =>
  (row) =>
    parts.every((holds) => holds(row));
const any =
  (parts: readonly Holds[]): Holds =>
  (row) =>
    parts.some((holds) => holds(row));

function compile(comparison: Comparison): Holds {
  const { field } = comparison;
  const filled =
    (test: (cell: string) => boolean, whenEmpty = false): Holds =>
    (row) => {
      const cell = row(field)?.trim();
      return cell === undefined || cell === "" ? whenEmpty : test(cell);
    };
  switch (comparison.is) {
    case "empty":
      return filled(() => false, true);
    case "filled":
      return filled(() => true);
    case "equal":
      return filled(equals(comparison.value));
    case "not_equal": {
      const equal = equals(comparison.value);
      return filled((cell) => !equal(cell), true);
    }
    case "one_of": {
      const tests = comparison.values.map(equals);
      const folded = new Set(comparison.values.map(fold));
      return filled((cell) => folded.has(fold(cell)) || tests.some((equal) => equal(cell)));
    }
    case "containing": {
      const part = fold(comparison.value);
      return filled((cell) => fold(cell).includes(part));
    }
    case "starting_with": {
      const start = fold(comparison.value);
      return filled((cell) => fold(cell).startsWith(start));
    }
    case "greater":
      return filled(ordered(comparison.value, (order) => order > 0));
    case "less":
      return filled(ordered(comparison.value, (order) => order < 0));
    case "at_least":
      return filled(ordered(comparison.value, (order) => order >= 0));
    case "at_most":
      return filled(ordered(comparison.value, (order) => order <= 0));
  }
}

/** By text; numbers that are written as such also by value (`10.00` is `10`), and `t` and `f` are true and false. */
function equals(value: string): (cell: string) => boolean {
  const text = fold(value);
  const logical = text === "true" ? "t" : text === "false" ? "f" : undefined;
  const trimmed = value.trim();
  const number = isWrittenAsNumber(trimmed) ? decimalOf(trimmed) : undefined;
  return (cell) => {
    const folded = fold(cell);
    if (folded === text || folded === logical) return true;
    if (number === undefined || !isWrittenAsNumber(cell)) return false;
    return compareDecimals(decimalOf(cell)!, number) === 0;
  };
}

/** Numbers and dates by value; a cell that is of another kind is in no order. */
function ordered(value: string, test: (order: number) => boolean): (cell: string) => boolean {
  const number = decimalOf(value.trim());
  if (number !== undefined) {
    return (cell) => {
      const other = decimalOf(cell);
      return other !== undefined && test(compareDecimals(other, number));
    };
  }
  const moment = momentOf(value.trim());
  if (moment === undefined) return () => false;
  return (cell) => {
    const other = momentOf(cell);
    return other !== undefined && test(compareMoments(other, moment));
  };
}

/** Without regard to case, to blanks around it, and to how an accented letter is composed. */
function fold(text: string): string {
  return text.trim().normalize("NFC").toLowerCase();
}
