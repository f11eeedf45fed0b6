import { hash } from "node:crypto";
import type { FieldMapping, ItemValues } from "../fields/field-mapping.ts";

/** Enough that two states of one item never have the same: 132 bits. */
const HASH_LENGTH = 22;

/**
 * What the other side has of an item, as a hash: our values of the columns that go there, each under its path. Inward sync keeps
 * the same of what the other side told (`putLinks`), so that either knows what the other has said last.
 */
export function linkHash({ columns, paths }: Pick<FieldMapping, "columns" | "paths">, values: ItemValues): string {
  const told = columns.map(({ name }, place) => [paths[place], values[name] ?? null]);
  return hash("sha256", JSON.stringify(told), "base64url").slice(0, HASH_LENGTH);
}
