import { sql } from "kysely";
import type { Executor, Tx } from "../../connection.ts";

/** One change of one item. */
export interface CatalogChange {
  id: number;
  /** Null: not numbered yet. */
  seq: number | null;
  key: string;
  version: number;
  operation: "put" | "remove";
  origin: string;
  cause: string | null;
  /** The whole item after it; of one that was removed, what it was. */
  values: Record<string, string | null>;
  changed: string[];
  hash: Buffer;
  /** When it changed where it was changed. */
  changedAt: Date;
  /**
   * When it was numbered: from then on others know of it. A transaction may have been long under way before, so that this, and not
   * when that began, grows with the numbers. Until it has one: when its transaction began.
   */
  at: Date;
}

const CHANGE = sql`id, seq, key, version, operation, origin, cause, values, changed, hash, changed_at AS "changedAt", at`;

/** A catalog's numbered changes after a cursor, in their order. */
export async function readCatalogChanges(
  { query }: Executor,
  { catalogId, after, limit }: { catalogId: number; after: number; limit: number },
): Promise<(CatalogChange & { seq: number })[]> {
  const { rows } = await sql<CatalogChange & { seq: number }>`
    SELECT ${CHANGE} FROM catalog_changes WHERE catalog_id = ${catalogId}::bigint AND seq > ${after}::bigint
    ORDER BY seq LIMIT ${limit}::int`.execute(query);
  return rows;
}

/** The greatest number of a catalog's changes; 0: none. */
export async function lastCatalogSeq({ query }: Executor, catalogId: number): Promise<number> {
  const { rows } = await sql<{ seq: number | null }>`
    SELECT max(seq) AS seq FROM catalog_changes WHERE catalog_id = ${catalogId}::bigint`.execute(query);
  return rows[0]!.seq ?? 0;
}

/** What a catalog was given in one piece of numbering. */
export interface NumberedCatalog {
  catalogId: number;
  /** The greatest number now. */
  seq: number;
  changes: number;
}

/**
 * Numbers committed changes in the order of their ids, at most so many, in one statement. Two at once give nothing twice: the
 * second waits at the counter, and finds what it wanted numbered already.
 */
export async function numberCatalogChanges({ query }: Executor, limit: number): Promise<NumberedCatalog[]> {
  const { rows } = await sql<NumberedCatalog>`
    WITH due AS MATERIALIZED (
      SELECT id, row_number() OVER (ORDER BY id) AS place
      FROM (SELECT id FROM catalog_changes WHERE seq IS NULL ORDER BY id LIMIT ${limit}::int) d
    ), moved AS (
      UPDATE catalog_sequence SET last = last + (SELECT count(*) FROM due)
      WHERE EXISTS (SELECT FROM due)
      RETURNING last - (SELECT count(*) FROM due) AS base, clock_timestamp() AS at
    ), numbered AS (
      UPDATE catalog_changes c SET seq = moved.base + due.place, at = moved.at FROM due, moved
      WHERE c.id = ANY(ARRAY(SELECT id FROM due)) AND c.id = due.id AND c.seq IS NULL RETURNING c.catalog_id, c.seq
    )
    SELECT catalog_id AS "catalogId", max(seq) AS seq, count(*) AS changes FROM numbered GROUP BY catalog_id
    ORDER BY catalog_id`.execute(query);
  return rows;
}

/** Whether changes without a number are this old: whoever numbers them stands still. */
export async function hasOverdueChanges({ query }: Executor, olderThanMs: number): Promise<boolean> {
  const { rows } = await sql<{ isOverdue: boolean }>`
    SELECT coalesce((SELECT at FROM catalog_changes WHERE seq IS NULL ORDER BY id LIMIT 1)
      < now() - ${olderThanMs}::float8 * interval '1 ms', false) AS "isOverdue"`.execute(query);
  return rows[0]!.isOverdue;
}

/** A change or a loss in an item's history. */
export type ItemEvent =
  | ({ event: "change" } & CatalogChange)
  | {
      event: "loss";
      id: number;
      version: number;
      /** Null: that the item is gone. */
      field: string | null;
      value: string | null;
      origin: string;
      cause: string | null;
      kept: string | null;
      keptOrigin: string | null;
      rule: "newest" | "source" | "function";
      changedAt: Date;
      at: Date;
    };

/** An item's changes, newest first; those below an id. */
export async function readItemChanges(
  { query }: Executor,
  { catalogId, key, before, limit }: { catalogId: number; key: string; before: number | null; limit: number },
): Promise<CatalogChange[]> {
  const { rows } = await sql<CatalogChange>`
    SELECT ${CHANGE} FROM catalog_changes WHERE catalog_id = ${catalogId}::bigint AND key = ${key}
      AND (${before}::bigint IS NULL OR id < ${before}::bigint)
    ORDER BY id DESC LIMIT ${limit}::int`.execute(query);
  return rows;
}

/** What lost conflicts over an item, newest first; those below an id. */
export async function readItemLosses(
  { query }: Executor,
  { catalogId, key, before, limit }: { catalogId: number; key: string; before: number | null; limit: number },
): Promise<CatalogLoss[]> {
  const { rows } = await sql<CatalogLoss>`
    SELECT id, version, field, value, origin, cause, kept, kept_origin AS "keptOrigin", rule, changed_at AS "changedAt", at
    FROM catalog_losses WHERE catalog_id = ${catalogId}::bigint AND key = ${key}
      AND (${before}::bigint IS NULL OR id < ${before}::bigint)
    ORDER BY id DESC LIMIT ${limit}::int`.execute(query);
  return rows;
}

/** What lost a conflict. */
export type CatalogLoss = Omit<Extract<ItemEvent, { event: "loss" }>, "event">;

/** A loss that is to be noted. */
export interface NewLoss {
  key: string;
  version: number;
  field: string | null;
  value: string | null;
  origin: string;
  atMs: number;
  kept: string | null;
  keptOrigin: string | null;
  rule: "newest" | "source" | "function";
}

/**
 * Notes what lost conflicts, each once: what a side says again and again of a field that another one owns, and what is delivered
 * twice, has lost once.
 */
export async function noteCatalogLosses(
  { query }: Tx,
  { catalogId, cause, losses }: { catalogId: number; cause: string | null; losses: readonly NewLoss[] },
): Promise<void> {
  if (losses.length === 0) return;
  await sql`
    INSERT INTO catalog_losses (catalog_id, key, version, field, value, origin, cause, changed_at, kept, kept_origin, rule)
    SELECT DISTINCT ON (w.key, w.field, w.value, w.origin) ${catalogId}::bigint, w.key, w.version, w.field, w.value, w.origin,
      ${cause}, to_timestamp(w."atMs" / 1000), w.kept, w."keptOrigin", w.rule
    FROM jsonb_to_recordset(${JSON.stringify(losses)}::jsonb) AS w (key text, version bigint, field text, value text,
      origin text, "atMs" double precision, kept text, "keptOrigin" text, rule text)
    WHERE NOT EXISTS (SELECT FROM catalog_losses l WHERE l.catalog_id = ${catalogId}::bigint AND l.key = w.key
      AND l.field IS NOT DISTINCT FROM w.field AND l.value IS NOT DISTINCT FROM w.value AND l.origin = w.origin
      AND (w.rule = 'source' OR l.changed_at = to_timestamp(w."atMs" / 1000)))`.execute(query);
}
