import type { Catalog, Profile } from "@inlet/contracts";
import { Misconfigured } from "@inlet/contracts";
import {
  type CatalogItem,
  type CatalogTable,
  countCatalogItems,
  type Database,
  keptChanges,
  readCatalogItems,
  readCatalogPage,
  type Tx,
} from "@inlet/database";
import type { CatalogPlace } from "../catalog/catalog.ts";
import { readingCatalog } from "../catalog/open-catalog.ts";

/** An item as it is now. */
export interface CurrentItem extends Omit<CatalogItem, "values"> {
  values: Record<string, string | null>;
  /** The number of its last change; null: it has none yet, or has left the log. */
  seq: number | null;
  /** Whether its last change is still in the log. */
  isLogged: boolean;
}

/** Reads a catalog's items as they are now; of one that is not made yet there are none. */
export interface CatalogReader {
  count(): Promise<number>;
  /** Live items in the order of their keys, after one. */
  page(afterKey: string | null, limit: number): Promise<CurrentItem[]>;
  /** Live items by their keys. */
  items(keys: readonly string[]): Promise<CurrentItem[]>;
}

/** Where a profile's catalog is. @throws Misconfigured `catalog_missing` */
export function catalogPlace(profile: Profile, projectId: number, tableName: string): CatalogPlace {
  const table = profile.tables.find(({ name }) => name === tableName);
  const catalog: Catalog | undefined = profile.catalogs.find((each) => each.table === tableName);
  if (table === undefined || catalog === undefined) {
    throw new Misconfigured({
      code: "catalog_missing",
      message: `Table ${tableName} is no catalog of the profile any more.`,
    });
  }
  return { projectId, client: profile.client, project: profile.project, table, catalog };
}

export function openCatalogReader(database: Database, place: CatalogPlace): CatalogReader {
  const reading = <T>(read: (tx: Tx, table: CatalogTable) => Promise<T>) => readingCatalog(database, place, read);
  return {
    count: async () => (await reading((tx, table) => countCatalogItems(tx, table))) ?? 0,
    async page(after, limit) {
      const items = await reading((tx, table) => readCatalogPage(tx, table, { after, limit }));
      return await withLog(database, items ?? []);
    },
    async items(keys) {
      const items = await reading(async (tx, table) => await readCatalogItems(tx, table, keys));
      const live = (items ?? []).filter(({ isDeleted }) => !isDeleted);
      return await withLog(
        database,
        live.map((item) => ({ ...item, seq: null })),
      );
    },
  };
}

/** Of items without a number it is asked whether they are too new for one, or too old. */
async function withLog(
  database: Database,
  items: readonly (CatalogItem & { seq: number | null })[],
): Promise<CurrentItem[]> {
  const open = items.flatMap(({ seq, changeId }) => (seq === null && changeId !== null ? [changeId] : []));
  const kept = await keptChanges(database, open);
  return items.map((item) => {
    const found = item.changeId === null ? undefined : kept.get(item.changeId);
    return { ...item, seq: item.seq ?? found?.seq ?? null, isLogged: item.seq !== null || found !== undefined };
  });
}
