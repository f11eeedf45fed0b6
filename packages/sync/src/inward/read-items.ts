import type { Table } from "@inlet/contracts";
import { type InwardLink, inwardLinks, normaliseCatalogValues, readCatalogItems, type Tx } from "@inlet/database";
import type { OpenCatalog } from "../catalog/catalog.ts";
import { keyColumns, keyOf } from "../catalog/key.ts";
import { checkItems, type Finding } from "../check-items/check-items.ts";
import { inwardColumns } from "../fields/field-mapping.ts";
import type { Values } from "../merge/item.ts";
import type { IncomingItem } from "../subscriber.ts";
import type { InwardParts } from "./inward-parts.ts";
import { isStorable } from "./storable-text.ts";

/** An item that came, read and checked. */
export interface ReadItem {
  /** Its place among those that came. */
  place: number;
  item: IncomingItem;
  key: string;
  link: InwardLink | undefined;
  /** The item as it is here; undefined: it is not. */
  here: Values | undefined;
  /** What it says of the mapped columns, in PostgreSQL's words; null: that it is gone. */
  told: Record<string, string | null> | null;
}

/** An item that came and cannot be taken. */
export interface UnreadableItem {
  place: number;
  item: IncomingItem;
  /** Null: nobody can tell which item it is. */
  key: string | null;
  findings: readonly Finding[];
}

/** What was made of items that came. Those that say that something is gone which was never here are in neither list. */
export interface ReadItems {
  items: ReadItem[];
  unreadable: UnreadableItem[];
}

/**
 * Finds out which items of ours are meant and what is said of them, and checks it as a file's rows are checked. An item of which
 * only some columns are told is checked together with what is known of it.
 */
export async function readItems(
  tx: Tx,
  parts: InwardParts,
  { catalog, incoming }: { catalog: OpenCatalog; incoming: readonly IncomingItem[] },
): Promise<ReadItems> {
  const found: ReadItems = { items: [], unreadable: [] };
  const named = await nameItems(tx, parts, { catalog, incoming, found });
  const keys = [...new Set(named.map(({ key }) => key))];
  const { subscription } = parts;
  const links = await inwardLinks(tx, { subscriptionId: subscription.id, keys, ids: [] });
  const linkOf = new Map(links.map((link) => [link.key, link]));
  const items = (await readCatalogItems(tx, catalog, keys)).filter(({ isDeleted }) => !isDeleted);
  const hereOf = new Map(items.map(({ key, values }) => [key, values]));
  const puts = named.filter(({ item }) => !item.isRemoved);
  const cells = puts.map(({ item }) => parts.fields.toCells(item.fields));
  const rules = parts.rules;
  const checked = await checkItems(
    inwardTable(parts.place.table),
    puts.map(({ key }, at) => ({ ...hereOf.get(key), ...cells[at], ...keyOf(catalog, key) })),
    { hooks: rules.hooks, references: rules.references?.(parts.place) },
  );
  const sound = puts.flatMap((put, at) => {
    const { values, findings } = checked[at]!;
    if (values !== null) return [{ ...put, values, told: Object.keys(cells[at]!) }];
    found.unreadable.push({ ...put, findings });
    return [];
  });
  const normal = await normaliseCatalogValues(
    tx,
    catalog,
    sound.map(({ values }) => values),
  );
  const at = (key: string) => ({ link: linkOf.get(key), here: hereOf.get(key) });
  for (const [place, put] of sound.entries()) {
    const { values } = normal[place]!;
    const told = Object.fromEntries(put.told.map((name) => [name, values[name] ?? null]));
    found.items.push({ place: put.place, item: put.item, key: put.key, told, ...at(put.key) });
  }
  for (const { place, item, key } of named)
    if (item.isRemoved) found.items.push({ place, item, key, told: null, ...at(key) });
  found.items.sort((one, other) => one.place - other.place);
  found.unreadable.sort((one, other) => one.place - other.place);
  return found;
}

interface NamedItem {
  place: number;
  item: IncomingItem;
  key: string;
}

