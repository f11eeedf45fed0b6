import { sql } from "kysely";
import type { Executor } from "../../connection.ts";
import type { StoredError } from "../../schema.ts";

/** A key that is tried again by itself. */
export interface ParkedKey {
  letterId: number;
  revision: number;
  subscriptionId: number;
  key: string;
  /** The first of its changes that is not settled. */
  fromSeq: number;
  /** The item's present state is sent, whatever the other side is known to have. */
  isForced: boolean;
  attempts: number;
  /** The other side refused it: a later change may be what mends it, and is tried at once. */
  isRefused: boolean;
}

const PARKED = sql`id AS "letterId", revision, subscription_id AS "subscriptionId", key, from_seq AS "fromSeq",
  forced AS "isForced", attempts, coalesce(error ->> 'retryable' = 'false', false) AS "isRefused"`;

/** The keys of a subscription that are tried again by themselves: later changes of theirs wait. */
export async function parkedKeys(
  { query }: Executor,
  { subscriptionId, limit }: { subscriptionId: number; limit: number },
): Promise<ParkedKey[]> {
  const { rows } = await sql<ParkedKey>`
    SELECT ${PARKED} FROM sync_letters
    WHERE subscription_id = ${subscriptionId}::bigint AND direction = 'out' AND state = 'retrying'
    ORDER BY not_before LIMIT ${limit}::int`.execute(query);
  return rows;
}

/** Keys whose time has come, of several subscriptions, longest due first. */
export async function dueKeys(
  { query }: Executor,
  { subscriptionIds, limit }: { subscriptionIds: readonly number[]; limit: number },
): Promise<ParkedKey[]> {
  const { rows } = await sql<ParkedKey>`
    SELECT due.* FROM unnest(${subscriptionIds}::bigint[]) AS s (id), LATERAL (
      SELECT ${PARKED} FROM sync_letters
      WHERE subscription_id = s.id AND direction = 'out' AND state = 'retrying' AND not_before <= now()
      ORDER BY not_before LIMIT ${limit}::int) due`.execute(query);
  return rows;
}

/** Whether a subscription has letters of changes that it did not take, given up or not. */
export async function hasOutwardLetters({ query }: Executor, subscriptionId: number): Promise<boolean> {
  const { rows } = await sql`
    SELECT FROM sync_letters WHERE subscription_id = ${subscriptionId}::bigint AND direction = 'out'
      AND state IN ('retrying', 'dead') LIMIT 1`.execute(query);
  return rows.length > 0;
}

/**
 * Has the present state of items sent to a subscription, also where the other side is known to have it: what it was told before may
 * not be there any more, or our side kept another value than it told. `from_seq` is the newest change of each; items that never
 * changed are left out.
 */
export async function sendAgain(
  { query }: Executor,
  { subscriptionId, keys, delayMs = 0 }: { subscriptionId: number; keys: readonly string[]; delayMs?: number },
): Promise<void> {
  if (keys.length === 0) return;
  const notBefore = sql`now() + ${delayMs}::float8 * interval '1 ms'`;
  await sql`
    INSERT INTO sync_letters AS l (subscription_id, direction, state, key, from_seq, forced, not_before)
    SELECT s.id, 'out', 'retrying', k.key, s.cursor, true, ${notBefore}
    FROM subscriptions s, (SELECT DISTINCT unnest(${keys}::text[]) AS key) k
    WHERE s.id = ${subscriptionId}::bigint
    ORDER BY k.key
    ON CONFLICT (subscription_id, key) WHERE direction = 'out' AND state IN ('retrying', 'dead') DO UPDATE
      SET forced = true, state = 'retrying', attempts = 0, not_before = ${notBefore}, revision = l.revision + 1,
        changed_at = now()`.execute(query);
}

/** An item that one side did not take of the other, as people read it. */
export interface LetterView {
  id: number;
  direction: "out" | "in";
  state: "retrying" | "dead" | "dismissed";
  key: string | null;
  attempts: number;
  nextAttemptAt: Date | null;
  error: StoredError | null;
  findings: unknown;
  body: unknown;
  createdAt: Date;
  changedAt: Date;
  dismissedBy: string | null;
  dismissReason: string | null;
}

/** A subscription's letters, newest first. */
export async function listLetters(
  { query }: Executor,
  {
    subscriptionId,
    state = null,
    direction = null,
    key = null,
    beforeId = null,
    limit,
  }: {
    subscriptionId: number;
    state?: LetterView["state"] | null;
    direction?: LetterView["direction"] | null;
    key?: string | null;
    beforeId?: number | null;
    limit: number;
  },
): Promise<LetterView[]> {
  const { rows } = await sql<LetterView>`
    SELECT id, direction, state, key, attempts, CASE WHEN state = 'retrying' THEN not_before END AS "nextAttemptAt", error,
      findings, body, created_at AS "createdAt", changed_at AS "changedAt", dismissed_by AS "dismissedBy",
      dismiss_reason AS "dismissReason"
    FROM sync_letters
    WHERE subscription_id = ${subscriptionId}::bigint AND (${state}::text IS NULL OR state = ${state})
      AND (${direction}::text IS NULL OR direction = ${direction}) AND (${key}::text IS NULL OR key = ${key})
      AND (${beforeId}::bigint IS NULL OR id < ${beforeId}::bigint)
    ORDER BY id DESC LIMIT ${limit}::int`.execute(query);
  return rows;
}

/** Has letters tried again at once, with all their attempts; no ids: all that are dead. Returns how many. */
export async function retryLetters(
  { query }: Executor,
  { subscriptionId, ids }: { subscriptionId: number; ids: readonly number[] | null },
): Promise<number> {
  const { numAffectedRows } = await sql`
    UPDATE sync_letters SET state = 'retrying', attempts = 0, not_before = now(), revision = revision + 1, changed_at = now()
    WHERE subscription_id = ${subscriptionId}::bigint AND state IN ('retrying', 'dead')
      AND (${ids}::bigint[] IS NULL AND state = 'dead' OR id = ANY(${ids}::bigint[]))`.execute(query);
  return Number(numAffectedRows ?? 0);
}

/** A person says that a letter is to be left. The item's next change is sent as ever. False: there is none that waits. */
export async function dismissLetter(
  { query }: Executor,
  { subscriptionId, id, actor, reason }: { subscriptionId: number; id: number; actor: string; reason: string },
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    UPDATE sync_letters SET state = 'dismissed', dismissed_by = ${actor}, dismiss_reason = ${reason}, changed_at = now()
    WHERE id = ${id}::bigint AND subscription_id = ${subscriptionId}::bigint AND state IN ('retrying', 'dead')`.execute(
    query,
  );
  return numAffectedRows === 1n;
}
