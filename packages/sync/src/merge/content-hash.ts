import { createHash } from "node:crypto";
import type { Values } from "./item.ts";

/**
 * The hash of an item's values, as PostgreSQL makes it of the same ones: SHA-256 of `jsonb_strip_nulls` as text. Empty columns are
 * not in it, so that one that is added changes no hash; columns are in the order of jsonb: by length, then by bytes.
 */
export function contentHash(values: Values): Buffer {
  const names = Object.keys(values)
    .filter((name) => values[name] !== null)
    .sort((one, other) => one.length - other.length || (one < other ? -1 : 1));
  const pairs = names.map((name) => `${JSON.stringify(name)}: ${JSON.stringify(values[name])}`);
  return createHash("sha256")
    .update(`{${pairs.join(", ")}}`, "utf8")
    .digest();
}
