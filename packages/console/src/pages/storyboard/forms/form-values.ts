import { withSetting } from "../../profile-parts/setting.ts";

/** A group of settings with one changed; undefined when it says nothing any more. */
export function withPart<Of extends object, Key extends keyof Of>(
  of: Of | undefined,
  key: Key,
  value: Of[Key] | undefined,
  usual?: Of[Key],
): Of | undefined {
  const next = withSetting((of ?? {}) as Of, key, value, usual);
  return Object.keys(next).length === 0 ? undefined : next;
}

/** What a number field says. */
export const numberOf = (value: number | string) => (typeof value === "number" ? value : undefined);
