import type { FilterOperator, TableColumn } from "@inlet/contracts";

/** What is asked of a table, as the page's address says it. */
export interface RowQuestion {
  /** `revenue:gte:10;sku:prefix:IRIS`; a `;` or `\` in a value has a `\` before it. */
  where?: string;
  /** The columns that are shown, with commas between; absent: the table's own choice. */
  columns?: string;
  /** Columns, the most important first; `-` before one for descending. */
  order?: string;
}

/** One condition on a column. */
export interface RowFilter {
  column: string;
  operator: FilterOperator;
  value: string;
}

/** What the API is asked for. */
export interface ShownRows {
  filters: (readonly [column: string, condition: string])[];
  columns: string[];
  order: string[];
}

/** Columns that are shown while nobody has chosen: a table may have hundreds. */
export const FIRST_COLUMNS = 40;

const PARTS = ["where", "columns", "order"] as const satisfies readonly (keyof RowQuestion)[];

/** The question in an address. */
export function readRowQuestion(search: Record<string, unknown>): RowQuestion {
  const question: RowQuestion = {};
  for (const part of PARTS) {
    const text = search[part];
    if (typeof text === "string" && text !== "") question[part] = text;
  }
  return question;
}

const OPERATORS: readonly FilterOperator[] = ["eq", "ne", "lt", "lte", "gt", "gte", "in", "null", "prefix"];

/** The filters of a question; what is none is left out. */
export function filtersOf({ where = "" }: RowQuestion): RowFilter[] {
  const parts = where.match(/(?:\\.|[^\\;])+/gs) ?? [];
  return parts.flatMap((part) => {
    const match = /^([^:]+):([a-z]+):(.*)$/s.exec(part.replaceAll(/\\(.)/gs, "$1"));
    const operator = OPERATORS.find((each) => each === match?.[2]);
    return match === null || operator === undefined ? [] : [{ column: match[1]!, operator, value: match[3]! }];
  });
}

/** Filters as an address says them. */
export function whereOf(filters: readonly RowFilter[]): string {
  return filters
    .map(({ column, operator, value }) => `${column}:${operator}:${value}`.replaceAll(/[\\;]/g, "\\$&"))
    .join(";");
}

/** The columns that are shown, in the table's order: those chosen, else the client's own that the profile still has. */
export function shownColumns({ columns }: RowQuestion, all: readonly TableColumn[]): TableColumn[] {
  const chosen = columns?.split(",");
  if (chosen !== undefined) {
    const shown = all.filter(({ name }) => chosen.includes(name));
    if (shown.length > 0) return shown;
  }
  return all.filter(({ own, live }) => !own && live).slice(0, FIRST_COLUMNS);
}

/** In which direction a column orders the rows; undefined: it does not. */
export function directionOf({ order = "" }: RowQuestion, column: string): "ascending" | "descending" | undefined {
  const parts = order.split(",");
  if (parts.includes(column)) return "ascending";
  return parts.includes(`-${column}`) ? "descending" : undefined;
}

/** The order after a column was asked for once more: ascending, descending, and as before. It alone orders then. */
export function nextOrder(question: RowQuestion, column: string): string {
  const direction = directionOf(question, column);
  if (direction === undefined) return column;
  return direction === "ascending" ? `-${column}` : "";
}

/**
 * What the API is asked for: the rows of a question, and beside the shown columns where each row came from. Unknown columns
 * stay in filters and order: the API says what is wrong with them.
 */
export function askedOf(question: RowQuestion, all: readonly TableColumn[]): ShownRows {
  const shown = shownColumns(question, all).map(({ name }) => name);
  const own = all.filter(({ own: isOwn, name }) => isOwn && !shown.includes(name)).map(({ name }) => name);
  return {
    filters: filtersOf(question).map(({ column, operator, value }) => [column, `${operator}:${value}`] as const),
    columns: [...shown, ...own],
    order: question.order?.split(",").filter((part) => part !== "") ?? [],
  };
}
