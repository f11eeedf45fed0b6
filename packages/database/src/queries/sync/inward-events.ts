import { sql } from "kysely";
import type { Executor, Tx } from "../../connection.ts";
import type { StoredError } from "../../schema.ts";
import { storableJson } from "../../storable-json.ts";
import { FACTS_OF, IS_TO_RUN, SUBSCRIPTION_FACTS, type SubscriptionFacts } from "./subscription-facts.ts";

/** The subscription that an address of the public listener names; undefined: none takes webhooks there. */
export async function findInwardSubscription(
  { query }: Executor,
  { client, project, name }: { client: string; project: string; name: string },
): Promise<SubscriptionFacts | undefined> {
  const { rows } = await sql<SubscriptionFacts>`
    SELECT ${SUBSCRIPTION_FACTS} FROM ${FACTS_OF}
    WHERE k.slug = ${client} AND p.slug = ${project} AND s.name = ${name} AND s.ended_at IS NULL AND p.state = 'live'
      AND s.definition -> 'inward' ->> 'by' = 'webhook'`.execute(query);
  return rows[0];
}

/**
 * Stores an event before its sender is answered. The same event again is none.
 * @param body its items, sealed
 * @returns false: it was here already
 */
export async function storeInwardEvent(
  { query }: Executor,
  event: { subscriptionId: number; eventId: string; body: Buffer; items: number },
): Promise<boolean> {
  const { rows } = await sql<{ id: number }>`
    INSERT INTO inward_events (subscription_id, event_id, body, items)
    VALUES (${event.subscriptionId}::bigint, ${event.eventId}, ${event.body}::bytea, ${event.items}::int)
    ON CONFLICT (subscription_id, event_id) DO NOTHING RETURNING id`.execute(query);
  return rows.length === 1;
}

/** Subscriptions with an event, or a letter that a person wants tried again, to be worked on now. */
export async function subscriptionsWithInward({ query }: Executor, limit: number): Promise<SubscriptionFacts[]> {
  const { rows } = await sql<SubscriptionFacts>`
    WITH RECURSIVE first AS (
      (SELECT subscription_id AS id, not_before FROM inward_events WHERE state = 'waiting' ORDER BY subscription_id, id LIMIT 1)
      UNION ALL
      SELECT next.* FROM first, LATERAL (SELECT e.subscription_id, e.not_before FROM inward_events e
        WHERE e.state = 'waiting' AND e.subscription_id > first.id ORDER BY e.subscription_id, e.id LIMIT 1) next
    )
    SELECT ${SUBSCRIPTION_FACTS} FROM ${FACTS_OF}
    WHERE ${IS_TO_RUN} AND (EXISTS (SELECT FROM first WHERE first.id = s.id AND first.not_before <= now())
      OR EXISTS (SELECT FROM sync_letters l WHERE l.subscription_id = s.id AND l.direction = 'in' AND l.state = 'retrying'
        AND l.not_before <= now()))
    ORDER BY s.id LIMIT ${limit}::int`.execute(query);
  return rows;
}

/** A subscription as whoever works on it knows it. */
type KnownSubscription = Pick<SubscriptionFacts, "id" | "revision" | "profileVersion">;

/** Whether it is still so, and is to be run: it was not paused, redefined or ended meanwhile, nor its project taken back to rehearsal. */
const isCurrent = ({ id, revision, profileVersion }: KnownSubscription) => sql`
  EXISTS (SELECT FROM subscriptions s JOIN projects p ON p.id = s.project_id WHERE s.id = ${id}::bigint
    AND s.revision = ${revision}::int AND p.profile_version = ${profileVersion}::int AND ${IS_TO_RUN})`;

/**
 * Makes this transaction the one that takes what comes inward of a subscription: events, pages of polls and of comparisons go one
 * after another. False: another one is at it, or the subscription is not as it was any more.
 */
export async function tryLockInward({ query }: Tx, subscription: KnownSubscription): Promise<boolean> {
  const { rows } = await sql<{ isOurs: boolean }>`
    SELECT pg_try_advisory_xact_lock(hashtext('inward'), ${subscription.id}::int) AND ${isCurrent(subscription)} AS "isOurs"`.execute(
    query,
  );
  return rows[0]!.isOurs;
}

/** The same, waiting for its turn. False: the subscription is not as it was any more. */
export async function lockInward({ query }: Tx, subscription: KnownSubscription): Promise<boolean> {
  await sql`SELECT pg_advisory_xact_lock(hashtext('inward'), ${subscription.id}::int)`.execute(query);
  // A statement of its own: it sees what was committed while this one waited.
  const { rows } = await sql<{ isOurs: boolean }>`SELECT ${isCurrent(subscription)} AS "isOurs"`.execute(query);
  return rows[0]!.isOurs;
}

