import type { OutsideFields, OutsideValue } from "../subscriber.ts";

/**
 * The value at a path; undefined when something on the way is not there, null when it is null: what has no address has no city. In
 * a list a number is a place, from 0.
 */
export function valueAt(fields: OutsideValue, names: readonly string[]): OutsideValue | undefined {
  let found: OutsideValue | undefined = fields;
  for (const name of names) {
    if (found === null) return null;
    if (typeof found !== "object" || !Object.hasOwn(found, name)) return undefined;
    found = (found as OutsideFields)[name];
  }
  return found;
}

/** Puts a value at a path, and makes the objects on the way. What the path leads through must be free or an object. */
export function putAt(fields: OutsideFields, names: readonly string[], value: OutsideValue): void {
  let within = fields;
  for (const name of names.slice(0, -1)) {
    if (!Object.hasOwn(within, name)) within[name] = {};
    within = within[name] as OutsideFields;
  }
  within[names.at(-1)!] = value;
}
