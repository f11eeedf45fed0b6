import { InvalidInput } from "@inlet/contracts";
import type { CatalogTable } from "@inlet/database";
import type { Values } from "../merge/item.ts";

/** The key's columns of a key's text. @throws InvalidInput `item_key_invalid` */
export function keyOf({ key: columns }: Pick<CatalogTable, "key">, key: string): Values {
  if (columns.length === 1) return { [columns[0]!]: key };
  let parts: unknown;
  try {
    parts = JSON.parse(key);
  } catch {
    throw invalid(columns);
  }
  if (!Array.isArray(parts) || parts.length !== columns.length || !parts.every((part) => typeof part === "string"))
    throw invalid(columns);
  return Object.fromEntries(columns.map((name, place) => [name, parts[place] as string]));
}

/** The key's columns of a row's values. */
export function keyColumns({ key }: Pick<CatalogTable, "key">, values: Values): Values {
  return Object.fromEntries(key.map((name) => [name, values[name] ?? null]));
}

const invalid = (columns: readonly string[]) =>
  new InvalidInput({
    code: "item_key_invalid",
    message: `The key of an item is a JSON list of ${columns.length} texts here: ${columns.join(", ")}.`,
  });
