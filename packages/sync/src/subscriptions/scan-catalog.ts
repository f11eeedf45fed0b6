import type { Profile } from "@inlet/contracts";
import { type Database, lastCatalogSeq, linksByKey } from "@inlet/database";
import type { FieldMapping } from "../fields/field-mapping.ts";
import { outgoing } from "../outward/task.ts";
import type { CatalogScan, OutgoingItem } from "../subscriber.ts";
import { catalogPlace, openCatalogReader } from "./catalog-reader.ts";

/** Items that are read at once. */
const PAGE = 1_000;

/** Which catalog is read, and for whom. */
export interface ScanOptions {
  projectId: number;
  catalogId: number;
  profile: Profile;
  table: string;
  /** Whose names for the items are told; null: nobody's. */
  subscriptionId: number | null;
  subscription: string;
  fields: FieldMapping;
}

/** Reads a whole catalog page by page, for systems that take everything at once. What changes meanwhile may be in it or not. */
export async function scanCatalog(database: Database, options: ScanOptions): Promise<CatalogScan> {
  const seq = await lastCatalogSeq(database, options.catalogId);
  return { seq, items: scanItems(database, options) };
}

async function* scanItems(
  database: Database,
  { projectId, catalogId, profile, table, subscriptionId, subscription, fields }: ScanOptions,
): AsyncGenerator<OutgoingItem> {
  const reader = openCatalogReader(database, catalogPlace(profile, projectId, table));
  let after: string | null = null;
  for (;;) {
    const items = await reader.page(after, PAGE);
    const keys = items.map(({ key }) => key);
    const links = subscriptionId === null ? [] : await linksByKey(database, { subscriptionId, keys });
    const ids = new Map(links.map(({ key, id }) => [key, id]));
    for (const item of items) {
      const change = { ...item, operation: "put" as const, changeId: item.changeId ?? 0 };
      const id = ids.get(item.key) ?? null;
      const task = { key: item.key, change, repetition: null };
      const { isRemoved: _isRemoved, ...outgoingItem } = outgoing(task, { id, fields, catalogId, subscription });
      yield outgoingItem;
    }
    if (items.length < PAGE) return;
    after = items.at(-1)!.key;
  }
}
