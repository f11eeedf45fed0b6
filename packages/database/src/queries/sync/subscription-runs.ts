import { sql } from "kysely";
import type { Executor } from "../../connection.ts";
import type { StoredError } from "../../schema.ts";
import { IS_TO_RUN, SUBSCRIPTION_FACTS, type SubscriptionFacts } from "./subscription-facts.ts";

/** Who runs a subscription: whatever is written under another epoch is nothing. */
export interface SubscriptionRef {
  id: number;
  epoch: number;
}

/** A subscription as whoever runs it finds it. */
export interface ClaimedSubscription extends SubscriptionFacts, SubscriptionRef {
  cursor: number;
  backfillUntil: number | null;
  backfillPhase: "items" | "orphans";
  backfillKey: string | null;
  backfillForced: boolean;
  replayUntil: number | null;
  round: number;
  failures: number;
  /** How long it is still left alone after a failure. */
  waitMs: number;
}

/**
 * Claims subscriptions that nobody runs, or whose owner's lease has run out, each under a new epoch; and takes up what was
 * asked for meanwhile: a copy of everything counts from the newest numbered change, a replay sets the cursor back.
 * @param freeForMs only those that nobody has run for so long
 */
export async function claimSubscriptions(
  { query }: Executor,
  { worker, leaseMs, limit, freeForMs = 0 }: { worker: string; leaseMs: number; limit: number; freeForMs?: number },
): Promise<ClaimedSubscription[]> {
  const { rows } = await sql<ClaimedSubscription>`
    WITH free AS (
      SELECT s.id, s.catalog_id FROM subscriptions s JOIN projects p ON p.id = s.project_id
      WHERE ${IS_TO_RUN}
        AND s.definition -> 'outward' IS DISTINCT FROM 'false' AND (s.lease_until IS NULL OR s.lease_until < now())
        AND coalesce(s.lease_until, s.created_at) <= now() - ${freeForMs}::float8 * interval '1 ms'
      ORDER BY s.id LIMIT ${limit}::int FOR UPDATE OF s SKIP LOCKED
    ), facts AS (
      SELECT f.id, newest.seq AS newest, since.seq AS since
      FROM free f JOIN subscriptions s ON s.id = f.id
      CROSS JOIN LATERAL (SELECT coalesce(max(seq), 0) AS seq FROM catalog_changes WHERE catalog_id = f.catalog_id) newest
      LEFT JOIN LATERAL (SELECT min(seq) - 1 AS seq FROM catalog_changes
        WHERE catalog_id = f.catalog_id AND seq IS NOT NULL AND at >= s.wants_replay_since) since
        ON s.wants_replay_since IS NOT NULL
    ), claimed AS (
      UPDATE subscriptions s SET worker = ${worker}, epoch = s.epoch + 1,
        lease_until = now() + ${leaseMs}::float8 * interval '1 ms',
        cursor = least(CASE WHEN s.wants_backfill IS NULL THEN s.cursor ELSE f.newest END, f.since),
        replay_until = CASE WHEN f.since < CASE WHEN s.wants_backfill IS NULL THEN s.cursor ELSE f.newest END
          THEN greatest(s.replay_until, s.cursor) ELSE s.replay_until END,
        round = s.round + CASE WHEN s.wants_backfill = 'all' OR s.wants_replay_since IS NOT NULL THEN 1 ELSE 0 END,
        backfill_until = CASE WHEN s.wants_backfill IS NULL THEN s.backfill_until ELSE f.newest END,
        backfill_phase = CASE WHEN s.wants_backfill IS NULL THEN s.backfill_phase ELSE 'items' END,
        backfill_key = CASE WHEN s.wants_backfill IS NULL THEN s.backfill_key END,
        backfill_done = CASE WHEN s.wants_backfill IS NULL THEN s.backfill_done ELSE 0 END,
        backfill_total = CASE WHEN s.wants_backfill IS NULL THEN s.backfill_total END,
        backfill_forced = CASE WHEN s.wants_backfill IS NULL THEN s.backfill_forced ELSE s.wants_backfill = 'all' END,
        wants_backfill = NULL, wants_replay_since = NULL
      FROM facts f WHERE s.id = f.id
      RETURNING s.*
    )
    SELECT ${SUBSCRIPTION_FACTS}, s.epoch, s.cursor, s.backfill_until AS "backfillUntil", s.backfill_phase AS "backfillPhase",
      s.backfill_key AS "backfillKey", s.backfill_forced AS "backfillForced", s.replay_until AS "replayUntil", s.round,
      s.failures, CASE WHEN s.not_before > now() THEN ceil(extract(epoch FROM s.not_before - now()) * 1000)::int ELSE 0 END
        AS "waitMs"
    FROM claimed s JOIN projects p ON p.id = s.project_id JOIN clients k ON k.id = p.client_id
    JOIN catalogs c ON c.id = s.catalog_id ORDER BY s.id`.execute(query);
  return rows;
}

