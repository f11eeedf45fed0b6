import { sql } from "kysely";
import type { Executor, Tx } from "../../connection.ts";
import type { StoredError } from "../../schema.ts";
import { storableJson } from "../../storable-json.ts";
import { IS_TO_RUN, SUBSCRIPTION_FACTS, type SubscriptionFacts } from "./subscription-facts.ts";

/** A subscription whose poll is due, as whoever has claimed it finds it. */
export interface DuePoll extends SubscriptionFacts {
  epoch: number;
  /** Where it goes on; null: from the beginning. */
  cursor: string | null;
  failures: number;
}

/** Claims polls that are due, longest due first, each under a new epoch. What was never polled is due at once. */
export async function claimPolls(
  { query }: Executor,
  { worker, leaseMs, limit }: { worker: string; leaseMs: number; limit: number },
): Promise<DuePoll[]> {
  const { rows } = await sql<DuePoll>`
    WITH polled AS (
      SELECT s.id FROM subscriptions s JOIN projects p ON p.id = s.project_id
      WHERE ${IS_TO_RUN}
        AND s.definition -> 'inward' ->> 'by' = 'poll'
    ), made AS (
      INSERT INTO inward_states (subscription_id)
      SELECT id FROM polled WHERE NOT EXISTS (SELECT FROM inward_states WHERE subscription_id = polled.id) ORDER BY id
      ON CONFLICT (subscription_id) DO NOTHING
    ), due AS (
      SELECT i.subscription_id AS id FROM inward_states i JOIN polled ON polled.id = i.subscription_id
      WHERE i.poll_at <= now() AND (i.lease_until IS NULL OR i.lease_until < now())
      ORDER BY i.poll_at LIMIT ${limit}::int FOR UPDATE OF i SKIP LOCKED
    ), claimed AS (
      UPDATE inward_states i SET worker = ${worker}, epoch = i.epoch + 1,
        lease_until = now() + ${leaseMs}::float8 * interval '1 ms'
      FROM due WHERE i.subscription_id = due.id RETURNING i.*
    )
    SELECT ${SUBSCRIPTION_FACTS}, i.epoch, i.cursor, i.failures
    FROM claimed i JOIN subscriptions s ON s.id = i.subscription_id JOIN projects p ON p.id = s.project_id
    JOIN clients k ON k.id = p.client_id JOIN catalogs c ON c.id = s.catalog_id ORDER BY s.id`.execute(query);
  return rows;
}

/** Extends the lease of a poll that takes long. False: it has another owner. */
export async function renewPoll(
  { query }: Executor,
  { id, epoch, leaseMs }: { id: number; epoch: number; leaseMs: number },
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    UPDATE inward_states SET lease_until = now() + ${leaseMs}::float8 * interval '1 ms'
    WHERE subscription_id = ${id}::bigint AND epoch = ${epoch}::int AND worker IS NOT NULL`.execute(query);
  return numAffectedRows === 1n;
}

/**
 * Moves the cursor, in the transaction that took the page's items. The last page sets when the next poll is.
 * False: the poll has another owner; the transaction is to be rolled back.
 */
export async function movePoll(
  { query }: Tx,
  page: { id: number; epoch: number; cursor: string | null; hasMore: boolean; leaseMs: number; nextInMs: number },
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    UPDATE inward_states SET cursor = ${page.cursor}, has_more = ${page.hasMore}::boolean, failures = 0, error = NULL,
      error_at = NULL, last_poll_at = now(),
      first_done_at = CASE WHEN ${page.hasMore}::boolean THEN first_done_at ELSE coalesce(first_done_at, now()) END,
      poll_at = CASE WHEN ${page.hasMore}::boolean THEN poll_at ELSE now() + ${page.nextInMs}::float8 * interval '1 ms' END,
      worker = CASE WHEN ${page.hasMore}::boolean THEN worker END,
      lease_until = CASE WHEN ${page.hasMore}::boolean THEN now() + ${page.leaseMs}::float8 * interval '1 ms' END
    WHERE subscription_id = ${page.id}::bigint AND epoch = ${page.epoch}::int AND worker IS NOT NULL`.execute(query);
  return numAffectedRows === 1n;
}

