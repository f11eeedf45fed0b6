import { type Column, Misconfigured, type Table } from "@inlet/contracts";
import { copyText } from "./copy-text.ts";
import { type DateRules, dateBound, timestampBound } from "./date-cells.ts";
import { type DateFormat, IsoDate, IsoTimestamp, openFormat } from "./date-format.ts";
import { effectiveScale, type NumberBound, type NumberRules } from "./number-cells.ts";
import { type CellPattern, compilePattern } from "./pattern.ts";
import { ByteList } from "./text-cells.ts";
import { TimeZone } from "./time-zone.ts";

/** The column types as numbers, for the switch in the hot path. */
export const KIND_STRING = 0;
export const KIND_INTEGER = 1;
export const KIND_DECIMAL = 2;
export const KIND_BOOLEAN = 3;
export const KIND_DATE = 4;
export const KIND_TIMESTAMP = 5;
export const KIND_EMAIL = 6;
export const KIND_URL = 7;
export const KIND_ENUM = 8;

const KINDS: Readonly<Record<Column["type"], number>> = {
  string: KIND_STRING,
  integer: KIND_INTEGER,
  decimal: KIND_DECIMAL,
  boolean: KIND_BOOLEAN,
  date: KIND_DATE,
  timestamp: KIND_TIMESTAMP,
  email: KIND_EMAIL,
  url: KIND_URL,
  enum: KIND_ENUM,
};

const PLAIN_DATE = new IsoDate();
const UTC = new TimeZone("UTC");
const EMPTY_LIST = new ByteList([]);

/** A table's column, made ready for checking cells. All plans have one shape, so that the hot path stays monomorphic. */
export class ColumnPlan implements NumberRules, DateRules {
  readonly column: Column;
  readonly kind: number;
  /** Position in the table, from 0. */
  readonly index: number;
  /** Index of the column's field in a record; -1 when the file does not have it. */
  field = -1;
  /** Part of the table's key: never empty, and compared. */
  readonly inKey: boolean;
  readonly separator: number;
  readonly precision: number | undefined;
  readonly scale: number;
  readonly minNumber: NumberBound | undefined;
  readonly maxNumber: NumberBound | undefined;
  readonly format: DateFormat;
  readonly zone: TimeZone;
  readonly earliest: number;
  readonly latest: number;
  /** A boolean's values in lower case, those for true first, and how many these are. */
  readonly truthValues: ByteList;
  readonly trueCount: number;
  /** An enum's values in COPY text form. */
  readonly values: ByteList;
  readonly pattern: CellPattern | undefined;
  /** A pattern or a length has to be looked at, too. */
  readonly hasMore: boolean;
  readonly hasLength: boolean;
  readonly minLength: number;
  readonly maxLength: number;

  /** @throws Misconfigured when format, zone, pattern or a bound of the column cannot be used. */
  constructor(column: Column, index: number, inKey: boolean) {
    const { type } = column;
    if (column.scale !== undefined && column.scale > column.precision!) {
      throw new Misconfigured({
        code: "scale_invalid",
        message: `Column ${column.name}: the scale ${column.scale} is greater than the precision ${column.precision}.`,
      });
    }
    const isDay = type === "date";
    const isTime = type === "timestamp";
    const isTruth = type === "boolean";
    this.column = column;
    this.kind = KINDS[type];
    this.index = index;
    this.inKey = inKey;
    this.separator = column.decimalSeparator.charCodeAt(0);
    this.precision = column.precision;
    this.scale = effectiveScale(column.precision, column.scale);
    const isNumber = type === "integer" || type === "decimal";
    this.minNumber = isNumber ? numberBound(column, column.min) : undefined;
    this.maxNumber = isNumber ? numberBound(column, column.max) : undefined;
    this.zone = isTime ? new TimeZone(column.timezone) : UTC;
    this.format =
      isTime && column.format === undefined
        ? new IsoTimestamp()
        : isDay || isTime
          ? openFormat(column.format ?? "yyyy-MM-dd", isDay ? "date" : "timestamp")
          : PLAIN_DATE;
    this.earliest = isDay || isTime ? timeBound(column, column.min, this.zone, Number.NEGATIVE_INFINITY) : 0;
    this.latest = isDay || isTime ? timeBound(column, column.max, this.zone, Number.POSITIVE_INFINITY) : 0;
    this.truthValues = isTruth ? lowerCaseList([...column.trueValues, ...column.falseValues]) : EMPTY_LIST;
    this.trueCount = column.trueValues.length;
    this.values = new ByteList(type === "enum" ? (column.values ?? []).map(copyForm) : []);
    this.pattern = column.pattern === undefined ? undefined : compilePattern(column.pattern);
    this.hasLength = column.minLength !== undefined || column.maxLength !== undefined;
    this.hasMore = this.hasLength || this.pattern !== undefined;
    this.minLength = column.minLength ?? 0;
    this.maxLength = column.maxLength ?? Number.POSITIVE_INFINITY;
  }
}

/**
 * The plans of a table's columns, in the table's order.
 * @throws Misconfigured when a column cannot be used as it is written. Call it to judge a profile.
 */
export function planColumns(table: Pick<Table, "columns" | "key">): ColumnPlan[] {
  return table.columns.map((column, index) => new ColumnPlan(column, index, table.key.includes(column.name)));
}

function numberBound(column: Column, bound: number | string | undefined): NumberBound | undefined {
  if (bound === undefined) return undefined;
  const text = String(bound);
  if (!/^[-+]?\d+(\.\d+)?$/.test(text)) throw badBound(column, text, "a plain number such as -10 or 0.5");
  return { value: Number(text), text };
}

function timeBound(column: Column, bound: number | string | undefined, zone: TimeZone, none: number): number {
  if (bound === undefined) return none;
  const text = String(bound);
  const value = column.type === "date" ? dateBound(text) : timestampBound(text, zone);
  if (value === undefined) {
    throw badBound(column, text, column.type === "date" ? "a date such as 2026-01-31" : "such as 2026-01-31T09:00:00Z");
  }
  return value;
}

function badBound(column: Column, text: string, expected: string): Misconfigured {
  return new Misconfigured({
    code: "bound_invalid",
    message: `Column ${column.name}: the bound ${text} must be ${expected}.`,
  });
}

function lowerCaseList(values: readonly string[]): ByteList {
  return new ByteList(values.map((value) => Buffer.from(value.toLowerCase())));
}

function copyForm(value: string): Buffer {
  const bytes = Buffer.from(value);
  const out = Buffer.alloc(bytes.length * 2);
  return out.subarray(0, copyText(bytes, 0, bytes.length, out, 0));
}