/** How a subscription that is run stands. */
export interface HeldSubscription extends SubscriptionRef {
  revision: number;
  /** Whether it is to be run at all. */
  isWanted: boolean;
}

/** Extends the leases of subscriptions that are run; those that are not in the answer have another owner. */
export async function renewSubscriptions(
  { query }: Executor,
  { held, leaseMs }: { held: readonly SubscriptionRef[]; leaseMs: number },
): Promise<HeldSubscription[]> {
  const { rows } = await sql<HeldSubscription>`
    UPDATE subscriptions s SET lease_until = now() + ${leaseMs}::float8 * interval '1 ms'
    FROM unnest(${held.map(({ id }) => id)}::bigint[], ${held.map(({ epoch }) => epoch)}::int[]) AS h (id, epoch), projects p
    WHERE s.id = h.id AND s.epoch = h.epoch AND s.worker IS NOT NULL AND p.id = s.project_id
    RETURNING s.id, s.epoch, s.revision,
      ${IS_TO_RUN} AS "isWanted"`.execute(query);
  return rows;
}

/** How subscriptions that are run stand, without touching their leases. */
export async function lookAtSubscriptions(
  { query }: Executor,
  held: readonly SubscriptionRef[],
): Promise<HeldSubscription[]> {
  const { rows } = await sql<HeldSubscription>`
    SELECT s.id, s.epoch, s.revision,
      ${IS_TO_RUN} AS "isWanted"
    FROM subscriptions s JOIN projects p ON p.id = s.project_id
    JOIN unnest(${held.map(({ id }) => id)}::bigint[], ${held.map(({ epoch }) => epoch)}::int[]) AS h (id, epoch)
      ON s.id = h.id AND s.epoch = h.epoch
    WHERE s.worker IS NOT NULL`.execute(query);
  return rows;
}

/** Gives a subscription up in order: anybody may claim it at once. */
export async function releaseSubscription({ query }: Executor, { id, epoch }: SubscriptionRef): Promise<void> {
  await sql`
    UPDATE subscriptions SET worker = NULL, lease_until = now()
    WHERE id = ${id}::bigint AND epoch = ${epoch}::int`.execute(query);
}

/** How many subscriptions are to be run, and by how many processes. */
export async function subscriptionShares(
  { query }: Executor,
  { service, silentAfterMs }: { service: string; silentAfterMs: number },
): Promise<{ wanted: number; processes: number }> {
  const { rows } = await sql<{ wanted: number; processes: number }>`
    SELECT (SELECT count(*) FROM subscriptions s JOIN projects p ON p.id = s.project_id
        WHERE ${IS_TO_RUN}
          AND s.definition -> 'outward' IS DISTINCT FROM 'false') AS wanted,
      (SELECT count(*) FROM workers WHERE service = ${service} AND stopped_at IS NULL
        AND heard_at > now() - ${silentAfterMs}::float8 * interval '1 ms') AS processes`.execute(query);
  return rows[0]!;
}