/** Which of our items each one is: by the columns of its key, by our key where the other side knows it, or by its id there. */
async function nameItems(
  tx: Tx,
  { subscription, place: { table }, fields }: InwardParts,
  { catalog, incoming, found }: { catalog: OpenCatalog; incoming: readonly IncomingItem[]; found: ReadItems },
): Promise<NamedItem[]> {
  const cells = incoming.map((item) => fields.toCells(item.fields));
  const unstorable = incoming.map((item, place) => unstorableOf(item, cells[place]!));
  const links = await inwardLinks(tx, {
    ...{ subscriptionId: subscription.id, keys: [] },
    ids: [...new Set(incoming.flatMap(({ id }, place) => (unstorable[place] === undefined ? [id] : [])))],
  });
  const keyById = new Map(links.map(({ id, key }) => [id, key]));
  const own = incoming.map(({ key }, place) =>
    unstorable[place] === undefined ? ownKey(catalog, cells[place]!, key) : undefined,
  );
  const checked = await checkItems(
    keyTable(table),
    own.map((key) => key ?? {}),
  );
  const valid = own.flatMap((key, place) => (key && checked[place]!.values ? [place] : []));
  const normal = await normaliseCatalogValues(
    tx,
    catalog,
    valid.map((place) => checked[place]!.values!),
  );
  const keyAt = new Map(valid.map((place, at) => [place, normal[at]!.key]));
  return incoming.flatMap((item, place): NamedItem[] => {
    const what = unstorable[place];
    if (what !== undefined) {
      found.unreadable.push({ place, item, key: null, findings: [textUnusable(table, what)] });
      return [];
    }
    const said = keyAt.get(place) ?? null;
    const known = keyById.get(item.id);
    if (own[place] && said === null) {
      found.unreadable.push({ place, item, key: null, findings: checked[place]!.findings });
      return [];
    }
    if (said !== null && known !== undefined && said !== known && !item.isRemoved) {
      found.unreadable.push({ place, item, key: known, findings: [keyChanged(table, item.id, known, said)] });
      return [];
    }
    const key = known ?? said;
    if (key !== null && key !== undefined) return [{ place, item, key }];
    if (!item.isRemoved) found.unreadable.push({ place, item, key: null, findings: [keyUnknown(table, item.id)] });
    return [];
  });
}

/** Which of an item's texts PostgreSQL cannot keep: the transaction of all others would fail by it. Undefined: none. */
function unstorableOf({ id, key = "", version = "" }: IncomingItem, cells: Values): string | undefined {
  const texts = Object.entries({ id, key, version }).concat(
    Object.entries(cells).flatMap(([name, value]): [string, string][] => (value === null ? [] : [[name, value]])),
  );
  return texts.find(([, text]) => !isStorable(text))?.[0];
}

/** What an item says of the columns of its key; undefined where it does not say all of them. */
function ownKey(catalog: OpenCatalog, cells: Values, key: string | undefined): Values | undefined {
  const said = keyColumns(catalog, cells);
  if (catalog.key.every((name) => said[name] !== null)) return said;
  if (key === undefined) return undefined;
  // A text that is no key of ours is found out by the check.
  try {
    return keyOf(catalog, key);
  } catch {
    return Object.fromEntries(catalog.key.map((name) => [name, ""]));
  }
}

/** Values come as other systems write them, not as the client writes its files. */
const inwardTable = (table: Table): Table => ({ ...table, columns: inwardColumns(table.columns) });

const keyTable = (table: Table): Table => ({
  ...inwardTable(table),
  columns: inwardColumns(table.columns.filter(({ name }) => table.key.includes(name))),
  rules: [],
});

const finding = (code: string, message: string, table: Table, value: string): Finding => ({
  ...{ column: table.key.join(","), code, message, severity: "error", fix: null },
  value: value.slice(0, MOST_CHARACTERS),
});

const MOST_CHARACTERS = 100;

const textUnusable = (table: Table, what: string) =>
  finding(
    "text_unusable",
    `${what} holds the character NUL, or half of one that has two halves (U+0000, U+D800 to U+DFFF). Take it out there.`,
    table,
    "",
  );

const keyUnknown = (table: Table, id: string) =>
  finding(
    "key_unknown",
    `Nothing says which item this is: ${table.key.join(", ")} is not told, and ${id.slice(0, MOST_CHARACTERS)} was never seen before. Map the key in the subscription's fields.`,
    table,
    id,
  );

const keyChanged = (table: Table, id: string, known: string, said: string) =>
  finding(
    "key_changed",
    `${id.slice(0, MOST_CHARACTERS)} was ${known.slice(0, MOST_CHARACTERS)} before. An item keeps its key: change it back there, or remove the item there and add it anew.`,
    table,
    said,
  );
