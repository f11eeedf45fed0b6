import { sql } from "kysely";
import type { Executor, Tx } from "../../connection.ts";
import type { StoredError } from "../../schema.ts";
import { storableJson } from "../../storable-json.ts";

/** An item that came and was refused, which a person wants tried again. */
export interface RefusedItem {
  letterId: number;
  /** As it was kept: see `keepRefused`. */
  body: unknown;
}

/** Letters of items that came, to be tried again now. */
export async function refusedToRetry(
  { query }: Tx,
  { subscriptionId, limit }: { subscriptionId: number; limit: number },
): Promise<RefusedItem[]> {
  const { rows } = await sql<RefusedItem>`
    SELECT id AS "letterId", body FROM sync_letters
    WHERE subscription_id = ${subscriptionId}::bigint AND direction = 'in' AND state = 'retrying' AND not_before <= now()
    ORDER BY id LIMIT ${limit}::int FOR UPDATE`.execute(query);
  return rows;
}

/** An item that was not taken, as it is kept for a person. */
export interface RefusedLetter {
  /** Of one that is tried again; null: a new one. */
  letterId: number | null;
  key: string | null;
  error: StoredError;
  findings: readonly object[];
  /** The item as it came, sealed; its `mark` is the same when the same item comes once more. */
  body: object;
}

/**
 * Keeps items that were not taken, and why. A key has one letter: the newer item takes the older one's place in it. The same item
 * once more, as a poll that goes back a little brings it, changes nothing, also where a person has dismissed it.
 */
export async function keepRefused(
  { query }: Executor,
  { subscriptionId, letters }: { subscriptionId: number; letters: readonly RefusedLetter[] },
): Promise<void> {
  if (letters.length === 0) return;
  await sql`
    WITH n AS (
      SELECT * FROM jsonb_to_recordset(${storableJson(letters)}::jsonb)
        AS n ("letterId" bigint, key text, error jsonb, findings jsonb, body jsonb)
    ), again AS (
      UPDATE sync_letters l SET state = 'dead', attempts = l.attempts + 1, key = coalesce(n.key, l.key), error = n.error,
        findings = n.findings, changed_at = now()
      FROM n WHERE l.id = n."letterId"
    ), there AS (
      SELECT DISTINCT ON (l.key) l.id, l.key, l.state, l.body -> 'mark' AS mark FROM sync_letters l
      JOIN n ON n."letterId" IS NULL AND n.key = l.key
      WHERE l.subscription_id = ${subscriptionId}::bigint AND l.direction = 'in'
        AND (l.state IN ('dead', 'retrying') OR l.body -> 'mark' = n.body -> 'mark')
      ORDER BY l.key, l.state = 'dismissed', l.id DESC
    ), newer AS (
      UPDATE sync_letters l SET state = 'dead', attempts = 1, error = n.error, findings = n.findings, body = n.body,
        changed_at = now()
      FROM there JOIN n ON n."letterId" IS NULL AND n.key = there.key
      WHERE l.id = there.id AND there.mark IS DISTINCT FROM n.body -> 'mark'
    )
    INSERT INTO sync_letters (subscription_id, direction, state, key, attempts, error, findings, body)
    SELECT ${subscriptionId}::bigint, 'in', 'dead', key, 1, error, findings, body FROM n
    WHERE "letterId" IS NULL AND NOT EXISTS (SELECT FROM there WHERE there.key = n.key)`.execute(query);
}

/** Forgets letters of items that came: they were taken now, or something newer of the same keys was. */
export async function settleRefused(
  { query }: Executor,
  {
    subscriptionId,
    keys,
    letterIds,
  }: { subscriptionId: number; keys: readonly string[]; letterIds: readonly number[] },
): Promise<void> {
  if (keys.length === 0 && letterIds.length === 0) return;
  await sql`
    DELETE FROM sync_letters WHERE subscription_id = ${subscriptionId}::bigint AND direction = 'in'
      AND state IN ('retrying', 'dead') AND (key = ANY(${keys}::text[]) OR id = ANY(${letterIds}::bigint[]))`.execute(
    query,
  );
}

/** Forgets items that were refused and that a person dismissed so long ago. Returns how many. */
export async function dropOldRefused(
  { query }: Executor,
  { days, limit }: { days: number; limit: number },
): Promise<number> {
  const { numAffectedRows } = await sql`
    DELETE FROM sync_letters WHERE id = ANY(ARRAY(
      SELECT id FROM sync_letters WHERE direction = 'in' AND state = 'dismissed'
        AND changed_at < now() - ${days}::int * interval '1 day' ORDER BY id LIMIT ${limit}::int))`.execute(query);
  return Number(numAffectedRows ?? 0);
}
