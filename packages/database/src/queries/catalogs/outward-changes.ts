import { sql } from "kysely";
import pg from "pg";
import { type Database, type Executor, type Tx, transaction } from "../../connection.ts";
import type { SyncLink } from "../sync/sync-links.ts";
import type { CatalogTable } from "./catalog-rows.ts";

/** One change as it goes to another system. */
export interface OutwardChange {
  changeId: number;
  seq: number;
  key: string;
  version: number;
  operation: "put" | "remove";
  origin: string;
  /** The whole item after it; of one that was removed, what it was. */
  values: Record<string, string | null>;
  changedAt: Date;
}

const CHANGE = sql`c.id AS "changeId", c.seq, c.key, c.version, c.operation, c.origin, c.values, c.changed_at AS "changedAt"`;

/** A change with what the other side calls its item; no link: it never had it. */
export type LinkedChange = OutwardChange & { link: SyncLink | null };

const LINK = sql`CASE WHEN l.key IS NOT NULL THEN jsonb_build_object('key', l.key, 'id', l.outside_id,
  'version', l.outside_version, 'hash', l.hash) END AS link`;

/**
 * A few changes at a time out of many: along the index, whatever PostgreSQL has counted. It does not know how many come after a number
 * that it has not seen yet, takes them for few, and would sort all of them for each window.
 */
const ALONG_INDEXES = { enable_sort: "off", enable_bitmapscan: "off", enable_hashjoin: "off", enable_mergejoin: "off" };

/** A catalog's numbered changes after a cursor, in their order, for one subscription. */
export async function outwardChanges(
  database: Database,
  {
    subscriptionId,
    catalogId,
    after,
    limit,
  }: { subscriptionId: number; catalogId: number; after: number; limit: number },
): Promise<LinkedChange[]> {
  const read = async ({ query }: Executor) =>
    await sql<LinkedChange>`
      SELECT ${CHANGE}, ${LINK} FROM (
        SELECT * FROM catalog_changes WHERE catalog_id = ${catalogId}::bigint AND seq > ${after}::bigint
        ORDER BY seq LIMIT ${limit}::int) c
      LEFT JOIN LATERAL (SELECT * FROM sync_links WHERE subscription_id = ${subscriptionId}::bigint AND key = c.key LIMIT 1) l
        ON true
      ORDER BY c.seq`.execute(query);
  const { rows } = await transaction(database, read, { settings: ALONG_INDEXES });
  return rows;
}

/** From where on a key's changes are asked for. */
export interface KeyFrom {
  key: string;
  fromSeq: number;
  /** Its newest change alone. */
  isNewestOnly: boolean;
}

/** Changes of some keys up to a number, of each in their order and at most so many; keys without any are not in the answer. */
export async function changesOfKeys(
  { query }: Executor,
  {
    subscriptionId,
    catalogId,
    keys,
    upTo,
    limit,
  }: { subscriptionId: number; catalogId: number; keys: readonly KeyFrom[]; upTo: number; limit: number },
): Promise<LinkedChange[]> {
  if (keys.length === 0) return [];
  const { rows } = await sql<LinkedChange>`
    SELECT ${CHANGE}, ${LINK}
    FROM unnest(${keys.map(({ key }) => key)}::text[], ${keys.map(({ fromSeq }) => fromSeq)}::bigint[],
      ${keys.map(({ isNewestOnly }) => isNewestOnly)}::boolean[]) AS k (key, from_seq, newest_only)
    CROSS JOIN LATERAL (
      (SELECT * FROM catalog_changes h WHERE NOT k.newest_only AND h.catalog_id = ${catalogId}::bigint AND h.key = k.key
        AND h.seq >= k.from_seq AND h.seq <= ${upTo}::bigint ORDER BY h.seq LIMIT ${limit}::int)
      UNION ALL
      (SELECT * FROM catalog_changes h WHERE k.newest_only AND h.catalog_id = ${catalogId}::bigint AND h.key = k.key
        AND h.seq <= ${upTo}::bigint ORDER BY h.seq DESC LIMIT 1)
    ) c
    LEFT JOIN LATERAL (SELECT * FROM sync_links WHERE subscription_id = ${subscriptionId}::bigint AND key = k.key LIMIT 1) l
      ON true
    ORDER BY c.seq`.execute(query);
  return rows;
}

/**
 * Links whose items are gone, in the order of their keys after one, with the change that removed each; `lastKey`: up to where was
 * looked, null when there are no more.
 */
export async function orphanedLinks(
  { query }: Executor,
  {
    subscriptionId,
    catalogId,
    afterKey,
    upTo,
    limit,
  }: { subscriptionId: number; catalogId: number; afterKey: string | null; upTo: number; limit: number },
): Promise<{ changes: LinkedChange[]; lastKey: string | null }> {
  const { rows } = await sql<LinkedChange & { linkKey: string }>`
    SELECT l.key AS "linkKey", ${CHANGE}, ${LINK} FROM (
      SELECT * FROM sync_links WHERE subscription_id = ${subscriptionId}::bigint
        AND (${afterKey}::text IS NULL OR key > ${afterKey}::text) ORDER BY key LIMIT ${limit}::int) l
    LEFT JOIN LATERAL (SELECT * FROM catalog_changes h WHERE h.catalog_id = ${catalogId}::bigint AND h.key = l.key
      ORDER BY h.id DESC LIMIT 1) c ON true
    ORDER BY l.key`.execute(query);
  const changes = rows
    .filter(({ operation, seq }) => operation === "remove" && seq !== null && seq <= upTo)
    .map(({ linkKey: _linkKey, ...change }) => change);
  return { changes, lastKey: rows.length < limit ? null : rows.at(-1)!.linkKey };
}

/** Those of some changes that are still in the history, with their numbers; null: not numbered yet. */
export async function keptChanges(
  { query }: Executor,
  ids: readonly number[],
): Promise<Map<number, { seq: number | null }>> {
  if (ids.length === 0) return new Map();
  const { rows } = await sql<{ id: number; seq: number | null }>`
    SELECT id, seq FROM catalog_changes WHERE id = ANY(${ids}::bigint[])`.execute(query);
  return new Map(rows.map(({ id, seq }) => [id, { seq }]));
}

/** How many items a catalog has. */
export async function countCatalogItems(
  { client }: Pick<Tx, "client">,
  { base }: Pick<CatalogTable, "base">,
): Promise<number> {
  const name = `${pg.escapeIdentifier(base.schema)}.${pg.escapeIdentifier(base.name)}`;
  const { rows } = await client.query<{ count: number }>(`SELECT count(*) AS count FROM ${name} WHERE NOT _deleted`);
  return rows[0]!.count;
}
