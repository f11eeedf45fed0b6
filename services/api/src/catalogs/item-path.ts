import { InvalidInput } from "@inlet/contracts";
import { type CatalogTable, normaliseCatalogValues, sqlstateOf, type Tx } from "@inlet/database";
import { keyOf } from "@inlet/sync/catalogs";
import { notFound } from "../requests/errors.ts";

/** Where a catalog's items are. */
export const ITEMS = "/v1/clients/:client/projects/:project/catalogs/:table/items";

/** Which item an address names. */
export interface ItemPath {
  client: string;
  project: string;
  table: string;
  key: string;
}

/** The item's key as the catalog has it. @throws Refusal 404 where it can be none */
export async function keyIn(tx: Tx, table: CatalogTable, path: ItemPath): Promise<string> {
  try {
    const [normal] = await normaliseCatalogValues(tx, table, [keyOf(table, path.key)]);
    return normal!.key ?? path.key;
  } catch (error) {
    if (error instanceof InvalidInput || /^22/.test(sqlstateOf(error) ?? "")) throw noItem(path);
    throw error;
  }
}

/** Nobody knows such an item. */
export const noItem = ({ client, project, table, key }: ItemPath) =>
  notFound(
    "item_not_found",
    `Catalog ${table} of ${client}/${project} has no item ${key.slice(0, 200)}. GET /v1/clients/${client}/projects/${project}/catalogs/${table}/items lists them.`,
  );
