import type { ItemState, Register, Stamp, Values } from "./item.ts";
import { fieldValue, isLive } from "./merge-item.ts";
import { ownValue } from "./own-value.ts";

/**
 * An item's stamps as they are stored: `*` is that of when it was last said to be there, and of every field that is not named;
 * `-` that of its last removal; a field with null has never been said. A value that an item which is there does not show, because
 * it is older than a removal, stands with its stamp.
 */
export type StoredStamps = Readonly<Record<string, readonly [number, string, string?] | null>>;

/** Writes an item's stamps, no longer than need be. */
export function encodeStamps(state: ItemState, names: readonly string[]): StoredStamps {
  const { fields, put, removed } = state;
  const stamps: Record<string, readonly [number, string, string?] | null> = {};
  if (put !== null) stamps["*"] = pair(put);
  if (removed !== null) stamps["-"] = pair(removed);
  for (const name of names) {
    const register = ownValue(fields, name);
    if (register === undefined) stamps[name] = null;
    else if (register.value !== shownValue(state, name) && register.value !== null)
      stamps[name] = [register.atMs, register.origin, register.value];
    else if (put === null || register.atMs !== put.atMs || register.origin !== put.origin)
      stamps[name] = pair(register);
  }
  return stamps;
}

/** What an item's row holds of a field: of one that is gone, what it was. */
export function shownValue(state: ItemState, name: string): string | null {
  return isLive(state) ? fieldValue(state, name) : (ownValue(state.fields, name)?.value ?? null);
}

/** Reads an item from its row. */
export function decodeState(stamps: StoredStamps, values: Values, names: readonly string[]): ItemState {
  const put = stampOf(stamps["*"]);
  const fields: Record<string, Register> = {};
  for (const name of names) {
    const own = ownValue(stamps, name);
    const stamp = own === undefined ? put : stampOf(own);
    if (stamp !== null) fields[name] = { ...stamp, value: own?.[2] ?? ownValue(values, name) ?? null };
  }
  return { fields, put, removed: stampOf(stamps["-"]) };
}

const pair = ({ atMs, origin }: Stamp) => [atMs, origin] as const;

function stampOf(stored: StoredStamps[string] | undefined): Stamp | null {
  return stored ? { atMs: stored[0], origin: stored[1] } : null;
}
