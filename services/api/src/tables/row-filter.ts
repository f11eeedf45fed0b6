import { filterOperatorSchema, type Problem, ROW_PARAMETERS } from "@inlet/contracts";
import { type CellKind, type ClientColumn, cellKind, type RowCondition } from "@inlet/database";
import { readCellText } from "./cell-text.ts";

/** Values of one `in`, and conditions of one request, at most. */
const MOST_VALUES = 1_000;
const MOST_CONDITIONS = 50;
/** Before the name of a column that the query uses for something else. */
const PREFIX = "where.";

const ORDERED: readonly CellKind[] = ["integer", "decimal", "date", "timestamp", "text"];
const WORDS: Readonly<Record<CellKind, string>> = {
  integer: "a whole number of at most 19 digits",
  decimal: "a number such as 12.50",
  boolean: "true or false",
  date: "a date such as 2026-11-20",
  timestamp: "a time such as 2026-11-20T09:00:00Z",
  text: "a text",
  other: "nothing: this column cannot be compared",
};

/** The conditions that a query asks for, or what is wrong with them. */
export interface ReadFilters {
  conditions: RowCondition[];
  problems: Problem[];
}

/**
 * Reads the filters out of a query: every parameter that is no other. Each value is read as its column's type, so that no
 * statement meets one that PostgreSQL could not read.
 */
export function readFilters(query: Readonly<Record<string, unknown>>, columns: readonly ClientColumn[]): ReadFilters {
  const known = new Map(columns.map(({ name, type }) => [name, cellKind(type)]));
  const conditions: RowCondition[] = [];
  const problems: Problem[] = [];
  for (const [parameter, given] of Object.entries(query)) {
    if ((ROW_PARAMETERS as readonly string[]).includes(parameter)) continue;
    const column = parameter.startsWith(PREFIX) ? parameter.slice(PREFIX.length) : parameter;
    const kind = known.get(column);
    if (kind === undefined) {
      problems.push({ path: [parameter], message: "there is no such column" });
      continue;
    }
    for (const text of [given].flat()) {
      const condition = readCondition(column, kind, String(text));
      if (typeof condition === "string") problems.push({ path: [parameter], message: condition });
      else conditions.push(condition);
    }
  }
  if (conditions.length > MOST_CONDITIONS) {
    problems.push({ path: [], message: `at most ${MOST_CONDITIONS} filters, not ${conditions.length}` });
  }
  return { conditions, problems };
}

/** A condition, or what is wrong with it. */
function readCondition(column: string, kind: CellKind, text: string): RowCondition | string {
  const colon = text.indexOf(":");
  const operator = filterOperatorSchema.safeParse(colon < 0 ? text : text.slice(0, colon));
  if (!operator.success || colon < 0) {
    return `must be an operator, a colon and a value, such as eq:42; operators are ${filterOperatorSchema.options.join(", ")}`;
  }
  const rest = text.slice(colon + 1);
  if (operator.data === "null") {
    if (rest !== "true" && rest !== "false") return "must be null:true or null:false";
    return { column, operator: "null", isNull: rest === "true" };
  }
  if (kind === "other") return "this column cannot be compared; only null:true and null:false work";
  if (operator.data === "prefix" && kind !== "text") return "prefix is for columns of text";
  if (["lt", "lte", "gt", "gte"].includes(operator.data) && !ORDERED.includes(kind)) {
    return `${operator.data} is not for a column of true and false`;
  }
  if (operator.data === "in") {
    const parts = splitList(rest);
    if (parts === undefined) return 'a quote in the list is not closed: write in:a,"b,c"';
    if (parts.length > MOST_VALUES) return `at most ${MOST_VALUES} values, not ${parts.length}`;
    const values = parts.map((part) => readCellText(kind, part));
    const wrong = values.indexOf(undefined);
    if (wrong >= 0) return `value ${wrong + 1} of the list must be ${WORDS[kind]}`;
    return { column, operator: "in", values: values as string[] };
  }
  const value = readCellText(kind, rest);
  if (value === undefined) return `must be ${WORDS[kind]} after the colon`;
  return { column, operator: operator.data, value };
}

/** `a,"b,c","d""e"` as its parts; undefined: a quote is not closed. */
function splitList(text: string): string[] | undefined {
  const parts: string[] = [];
  const part = /(?:"((?:[^"]|"")*)"|([^,"][^,]*|))(,|$)/y;
  for (;;) {
    const match = part.exec(text);
    if (match === null) return undefined;
    parts.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? "");
    if (match[3] === "") return parts;
  }
}
