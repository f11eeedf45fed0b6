import type { ForeignRow } from "@inlet/database";
import { cellOf } from "../../fields/outside-value.ts";
import type { OutgoingItem } from "../../subscriber.ts";

/** What a row is called: its key's text, or a JSON list of several. */
export const rowId = (key: ForeignRow): string => (key.length === 1 ? key[0]! : JSON.stringify(key));

/** The key's values of a row's name. */
export function keyOfId(id: string, columns: number): ForeignRow {
  return columns === 1 ? [id] : (JSON.parse(id) as string[]);
}

/** The key's values of an item: as its fields have them; of one that is gone and has none, as our own key has them. */
export function keyOfItem({ key, fields }: OutgoingItem, names: readonly string[]): ForeignRow {
  const values = names.map((name) => cellOf(fields[name] ?? null));
  return values.includes(null) ? keyOfId(key, names.length) : values;
}