/** A poll failed: when the next is, and why. Ends the claim. */
export async function delayPoll(
  { query }: Executor,
  { id, epoch, delayMs, error }: { id: number; epoch: number; delayMs: number; error: StoredError },
): Promise<void> {
  await sql`
    UPDATE inward_states SET failures = failures + 1, error = ${storableJson(error)}::jsonb, error_at = now(),
      poll_at = now() + ${delayMs}::float8 * interval '1 ms', worker = NULL, lease_until = NULL
    WHERE subscription_id = ${id}::bigint AND epoch = ${epoch}::int AND worker IS NOT NULL`.execute(query);
}

/** Ends the claim of a poll that was interrupted: anybody may go on at once. */
export async function releasePoll({ query }: Executor, { id, epoch }: { id: number; epoch: number }): Promise<void> {
  await sql`
    UPDATE inward_states SET worker = NULL, lease_until = NULL
    WHERE subscription_id = ${id}::bigint AND epoch = ${epoch}::int`.execute(query);
}

/** How what comes inward of a subscription stands, for people. */
export interface InwardView {
  /** Items since the subscription is there: those that changed something here, those that did not, those that were refused. */
  changed: number;
  unchanged: number;
  refused: number;
  lastItemAt: Date | null;
  /** Events that are stored and wait. */
  waiting: number;
  lastPollAt: Date | null;
  /** When the next poll is. */
  pollAt: Date | null;
  /** The first poll, which brings everything, has come to its end. */
  isFirstDone: boolean;
  failures: number;
  error: StoredError | null;
  errorAt: Date | null;
  /** Requests to the public listener that were not let in. */
  turnedAway: number;
  turnedAwayAt: Date | null;
  turnedAwayReason: string | null;
}

/** How what comes inward of a subscription stands; undefined: nothing has come yet. */
export async function findInwardState({ query }: Executor, subscriptionId: number): Promise<InwardView | undefined> {
  const { rows } = await sql<InwardView>`
    SELECT i.changed, i.unchanged, i.refused, i.last_item_at AS "lastItemAt",
      (SELECT count(*) FROM inward_events e WHERE e.subscription_id = s.id AND e.state = 'waiting') AS waiting,
      i.last_poll_at AS "lastPollAt",
      CASE WHEN s.definition -> 'inward' ->> 'by' = 'poll' AND i.poll_at > '-infinity' THEN i.poll_at END AS "pollAt",
      i.first_done_at IS NOT NULL AS "isFirstDone", i.failures, i.error, i.error_at AS "errorAt", i.turned_away AS "turnedAway",
      i.turned_away_at AS "turnedAwayAt", i.turned_away_reason AS "turnedAwayReason"
    FROM inward_states i JOIN subscriptions s ON s.id = i.subscription_id
    WHERE s.id = ${subscriptionId}::bigint`.execute(query);
  return rows[0];
}

/** Has a subscription polled at once; `fromStart`: everything once more. */
export async function pollNow(
  { query }: Executor,
  { subscriptionId, fromStart }: { subscriptionId: number; fromStart: boolean },
): Promise<void> {
  await sql`
    INSERT INTO inward_states AS i (subscription_id) VALUES (${subscriptionId}::bigint)
    ON CONFLICT (subscription_id) DO UPDATE SET poll_at = now(),
      cursor = CASE WHEN ${fromStart}::boolean THEN NULL ELSE i.cursor END,
      epoch = CASE WHEN ${fromStart}::boolean THEN i.epoch + 1 ELSE i.epoch END,
      worker = CASE WHEN ${fromStart}::boolean THEN NULL ELSE i.worker END,
      lease_until = CASE WHEN ${fromStart}::boolean THEN NULL ELSE i.lease_until END`.execute(query);
}

/** The time by PostgreSQL's clock, by which pushes are stamped, too. */
export async function databaseTime({ query }: Executor): Promise<Date> {
  const { rows } = await sql<{ now: Date }>`SELECT now() AS now`.execute(query);
  return rows[0]!.now;
}
