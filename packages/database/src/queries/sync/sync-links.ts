import { sql } from "kysely";
import type { Executor } from "../../connection.ts";

/** What an item is called on the other side, and what that side is known to have of it. */
export interface SyncLink {
  key: string;
  /** Null: the other side said none. */
  id: string | null;
  version: string | null;
  /** Of the mapped values that it took or told last; null: not known. */
  hash: string | null;
}

/** What a subscription's other side calls items, by our keys; those that it never had are not in the answer. */
export async function linksByKey(
  { query }: Executor,
  { subscriptionId, keys }: { subscriptionId: number; keys: readonly string[] },
): Promise<SyncLink[]> {
  if (keys.length === 0) return [];
  const { rows } = await sql<SyncLink>`
    SELECT key, outside_id AS id, outside_version AS version, hash FROM sync_links
    WHERE subscription_id = ${subscriptionId}::bigint AND key = ANY(${keys}::text[])`.execute(query);
  return rows;
}

/** The same from the other side: with what was pushed lately. */
export async function linksByOutsideId(
  { query }: Executor,
  { subscriptionId, ids }: { subscriptionId: number; ids: readonly string[] },
): Promise<(SyncLink & { recentHashes: string[]; recentAt: Date[] })[]> {
  if (ids.length === 0) return [];
  const { rows } = await sql<SyncLink & { recentHashes: string[]; recentAt: Date[] }>`
    SELECT key, outside_id AS id, outside_version AS version, hash, recent_hashes AS "recentHashes", recent_at AS "recentAt"
    FROM sync_links WHERE subscription_id = ${subscriptionId}::bigint AND outside_id = ANY(${ids}::text[])
    ORDER BY changed_at`.execute(query);
  return rows;
}

/**
 * Keeps what the other side told of items: a change of ours that says the same is not sent there. What was pushed lately stays as
 * it is. In the transaction that takes the items.
 */
export async function putLinks(
  { query }: Executor,
  { subscriptionId, links }: { subscriptionId: number; links: readonly SyncLink[] },
): Promise<void> {
  if (links.length === 0) return;
  await sql`
    INSERT INTO sync_links AS l (subscription_id, key, outside_id, outside_version, hash)
    SELECT ${subscriptionId}::bigint, n.key, n.id, n.version, n.hash
    FROM unnest(${links.map(({ key }) => key)}::text[], ${links.map(({ id }) => id)}::text[],
      ${links.map(({ version }) => version)}::text[], ${links.map(({ hash }) => hash)}::text[]) AS n (key, id, version, hash)
    ORDER BY n.key
    ON CONFLICT (subscription_id, key) DO UPDATE SET outside_id = coalesce(excluded.outside_id, l.outside_id),
      outside_version = coalesce(excluded.outside_version, l.outside_version), hash = excluded.hash, changed_at = now()`.execute(
    query,
  );
}

/** Forgets what items that are gone there were called. */
export async function removeLinks(
  { query }: Executor,
  { subscriptionId, keys }: { subscriptionId: number; keys: readonly string[] },
): Promise<void> {
  await sql`
    DELETE FROM sync_links WHERE subscription_id = ${subscriptionId}::bigint AND key = ANY(${keys}::text[])`.execute(
    query,
  );
}

/** Links in the order of their keys, after one. */
export async function linksAfter(
  { query }: Executor,
  { subscriptionId, afterKey, limit }: { subscriptionId: number; afterKey: string | null; limit: number },
): Promise<SyncLink[]> {
  const { rows } = await sql<SyncLink>`
    SELECT key, outside_id AS id, outside_version AS version, hash FROM sync_links
    WHERE subscription_id = ${subscriptionId}::bigint AND (${afterKey}::text IS NULL OR key > ${afterKey}::text)
    ORDER BY key LIMIT ${limit}::int`.execute(query);
  return rows;
}