/** What was settled since the last time, to be kept in one go. */
export interface Settlement extends SubscriptionRef {
  /** All changes up to here are settled. */
  cursor: number;
  /** Of a copy of everything: all items up to this key are settled. */
  backfillKey: string | null;
  backfillDone: number;
  pushed: number;
  skipped: number;
  /** Something was taken: what failed before is over. */
  isWell: boolean;
  links: readonly { key: string; id: string | null; version: string | null; hash: string }[];
  /** Whether late echoes of what was pushed may come. */
  keepsRecent: boolean;
  /** Keys that the other side does not have any more. */
  unlinked: readonly string[];
  /** Keys whose letters are settled; one that was asked for anew after this revision stays. */
  settled: readonly { key: string; letterId: number | null; revision: number }[];
  letters: readonly {
    key: string;
    fromSeq: number;
    attempts: number;
    delayMs: number;
    isDead: boolean;
    error: StoredError;
  }[];
}

/** So many pushes of one key are remembered, newest first, for telling late echoes. */
const MOST_RECENT = 16;

/**
 * Keeps what was settled: one statement, one commit. False: the subscription has another owner, and nothing was changed.
 */
export async function settleSubscription({ query }: Executor, settlement: Settlement): Promise<boolean> {
  const { id, epoch, links, unlinked, settled, letters } = settlement;
  const { rows } = await sql<{ id: number }>`
    WITH owner AS (
      UPDATE subscriptions SET cursor = ${settlement.cursor}::bigint, backfill_key = ${settlement.backfillKey},
        backfill_done = backfill_done + ${settlement.backfillDone}::bigint, pushed = pushed + ${settlement.pushed}::bigint,
        skipped = skipped + ${settlement.skipped}::bigint,
        replay_until = CASE WHEN replay_until > ${settlement.cursor}::bigint THEN replay_until END,
        last_success_at = CASE WHEN ${settlement.isWell}::boolean THEN now() ELSE last_success_at END,
        failing_since = CASE WHEN ${settlement.isWell}::boolean THEN NULL ELSE failing_since END,
        told_at = CASE WHEN ${settlement.isWell}::boolean THEN NULL ELSE told_at END,
        failures = CASE WHEN ${settlement.isWell}::boolean THEN 0 ELSE failures END
      WHERE id = ${id}::bigint AND epoch = ${epoch}::int AND worker IS NOT NULL
      RETURNING id
    ), linked AS (
      INSERT INTO sync_links AS l (subscription_id, key, outside_id, outside_version, hash, recent_hashes, recent_at)
      SELECT owner.id, n.key, n.id, n.version, n.hash,
        CASE WHEN ${settlement.keepsRecent}::boolean THEN ARRAY[n.hash] ELSE '{}' END,
        CASE WHEN ${settlement.keepsRecent}::boolean THEN ARRAY[now()] ELSE '{}' END
      FROM owner, unnest(${links.map((link) => link.key)}::text[], ${links.map((link) => link.id)}::text[],
        ${links.map((link) => link.version)}::text[], ${links.map((link) => link.hash)}::text[]) AS n (key, id, version, hash)
      ON CONFLICT (subscription_id, key) DO UPDATE SET outside_id = coalesce(excluded.outside_id, l.outside_id),
        outside_version = coalesce(excluded.outside_version, l.outside_version), hash = excluded.hash,
        recent_hashes = (excluded.recent_hashes || l.recent_hashes)[1:${MOST_RECENT}::int],
        recent_at = (excluded.recent_at || l.recent_at)[1:${MOST_RECENT}::int], changed_at = now()
    ), unlinked AS (
      DELETE FROM sync_links l USING owner WHERE l.subscription_id = owner.id AND l.key = ANY(${unlinked}::text[])
    ), settled AS (
      DELETE FROM sync_letters l USING owner, unnest(${settled.map(({ key }) => key)}::text[],
        ${settled.map(({ letterId }) => letterId)}::bigint[], ${settled.map(({ revision }) => revision)}::int[])
        AS n (key, letter_id, revision)
      WHERE l.subscription_id = owner.id AND l.direction = 'out' AND l.state IN ('retrying', 'dead') AND l.key = n.key
        AND (NOT l.forced OR l.id = n.letter_id AND l.revision = n.revision)
    ), kept AS (
      INSERT INTO sync_letters AS l (subscription_id, direction, state, key, from_seq, attempts, not_before, error)
      SELECT owner.id, 'out', CASE WHEN n.is_dead THEN 'dead' ELSE 'retrying' END, n.key, n.from_seq, n.attempts,
        now() + n.delay_ms * interval '1 ms', n.error
      FROM owner, unnest(${letters.map(({ key }) => key)}::text[], ${letters.map(({ fromSeq }) => fromSeq)}::bigint[],
        ${letters.map(({ attempts }) => attempts)}::int[], ${letters.map(({ delayMs }) => delayMs)}::float8[],
        ${letters.map(({ isDead }) => isDead)}::boolean[],
        ${letters.map(({ error }) => JSON.stringify(error))}::jsonb[]) AS n (key, from_seq, attempts, delay_ms, is_dead, error)
      ON CONFLICT (subscription_id, key) WHERE direction = 'out' AND state IN ('retrying', 'dead') DO UPDATE
        SET state = excluded.state, from_seq = excluded.from_seq, attempts = excluded.attempts,
          not_before = excluded.not_before, error = excluded.error, changed_at = now()
    )
    SELECT id FROM owner`.execute(query);
  return rows.length === 1;
}

