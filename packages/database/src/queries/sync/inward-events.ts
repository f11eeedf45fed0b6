import { sql } from "kysely";
import type { Executor, Tx } from "../../connection.ts";
import type { StoredError } from "../../schema.ts";
import { storableJson } from "../../storable-json.ts";
import type { SubscriptionFacts } from "./subscription-facts.ts";

const INWARD = sql`s.id, s.catalog_id AS "catalogId", s.project_id AS "projectId", p.client_id AS "clientId", k.slug AS client,
  p.slug AS project, p.profile_version AS "profileVersion", c.table_name AS "table", s.name, s.definition, s.revision`;
const OF = sql`subscriptions s JOIN projects p ON p.id = s.project_id JOIN clients k ON k.id = p.client_id
  JOIN catalogs c ON c.id = s.catalog_id`;
/** What is paused or cannot be run keeps what comes, and works on it later. */
const RUNS = sql`s.ended_at IS NULL AND s.paused_at IS NULL AND s.misconfigured IS NULL AND p.state = 'live'`;

/** The subscription that an address of the public listener names; undefined: none takes webhooks there. */
export async function findInwardSubscription(
  { query }: Executor,
  { client, project, name }: { client: string; project: string; name: string },
): Promise<SubscriptionFacts | undefined> {
  const { rows } = await sql<SubscriptionFacts>`
    SELECT ${INWARD} FROM ${OF}
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
    SELECT ${INWARD} FROM ${OF}
    WHERE ${RUNS} AND (EXISTS (SELECT FROM first WHERE first.id = s.id AND first.not_before <= now())
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
    AND s.revision = ${revision}::int AND p.profile_version = ${profileVersion}::int AND ${RUNS})`;

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
