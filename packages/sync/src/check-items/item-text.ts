import type { Column } from "@inlet/contracts";

/** A value as JSON has it. */
export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [name: string]: JsonValue };

/**
 * A value as it would stand in a cell of the column's file; null: it cannot stand in one cell. Booleans and numbers are
 * written as the column wants them; text is left as it is, so that what a file may hold an item may hold, too.
 */
export function cellText(value: JsonValue | undefined, column: Column): string | null {
  switch (typeof value) {
    case "undefined":
      return "";
    case "string":
      return value;
    case "number":
      return numberText(value, column);
    case "boolean":
      if (column.type !== "boolean") return String(value);
      return (value ? column.trueValues : column.falseValues)[0]!;
    default:
      return value === null ? "" : null;
  }
}

function numberText(value: number, { type, decimalSeparator }: Column): string {
  const text = plainNumber(value);
  const isNumeric = type === "integer" || type === "decimal";
  return isNumeric && decimalSeparator === "," ? text.replace(".", ",") : text;
}

/** A number without an exponent: `1e-7` is 0.0000001. */
export function plainNumber(value: number): string {
  const text = String(value);
  const parts = /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(text);
  if (parts === null) return text;
  const [, sign = "", first = "", rest = "", exponent = "0"] = parts;
  const digits = first + rest;
  const point = 1 + Number(exponent);
  if (point <= 0) return `${sign}0.${"0".repeat(-point)}${digits}`;
  if (point >= digits.length) return sign + digits.padEnd(point, "0");
  return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
}

const ISO = /^\d{4}-\d{2}-\d{2}(?:[T ]|$)/;

/**
 * Whether the text of a cell is in the column's own form for files (`dd.MM.yyyy`) rather than in ISO 8601, which is how other
 * systems, and Inlet itself, write dates outside files.
 */
export const isInFileForm = (text: string, { format }: Column): boolean =>
  format !== undefined && text !== "" && !ISO.test(text.trim());
