import { sql } from "kysely";
import pg from "pg";
import type { Executor, Tx } from "../../connection.ts";
import type { ClientTable } from "../client-tables/client-tables.ts";

const quoted = (name: string) => pg.escapeIdentifier(name);
const qualified = ({ schema, name }: ClientTable) => `${quoted(schema)}.${quoted(name)}`;

/** A catalog whose history is looked through. */
interface History {
  catalogId: number;
  /** Null: its table is a plain one again. */
  base: ClientTable | null;
  before: Date;
}

/** What one piece of looking through came to. */
export interface Forgotten {
  forgotten: number;
  /** Where the next piece begins; null: there is none. */
  after: number | null;
}

/**
 * Looks through the next numbered changes of a catalog and forgets those that were written before a time, but for the last one of
 * each item that is there: whoever copies the items finds its number by it.
 */
export async function forgetCatalogChanges(
  { client }: Tx,
  { catalogId, base, before, after, upTo, limit }: History & { after: number; upTo: number; limit: number },
): Promise<Forgotten> {
  const isNewest =
    base === null
      ? ""
      : `AND NOT EXISTS (SELECT FROM ${qualified(base)} b WHERE b._key = l.key AND b._change = l.id AND NOT b._deleted)`;
  const { rows } = await client.query<{ forgotten: number; last: number | null; looked: number; old: number }>(
    `WITH looked AS MATERIALIZED (
       SELECT id, seq, key, at FROM inlet.catalog_changes WHERE catalog_id = $1::bigint AND seq > $2::bigint AND seq <= $3::bigint
       ORDER BY seq LIMIT $4::int
     ), gone AS (
       DELETE FROM inlet.catalog_changes c USING looked l
       WHERE c.id = ANY(ARRAY(SELECT id FROM looked)) AND c.id = l.id AND l.at < $5::timestamptz ${isNewest} RETURNING c.id
     )
     SELECT (SELECT count(*) FROM gone) AS forgotten, max(seq) AS last, count(*) AS looked,
       count(*) FILTER (WHERE at < $5::timestamptz) AS old FROM looked`,
    [catalogId, after, upTo, limit, before],
  );
  const { forgotten, last, looked, old } = rows[0]!;
  // Numbers follow time closely enough: a whole piece that is too young ends it.
  return { forgotten, after: looked < limit || old === 0 ? null : last };
}

/**
 * Forgets items that were removed before a time and whose removal everybody knows, in the order of their keys. Hold the catalog alone:
 * nobody may meet a key between its last version and the floor above it.
 */
export async function forgetRemovedItems(
  { client }: Tx,
  {
    catalogId,
    base,
    before,
    after,
    upTo,
    limit,
  }: History & {
    base: ClientTable;
    after: string | null;
    upTo: number;
    limit: number;
  },
): Promise<{ forgotten: number; after: string | null }> {
  const { rows } = await client.query<{ forgotten: number; last: string | null; looked: number }>(
    `WITH looked AS MATERIALIZED (
       SELECT b._key, b._version, b._change FROM ${qualified(base)} b
       WHERE b._deleted AND b._changed_at < $2::timestamptz AND ($3::text IS NULL OR b._key > $3)
       ORDER BY b._key LIMIT $5::int
     ), known AS (
       SELECT l._key, l._version FROM looked l LEFT JOIN inlet.catalog_changes c ON c.id = l._change
       WHERE c.id IS NULL OR (c.seq <= $4::bigint AND c.at < $2::timestamptz)
     ), gone AS (
       DELETE FROM ${qualified(base)} b USING known k WHERE b._key = k._key RETURNING b._version
     ), floor AS (
       UPDATE inlet.catalogs SET version_floor = greatest(version_floor, (SELECT max(_version) FROM gone))
       WHERE id = $1::bigint AND EXISTS (SELECT FROM gone)
     )
     SELECT (SELECT count(*) FROM gone) AS forgotten, max(_key) AS last, count(*) AS looked FROM looked`,
    [catalogId, before, after, upTo, limit],
  );
  const { forgotten, last, looked } = rows[0]!;
  return { forgotten, after: looked < limit ? null : last };
}

/** Forgets what lost conflicts before a time. Returns how many. */
export async function forgetCatalogLosses(
  { query }: Executor,
  { catalogId, before, limit }: { catalogId: number; before: Date; limit: number },
): Promise<number> {
  const { numAffectedRows } = await sql`
    DELETE FROM catalog_losses WHERE id = ANY(ARRAY(SELECT id FROM catalog_losses
      WHERE catalog_id = ${catalogId}::bigint AND at < ${before} ORDER BY at LIMIT ${limit}::int))`.execute(query);
  return Number(numAffectedRows ?? 0);
}

/** A catalog with the profile that is live, for whoever looks through all histories. */
export interface KeptCatalog {
  catalogId: number;
  projectId: number;
  client: string;
  project: string;
  tableName: string;
  /** Null: the live profile has it no more. */
  historyDays: number | null;
  /** Its table is a plain one again. */
  isLeft: boolean;
}

/** All catalogs that were ever made. */
export async function keptCatalogs({ query }: Executor): Promise<KeptCatalog[]> {
  const { rows } = await sql<KeptCatalog>`
    SELECT k.id AS "catalogId", p.id AS "projectId", c.slug AS client, p.slug AS project, k.table_name AS "tableName",
      (SELECT (e ->> 'historyDays')::int FROM jsonb_array_elements(f.document -> 'catalogs') e
        WHERE e ->> 'table' = k.table_name LIMIT 1) AS "historyDays", k.state = 'left' AS "isLeft"
    FROM catalogs k JOIN projects p ON p.id = k.project_id JOIN clients c ON c.id = p.client_id
    JOIN profiles f ON f.project_id = p.id AND f.version = p.profile_version ORDER BY k.id`.execute(query);
  return rows;
}

/** Takes hold of a catalog alone if nobody has it; false: somebody works with it. */
export async function tryLockCatalog({ query }: Tx, view: ClientTable): Promise<boolean> {
  const { rows } = await sql<{ held: boolean }>`
    SELECT pg_try_advisory_xact_lock(hashtext('catalog'), hashtext(${`${view.schema}.${view.name}`})) AS held`.execute(
    query,
  );
  return rows[0]!.held;
}
