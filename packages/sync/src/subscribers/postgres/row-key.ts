import type { ForeignRow } from "@inlet/database";
import { refusedItem } from "../../failure.ts";
import { cellOf } from "../../fields/outside-value.ts";
import type { OutgoingItem } from "../../subscriber.ts";

/** What a row is called: its key's text, or a JSON list of several. */
export const rowId = (key: ForeignRow): string => (key.length === 1 ? key[0]! : JSON.stringify(key));

/**
 * The key's values of a row's name.
 * @throws InvalidInput when it is none
 */
export function keyOfId(id: string, columns: number): ForeignRow {
  if (columns === 1) return [id];
  const parts = parsed(id);
  if (Array.isArray(parts) && parts.length === columns && parts.every((part) => typeof part === "string")) return parts;
  throw refusedItem({
    message: `Nothing says which row is meant: ${id} is no list of the ${columns} values of its key.`,
  });
}

function parsed(id: string): unknown {
  try {
    return JSON.parse(id);
  } catch {
    return undefined;
  }
}

/** The key's values of an item: as its fields have them; of one that is gone and has none, as our own key has them. */
export function keyOfItem({ key, fields }: OutgoingItem, names: readonly string[]): ForeignRow {
  const values = names.map((name) => cellOf(fields[name] ?? null));
  return values.includes(null) ? keyOfId(key, names.length) : values;
}
