import type { FilterOperator } from "@inlet/contracts";
import type { CellKind } from "./cells.ts";
import type { RowFilter } from "./row-question.ts";

/** Something that a column can be filtered by. `null` is offered as two: empty, and not empty. */
interface Operator {
  operator: FilterOperator;
  word: string;
  /** The value that goes with it by itself; undefined: a person gives one. */
  value?: string;
}

const EMPTY: readonly Operator[] = [
  { operator: "null", word: "is empty", value: "true" },
  { operator: "null", word: "is not empty", value: "false" },
];
const EQUAL: readonly Operator[] = [
  { operator: "eq", word: "is" },
  { operator: "ne", word: "is not" },
];
const LIST: Operator = { operator: "in", word: "is one of" };
const times: readonly Operator[] = [
  { operator: "lt", word: "is before" },
  { operator: "lte", word: "is not after" },
  { operator: "gt", word: "is after" },
  { operator: "gte", word: "is not before" },
];

const OPERATORS: Readonly<Record<CellKind, readonly Operator[]>> = {
  text: [...EQUAL, { operator: "prefix", word: "begins with" }, LIST, ...EMPTY],
  number: [
    ...EQUAL,
    { operator: "lt", word: "is less than" },
    { operator: "lte", word: "is at most" },
    { operator: "gt", word: "is more than" },
    { operator: "gte", word: "is at least" },
    LIST,
    ...EMPTY,
  ],
  date: [...EQUAL, ...times, LIST, ...EMPTY],
  timestamp: [...EQUAL, ...times, ...EMPTY],
  boolean: [
    { operator: "eq", word: "is true", value: "true" },
    { operator: "eq", word: "is false", value: "false" },
    ...EMPTY,
  ],
};

/** What a column of a kind can be filtered by. */
export const operatorsOf = (kind: CellKind): readonly Operator[] => OPERATORS[kind];

/** A filter in words: `revenue is at least 10`. */
export function filterText({ column, operator, value }: RowFilter, kind: CellKind): string {
  const offered = OPERATORS[kind].filter((each) => each.operator === operator);
  const whole = offered.find((each) => each.value === value);
  if (whole !== undefined) return `${column} ${whole.word}`;
  return `${column} ${offered[0]?.word ?? operator} ${value}`;
}