/** Goes on to the next part of a copy of everything; null: it is done. */
export async function turnBackfill(
  { query }: Executor,
  { id, epoch, phase }: SubscriptionRef & { phase: "orphans" | null },
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    UPDATE subscriptions SET backfill_key = NULL, backfill_phase = coalesce(${phase}, 'items'),
      backfill_until = CASE WHEN ${phase}::text IS NULL THEN NULL ELSE backfill_until END,
      backfill_forced = backfill_forced AND ${phase}::text IS NOT NULL
    WHERE id = ${id}::bigint AND epoch = ${epoch}::int AND worker IS NOT NULL`.execute(query);
  return numAffectedRows === 1n;
}

/** Says of how many items a copy of everything is. */
export async function noteBackfillTotal(
  { query }: Executor,
  { id, epoch, total }: SubscriptionRef & { total: number },
): Promise<void> {
  await sql`
    UPDATE subscriptions SET backfill_total = ${total}::bigint
    WHERE id = ${id}::bigint AND epoch = ${epoch}::int AND worker IS NOT NULL`.execute(query);
}

/** Nothing is taken just now: when the next attempt is, and why. False: the subscription has another owner. */
export async function noteSubscriptionFailure(
  { query }: Executor,
  { id, epoch, error, delayMs }: SubscriptionRef & { error: StoredError; delayMs: number },
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    UPDATE subscriptions SET failing_since = coalesce(failing_since, now()), failures = failures + 1,
      not_before = now() + ${delayMs}::float8 * interval '1 ms', last_error = ${JSON.stringify(error)}::jsonb,
      last_error_at = now()
    WHERE id = ${id}::bigint AND epoch = ${epoch}::int AND worker IS NOT NULL`.execute(query);
  return numAffectedRows === 1n;
}

/** A subscription that takes nothing, and of which nobody was told. */
export interface UntoldSubscription {
  id: number;
  projectId: number;
  name: string;
  table: string;
  failingSince: Date;
  lastError: StoredError;
}

/** Notes that people are being told of subscriptions that have taken nothing for so long, each once until it takes something again. */
export async function noteToldOfFailing(
  { query }: Executor,
  { failingForMs }: { failingForMs: number },
): Promise<UntoldSubscription[]> {
  const { rows } = await sql<UntoldSubscription>`
    UPDATE subscriptions s SET told_at = now() FROM catalogs c
    WHERE c.id = s.catalog_id AND s.failing_since < now() - ${failingForMs}::float8 * interval '1 ms' AND s.told_at IS NULL
      AND s.last_error IS NOT NULL AND s.ended_at IS NULL AND s.paused_at IS NULL
    RETURNING s.id, s.project_id AS "projectId", s.name, c.table_name AS "table", s.failing_since AS "failingSince",
      s.last_error AS "lastError"`.execute(query);
  return rows;
}
