import { exactNumber } from "../fields/outside-value.ts";
import type { OutsideValue } from "../subscriber.ts";

/** What JSON.parse tells its reviver of a value (ECMAScript, "JSON.parse source text access"). */
type Revive = (name: string, value: OutsideValue, told: { source?: string }) => OutsideValue;

/**
 * Reads JSON. A number that a double would change, such as a 64-bit id, comes as the text that stands there.
 * @throws SyntaxError
 */
export function parseLossless(text: string): OutsideValue {
  const revive: Revive = (_name, value, { source }) =>
    typeof value === "number" && source !== undefined && isChanged(value, source) ? source : value;
  return JSON.parse(text, revive as (name: string, value: OutsideValue) => OutsideValue);
}

function isChanged(value: number, source: string): boolean {
  if (/[eE]/.test(source)) return !Number.isFinite(value);
  return exactNumber(source) === undefined;
}
