import type { StoredAsset } from "@inlet/contracts";

/**
 * A recipient's row: the value of a column as the canonical file holds it (dates as `2026-12-01`, numbers with a decimal
 * point, true and false as `t` and `f`). Null, undefined and blanks are an empty cell.
 */
export type Row = (column: string) => string | null | undefined;

/** The files that a storyboard can show, by name. */
export type StoredAssets = Readonly<Record<string, StoredAsset>>;

/** A row out of an object, such as a sample's `values`. What is not the object's own is empty. */
export function rowOf(values: Readonly<Record<string, string | null | undefined>>): Row {
  return (column) => (Object.hasOwn(values, column) ? values[column] : undefined);
}
