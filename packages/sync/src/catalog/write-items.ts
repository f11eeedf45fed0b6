import { InvalidInput } from "@inlet/contracts";
import {
  type CatalogItem,
  catalogClockMs,
  dropHeldItems,
  holdCatalogItems,
  type ItemWrite,
  type NewLoss,
  normaliseCatalogValues,
  noteCatalogLosses,
  readCatalogItems,
  sqlstateOf,
  type Tx,
  type WrittenChange,
  writeCatalogItems,
} from "@inlet/database";
import type { Incoming, ItemState, Merged, Values } from "../merge/item.ts";
import { changedAtMs, fieldValue, isLive, mergeItem, NO_ITEM } from "../merge/merge-item.ts";
import { decodeState, encodeStamps, shownValue } from "../merge/stamps.ts";
import type { OpenCatalog } from "./catalog.ts";
import { keyColumns, keyOf } from "./key.ts";

/** What one side says of one item. */
export type IncomingRow = {
  /** Our key; it counts before what the values say of the key's columns. May be left out where they say all of them. */
  key?: string;
  /**
   * When it was changed there; times to come count as now, and times before 1970 as 1970. Left out: now, after everything that is known of the item, whatever its
   * stamps say.
   */
  atMs?: number;
  /** The batch and its record, where a file says it. */
  batchId?: number;
  record?: number;
} & (
  | {
      operation: "put";
      /** Some or all columns, as text that PostgreSQL reads as their types; what is not named is not touched. */
      values: Values;
    }
  | { operation: "remove" }
);

/** Who says it, and what it comes of. */
export interface Saying {
  /** `import`, `api`, or the subscription's name. */
  origin: string;
  /** A batch's number, a user or key, an event of the other system; for the history. */
  cause: string | null;
}

/** What became of one incoming row. */
export interface WrittenItem {
  key: string;
  /** The item's version now; null: there is none. */
  version: number | null;
  isLive: boolean;
  /** Null: nothing that others see has changed. */
  change: WrittenChange | null;
  /** How much of it lost a conflict. */
  losses: number;
}

/** One incoming row in PostgreSQL's words. */
export interface NormalRow {
  key: string;
  /** What is said, and the key's columns. */
  values: Values;
  row: Pick<IncomingRow, "operation" | "atMs" | "batchId" | "record">;
}

/**
 * Merges what one side says into a catalog, and writes the changes that come of it, in the transaction that holds the catalog.
 * All writers go through here or, for new items of a file, through the same statements. Items are held in the order of their keys:
 * call it once in a transaction, or with ascending keys. What changes nothing writes no change. After the commit, hint at it
 * (`CatalogHints.written`).
 * @returns what became of each row, in the order of the rows
 * @throws InvalidInput `item_key_missing`, `item_key_invalid`, `item_key_too_long`, `item_value_invalid`
 */
export async function writeItems(
  tx: Tx,
  catalog: OpenCatalog,
  rows: readonly IncomingRow[],
  saying: Saying,
): Promise<WrittenItem[]> {
  if (rows.length === 0) return [];
  const normal = await normalise(tx, catalog, rows);
  await holdCatalogItems(tx, catalog, { keys: normal.map(({ key }) => key), versionFloor: catalog.versionFloor });
  return await mergeHeld(tx, catalog, { rows: normal, saying });
}

/** Merges what is said into items that are held. Returns what became of each row, in the order of the rows. */
export async function mergeHeld(
  tx: Tx,
  catalog: OpenCatalog,
  { rows, saying }: { rows: readonly NormalRow[]; saying: Saying },
): Promise<WrittenItem[]> {
  if (rows.length === 0) return [];
  const byKey = Map.groupBy(
    rows.map((row, place) => ({ ...row, place })),
    ({ key }) => key,
  );
  const nowMs = await catalogClockMs(tx);
  const known = new Map((await readCatalogItems(tx, catalog, [...byKey.keys()])).map((item) => [item.key, item]));
  const writes: ItemWrite[] = [];
  const unwanted: string[] = [];
  const losses: NewLoss[] = [];
  const results: WrittenItem[] = new Array(rows.length);
  for (const [key, said] of byKey) {
    const item = known.get(key)!;
    const outcome = mergeAll(catalog, item, said, { nowMs, origin: saying.origin });
    const version = outcome.operation === null ? item.version : item.version + 1;
    const isKnown = outcome.isStored || !isPlace(item);
    if (outcome.isStored) writes.push(writeOf(catalog, item, outcome, { version, said, origin: saying.origin }));
    else if (isPlace(item)) unwanted.push(key);
    for (const loss of outcome.losses) losses.push({ key, version, ...loss });
    const result = {
      key,
      version: isKnown ? version : null,
      isLive: isLive(outcome.state),
      change: null,
      losses: outcome.losses.length,
    };
    for (const { place } of said) results[place] = { ...result };
  }
  const changes = new Map(
    (await writeCatalogItems(tx, catalog, { writes, cause: saying.cause })).map((change) => [change.key, change]),
  );
  for (const result of results) result.change = changes.get(result.key) ?? null;
  await dropHeldItems(tx, catalog, unwanted);
  await noteCatalogLosses(tx, { catalogId: catalog.catalogId, cause: saying.cause, losses });
  return results;
}

