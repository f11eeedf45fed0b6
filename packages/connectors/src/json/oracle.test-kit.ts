import { plainNumber } from "./plain-number.ts";

/** A number as it is written. */
class Written {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
  toJSON() {
    return `\u0000${this.text}\u0000`;
  }
}

const keepNumbers = (_name: string, value: unknown, context?: { source?: string }) =>
  typeof value === "number" ? new Written(context!.source!) : value;

/** What JSON.parse makes of a text, its numbers as they are written. */
export const parseWritten = (text: string): unknown => JSON.parse(text, keepNumbers);

/** The value at a path, as JavaScript finds it. */
export function valueAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((found, name) => {
    if (Array.isArray(found)) return /^(0|[1-9]\d*)$/.test(name) ? found[Number(name)] : undefined;
    if (typeof found !== "object" || found === null || found instanceof Written) return undefined;
    return Object.hasOwn(found, name) ? (found as Record<string, unknown>)[name] : undefined;
  }, value);
}

/** A value as a cell's text, by a way of its own. Nested values are compared by what they mean, see {@link meaningOf}. */
export function cellText(value: unknown): string {
  if (value === undefined || value === null) return "";
  if (value instanceof Written) return /[eE]/.test(value.text) ? plainNumber(value.text) : value.text;
  if (typeof value === "object") return meaningOf(value);
  return String(value).toWellFormed();
}

/** A nested value with its numbers as they are written, whatever the order and the escapes of its texts. */
export const meaningOf = (value: unknown): string => JSON.stringify(value);