/** An event that waits. */
export interface InwardEvent {
  id: number;
  eventId: string;
  receivedAt: Date;
  body: Buffer;
  attempts: number;
}

/** A subscription's oldest event that waits, when its time has come: younger ones wait behind it. */
export async function nextInwardEvent({ query }: Tx, subscriptionId: number): Promise<InwardEvent | undefined> {
  const { rows } = await sql<InwardEvent & { isDue: boolean }>`
    SELECT id, event_id AS "eventId", received_at AS "receivedAt", body, attempts, not_before <= now() AS "isDue"
    FROM inward_events WHERE subscription_id = ${subscriptionId}::bigint AND state = 'waiting'
    ORDER BY id LIMIT 1 FOR UPDATE`.execute(query);
  return rows[0]?.isDue ? rows[0] : undefined;
}

/** What became of items that came. */
export interface InwardCounts {
  changed: number;
  unchanged: number;
  refused: number;
}

/** Ends an event, in the transaction that took its items. What was in it is forgotten; that it was here is not. */
export async function endInwardEvent(
  { query }: Tx,
  { id, counts, error }: { id: number; counts: InwardCounts; error: StoredError | null },
): Promise<void> {
  await sql`
    UPDATE inward_events SET state = ${error === null ? "done" : "failed"}, body = NULL, changed = ${counts.changed}::int,
      unchanged = ${counts.unchanged}::int, refused = ${counts.refused}::int,
      error = ${error === null ? null : storableJson(error)}::jsonb, ended_at = now()
    WHERE id = ${id}::bigint`.execute(query);
}

/** An event could not be worked on; it is tried again, and those behind it wait. Returns its attempts. */
export async function delayInwardEvent(
  { query }: Executor,
  { id, delayMs, error }: { id: number; delayMs: number; error: StoredError },
): Promise<number> {
  const { rows } = await sql<{ attempts: number }>`
    UPDATE inward_events SET attempts = attempts + 1, not_before = now() + ${delayMs}::float8 * interval '1 ms',
      error = ${storableJson(error)}::jsonb
    WHERE id = ${id}::bigint AND state = 'waiting' RETURNING attempts`.execute(query);
  return rows[0]?.attempts ?? 0;
}

/** Adds to a subscription's figures, in the transaction that took the items. */
export async function countInward(
  { query }: Executor,
  { subscriptionId, counts }: { subscriptionId: number; counts: InwardCounts },
): Promise<void> {
  await sql`
    INSERT INTO inward_states AS i (subscription_id, changed, unchanged, refused, last_item_at)
    VALUES (${subscriptionId}::bigint, ${counts.changed}::bigint, ${counts.unchanged}::bigint, ${counts.refused}::bigint, now())
    ON CONFLICT (subscription_id) DO UPDATE SET changed = i.changed + excluded.changed,
      unchanged = i.unchanged + excluded.unchanged, refused = i.refused + excluded.refused, last_item_at = now()`.execute(
    query,
  );
}

/** Counts requests to the public listener that were not let in: a wrong signature, or one that is too old. */
export async function countTurnedAway(
  { query }: Executor,
  turned: readonly { subscriptionId: number; count: number; reason: string }[],
): Promise<void> {
  if (turned.length === 0) return;
  await sql`
    INSERT INTO inward_states AS i (subscription_id, turned_away, turned_away_at, turned_away_reason)
    SELECT s.id, n.count, now(), n.reason
    FROM unnest(${turned.map(({ subscriptionId }) => subscriptionId)}::bigint[], ${turned.map(({ count }) => count)}::bigint[],
      ${turned.map(({ reason }) => reason.replaceAll("\0", "␀"))}::text[]) AS n (id, count, reason) JOIN subscriptions s ON s.id = n.id
    ORDER BY s.id
    ON CONFLICT (subscription_id) DO UPDATE SET turned_away = i.turned_away + excluded.turned_away, turned_away_at = now(),
      turned_away_reason = excluded.turned_away_reason`.execute(query);
}

/** Forgets events that ended so long ago that no sender repeats them. Returns how many. */
export async function dropOldInwardEvents(
  { query }: Executor,
  { days, limit }: { days: number; limit: number },
): Promise<number> {
  const { numAffectedRows } = await sql`
    DELETE FROM inward_events WHERE id = ANY(ARRAY(
      SELECT id FROM inward_events WHERE received_at < now() - ${days}::int * interval '1 day' AND state <> 'waiting'
      ORDER BY received_at LIMIT ${limit}::int))`.execute(query);
  return Number(numAffectedRows ?? 0);
}
