import { type Column, jsonPathNames, jsonPathOf, Misconfigured } from "@inlet/contracts";
import type { OutsideFields } from "../subscriber.ts";
import { putAt, valueAt } from "./outside-path.ts";
import { cellOf, outsideValueOf } from "./outside-value.ts";

/** A row's values as PostgreSQL writes them as text, by column; null is NULL. */
export type ItemValues = Readonly<Record<string, string | null>>;

/** Our columns in the outside system's words, and back. Pure. */
export interface FieldMapping {
  /** The columns that travel, in the profile's order. */
  readonly columns: readonly Column[];
  /** Where each of them lies outside, in the same order. */
  readonly paths: readonly string[];
  /** An item's fields: objects are made where paths lead through them. A column that `values` does not hold is null. */
  toOutside(values: ItemValues): OutsideFields;
  /**
   * The cells that an outside item has something to say of; a field that is absent changes nothing. The row check reads and
   * judges them, by {@link inwardColumns}: they may be anything.
   */
  toCells(fields: OutsideFields): Record<string, string | null>;
}

/** Names that reach into JavaScript's own objects instead of an item. */
const NO_NAMES: ReadonlySet<string> = new Set(["__proto__", "constructor", "prototype"]);

/**
 * Makes the mapping of a subscription.
 * @param fields our columns → outside paths, as in the profile. Absent: all columns under their own names
 * @throws Misconfigured `fields_invalid`, with every problem
 */
export function mapFields(
  columns: readonly Column[],
  fields: Readonly<Record<string, string>> | undefined,
): FieldMapping {
  const mapped = columns.flatMap((column) => {
    const path = fields === undefined ? jsonPathOf([column.name]) : fields[column.name];
    return path === undefined ? [] : [{ column, path, names: jsonPathNames(path) }];
  });
  const problems = pathProblems(mapped);
  if (problems.length > 0)
    throw new Misconfigured({ code: "fields_invalid", message: `The fields do not fit: ${problems.join("; ")}.` });
  return {
    columns: mapped.map(({ column }) => column),
    paths: mapped.map(({ path }) => path),
    toOutside(values) {
      const outside: OutsideFields = {};
      for (const { column, names } of mapped)
        putAt(outside, names, outsideValueOf(column.type, values[column.name] ?? null));
      return outside;
    },
    toCells(outside) {
      const cells: Record<string, string | null> = {};
      for (const { column, names } of mapped) {
        const value = valueAt(outside, names);
        if (value !== undefined) cells[column.name] = cellOf(value);
      }
      return cells;
    },
  };
}

interface MappedColumn {
  column: Column;
  path: string;
  names: readonly string[];
}

function pathProblems(mapped: readonly MappedColumn[]): string[] {
  return mapped.flatMap(({ column, path, names }, index) => {
    const bad = names.find((name) => name === "" || NO_NAMES.has(name));
    if (bad !== undefined) return [`${column.name}: ${path} holds ${bad === "" ? "an empty name" : bad}`];
    return mapped.slice(0, index).flatMap((other) => {
      const [short, long] = other.names.length <= names.length ? [other.names, names] : [names, other.names];
      if (!short.every((name, place) => long[place] === name)) return [];
      return short.length === long.length
        ? [`${other.column.name} and ${column.name} are both at ${path}`]
        : [`${column.name} at ${path} and ${other.column.name} at ${other.path} are in each other's way`];
    });
  });
}

/** What JSON's booleans are as text, and what else systems write for them. */
const TRUE = ["true", "t", "yes", "y", "1"];
const FALSE = ["false", "f", "no", "n", "0"];

/**
 * A table's columns as outside values are written: numbers with a dot, booleans as JSON has them or as in the client's files.
 * What a value may be stays as it is.
 */
export function inwardColumns(columns: readonly Column[]): Column[] {
  const others = (words: readonly string[]) =>
    words.filter((word) => ![...TRUE, ...FALSE].includes(word.toLowerCase()));
  return columns.map((column) => ({
    ...column,
    decimalSeparator: ".",
    trueValues: [...TRUE, ...others(column.trueValues)],
    falseValues: [...FALSE, ...others(column.falseValues)],
  }));
}
