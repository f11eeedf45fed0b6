import { sql } from "kysely";
import type { Executor, Tx } from "../../connection.ts";

/** What is known of an item on the other side, for judging what comes from there. */
export interface InwardLink {
  key: string;
  id: string | null;
  version: string | null;
  /** Of the mapped values that it took or told last; null: not known. */
  hash: string | null;
  /** Of what was pushed lately, newest first, and when. */
  recentHashes: string[];
  recentAt: Date[];
  changedAt: Date;
}

const LINK = sql`key, outside_id AS id, outside_version AS version, hash, recent_hashes AS "recentHashes",
  recent_at AS "recentAt", changed_at AS "changedAt"`;

/** Links by our keys or by the other side's ids. Whatever is settled of them meanwhile waits until the transaction ends. */
export async function inwardLinks(
  { query }: Tx,
  { subscriptionId, keys, ids }: { subscriptionId: number; keys: readonly string[]; ids: readonly string[] },
): Promise<InwardLink[]> {
  const { rows } = await sql<InwardLink>`
    SELECT ${LINK} FROM sync_links WHERE subscription_id = ${subscriptionId}::bigint AND key IN (
      SELECT unnest(${keys}::text[])
      UNION SELECT key FROM sync_links WHERE subscription_id = ${subscriptionId}::bigint AND outside_id = ANY(${ids}::text[]))
    ORDER BY key FOR NO KEY UPDATE`.execute(query);
  return rows;
}

/** What was said of items when they were last sent there in answer. */
export async function answeredLately(
  { query }: Executor,
  { subscriptionId, keys, withinMs }: { subscriptionId: number; keys: readonly string[]; withinMs: number },
): Promise<Map<string, string>> {
  if (keys.length === 0) return new Map();
  const { rows } = await sql<{ key: string; said: string }>`
    SELECT key, said FROM inward_answers WHERE subscription_id = ${subscriptionId}::bigint AND key = ANY(${keys}::text[])
      AND said IS NOT NULL AND since > now() - ${withinMs}::float8 * interval '1 ms'`.execute(query);
  return new Map(rows.map(({ key, said }) => [key, said]));
}

/** An item that is to be sent there in answer. */
export interface Answer {
  key: string;
  /** The version or time of what was said; null: neither. */
  said: string | null;
  /** Its newest stamp, in milliseconds: what is sent is as new as that. */
  changedAtMs: number | null;
  /** Its last change. */
  changeId: number | null;
}

/**
 * Notes answers to what the other side said of items. Returns how often each was answered lately, this time included. The last change of each is said to be as new as the item is: somebody may have said the
 * same again since then, which is no change.
 */
export async function noteAnswers(
  { query }: Tx,
  { subscriptionId, answers, withinMs }: { subscriptionId: number; answers: readonly Answer[]; withinMs: number },
): Promise<{ key: string; answers: number }[]> {
  if (answers.length === 0) return [];
  const { rows } = await sql<{ key: string; answers: number }>`
    WITH n AS MATERIALIZED (
      SELECT DISTINCT ON (key) * FROM jsonb_to_recordset(${JSON.stringify(answers)}::jsonb)
        AS n (key text, said text, "changedAtMs" float8, "changeId" bigint) ORDER BY key
    ), raised AS (
      UPDATE catalog_changes c SET changed_at = to_timestamp(n."changedAtMs" / 1000) FROM n
      WHERE c.id = n."changeId" AND c.changed_at < to_timestamp(n."changedAtMs" / 1000)
    )
    INSERT INTO inward_answers AS a (subscription_id, key, said)
    SELECT ${subscriptionId}::bigint, key, said FROM n ORDER BY key
    ON CONFLICT (subscription_id, key) DO UPDATE SET said = excluded.said,
      answers = CASE WHEN a.since > now() - ${withinMs}::float8 * interval '1 ms' THEN a.answers + 1 ELSE 1 END,
      since = CASE WHEN a.since > now() - ${withinMs}::float8 * interval '1 ms' THEN a.since ELSE now() END
    RETURNING key, answers`.execute(query);
  return rows;
}

/** Forgets answers that were given long ago. Returns how many. */
export async function dropOldAnswers(
  { query }: Executor,
  { olderThanMs, limit }: { olderThanMs: number; limit: number },
): Promise<number> {
  const { numAffectedRows } = await sql`
    DELETE FROM inward_answers WHERE ctid = ANY(ARRAY(
      SELECT ctid FROM inward_answers WHERE since < now() - ${olderThanMs}::float8 * interval '1 ms'
      LIMIT ${limit}::int))`.execute(query);
  return Number(numAffectedRows ?? 0);
}

/** A version of an item, as its history has it. */
export interface ItemVersion {
  key: string;
  values: Record<string, string | null>;
  operation: "put" | "remove";
  origin: string;
  at: Date;
  /** It may be under way to the subscription, which has not settled it. */
  isUnsettled: boolean;
}

/** The newest versions of items, newest first, as a subscription sees them. */
export async function recentVersions(
  { query }: Executor,
  { subscriptionId, keys, most }: { subscriptionId: number; keys: readonly string[]; most: number },
): Promise<ItemVersion[]> {
  if (keys.length === 0) return [];
  const { rows } = await sql<ItemVersion>`
    SELECT k.key, v.values, v.operation, v.origin, v.at,
      v.seq IS NULL OR v.seq > s.cursor OR coalesce(v.seq >= l.from_seq, false) AS "isUnsettled"
    FROM subscriptions s CROSS JOIN unnest(${keys}::text[]) AS k (key)
    LEFT JOIN sync_letters l ON l.subscription_id = s.id AND l.key = k.key AND l.direction = 'out'
      AND l.state IN ('retrying', 'dead')
    CROSS JOIN LATERAL (SELECT id, seq, values, operation, origin, at FROM catalog_changes
      WHERE catalog_id = s.catalog_id AND key = k.key ORDER BY id DESC LIMIT ${most}::int) v
    WHERE s.id = ${subscriptionId}::bigint ORDER BY k.key, v.id DESC`.execute(query);
  return rows;
}
