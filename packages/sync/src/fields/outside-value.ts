import { type Column, typeFamily } from "@inlet/contracts";
import { plainNumber } from "../check-items/item-text.ts";
import type { OutsideValue } from "../subscriber.ts";
import { isoTime } from "./iso-time.ts";

/**
 * A value of ours in the outside system's words. A number that a double would change stays text.
 * @param text as PostgreSQL writes it
 */
export function outsideValueOf(type: Column["type"], text: string | null): OutsideValue {
  if (text === null) return null;
  switch (typeFamily(type)) {
    case "number":
      return exactNumber(text) ?? text;
    case "boolean":
      return BOOLEANS.get(text) ?? text;
    case "timestamp":
      return isoTime(text) ?? text;
    case "date":
    case "text":
      return text;
  }
}

const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ["t", true],
  ["true", true],
  ["f", false],
  ["false", false],
]);

/** The number that a decimal text stands for, where JSON's readers, which mostly have doubles, find the same again. */
export function exactNumber(text: string): number | undefined {
  const parts = /^(-?)0*(\d*)(?:\.(\d*?)0*)?$/.exec(text);
  if (parts === null) return undefined;
  const [, sign, whole = "", fraction = ""] = parts;
  if (!/\d/.test(text)) return undefined;
  const value = Number(text);
  if (fraction === "") return Number.isSafeInteger(value) ? value || 0 : undefined;
  return plainNumber(value) === `${sign}${whole || "0"}.${fraction}` ? value : undefined;
}

/**
 * An outside value as the text of a cell, which the row check reads and judges. Null is an empty cell; what has no text of its own,
 * a list or an object, is JSON.
 */
export function cellOf(value: OutsideValue): string | null {
  switch (typeof value) {
    case "string":
      return value;
    case "number":
      return plainNumber(value);
    case "boolean":
      return String(value);
    case "object":
      return value === null ? null : JSON.stringify(value);
  }
}