/** A row that was put there to hold a key, and says nothing. */
const isPlace = ({ changeId, stamps }: CatalogItem) => changeId === null && Object.keys(stamps).length === 0;

type Outcome = Merged & { before: ItemState };

/** Merges all that is said of one item at once, in the order in which it is said. */
function mergeAll(
  catalog: OpenCatalog,
  item: CatalogItem,
  said: readonly NormalRow[],
  { nowMs, origin }: { nowMs: number; origin: string },
): Outcome {
  const { rules } = catalog;
  const before = isPlace(item) ? NO_ITEM : decodeState(item.stamps, item.values, rules.fields);
  let state = before;
  let isStored = false;
  const losses: Merged["losses"] = [];
  for (const { row, values } of said) {
    // What we were told just now comes after all that we know: else a clock that is ahead would win over a person.
    const atMs =
      row.atMs === undefined ? Math.max(nowMs, changedAtMs(state) + 1) : Math.min(Math.max(row.atMs, 0), nowMs);
    const incoming: Incoming =
      row.operation === "put" ? { operation: "put", values, atMs, origin } : { operation: "remove", atMs, origin };
    const merged = mergeItem(state, incoming, rules);
    state = merged.state;
    isStored ||= merged.isStored;
    losses.push(...merged.losses);
  }
  const wasLive = isLive(before);
  const changed = wasLive
    ? rules.fields.filter((name) => fieldValue(before, name) !== fieldValue(state, name))
    : [...rules.fields];
  if (!isLive(state)) return { before, state, isStored, losses, changed: [], operation: wasLive ? "remove" : null };
  const operation = wasLive && changed.length === 0 ? null : "put";
  return { before, state, isStored, losses, changed: operation === null ? [] : changed, operation };
}

function writeOf(
  catalog: OpenCatalog,
  item: CatalogItem,
  { before, state, operation, changed }: Outcome,
  { version, said, origin }: { version: number; said: readonly NormalRow[]; origin: string },
): ItemWrite {
  const isThere = isLive(state);
  const keyValues = keyColumns(catalog, said.at(-1)!.values);
  const valuesOf = (from: ItemState): Values => ({
    ...keyValues,
    ...Object.fromEntries(catalog.rules.fields.map((name) => [name, shownValue(from, name)])),
  });
  const values = valuesOf(state);
  const file = operation === null ? undefined : said.findLast(({ row }) => row.batchId !== undefined)?.row;
  return {
    key: item.key,
    version,
    stamps: encodeStamps(state, catalog.rules.fields),
    isDeleted: !isThere,
    origin: operation === null && item.origin !== "" ? item.origin : origin,
    changedAtMs: operation === null && item.origin !== "" ? item.changedAt.getTime() : changedAtMs(state),
    values,
    operation,
    changed: operation === "put" && !isLive(before) ? [...catalog.columns.map(({ name }) => name)] : changed,
    told: operation === "remove" ? valuesOf(before) : values,
    batchId: file?.batchId ?? null,
    record: file?.record ?? null,
  };
}

/** Rows in PostgreSQL's words, each with its key. */
async function normalise(tx: Tx, catalog: OpenCatalog, rows: readonly IncomingRow[]): Promise<NormalRow[]> {
  const given = rows.map((row) => ({
    ...(row.operation === "put" ? row.values : {}),
    // What the caller calls the item counts.
    ...(row.key === undefined ? {} : keyOf(catalog, row.key)),
  }));
  const normal = await normaliseCatalogValues(tx, catalog, given).catch((cause) => {
    if (!/^22/.test(sqlstateOf(cause) ?? "")) throw cause;
    throw new InvalidInput({
      code: "item_value_invalid",
      message: `A value is none of its column's type: ${(cause as Error).message}. Nothing was changed.`,
      cause,
    });
  });
  return rows.map((row, place) => {
    const { key, values } = normal[place]!;
    if (key === null || catalog.key.some((name) => values[name] === null)) throw keyMissing(catalog);
    if (Buffer.byteLength(key) > MOST_KEY_BYTES) throw keyTooLong();
    const named = new Set(Object.keys(given[place]!));
    const present = Object.fromEntries(Object.entries(values).filter(([name]) => named.has(name)));
    return { key, values: present, row };
  });
}

/** PostgreSQL's index takes about 2,700 bytes; the catalog's own columns want some. */
export const MOST_KEY_BYTES = 2_000;

const keyMissing = ({ key }: OpenCatalog) =>
  new InvalidInput({
    code: "item_key_missing",
    message: `An item has no key: ${key.join(", ")} must not be empty. Nothing was changed.`,
  });

const keyTooLong = () =>
  new InvalidInput({
    code: "item_key_too_long",
    message: `An item's key is longer than ${MOST_KEY_BYTES} bytes. Nothing was changed.`,
  });
