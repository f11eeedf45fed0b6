import type { Subscription } from "@inlet/contracts";
import { sql } from "kysely";
import type { Executor } from "../../connection.ts";
import type { StoredError, SubscriptionState } from "../../schema.ts";
import type { Scope } from "../batches/batch-views.ts";

/** A subscription as whoever compares it with its profile sees it. */
export interface RegisteredSubscription {
  id: number;
  catalogId: number;
  /** The catalog's. */
  table: string;
  name: string;
  definition: Subscription;
  misconfigured: StoredError | null;
}

/** A project's subscriptions that have not ended. */
export async function registeredSubscriptions(
  { query }: Executor,
  projectId: number,
): Promise<RegisteredSubscription[]> {
  const { rows } = await sql<RegisteredSubscription>`
    SELECT s.id, s.catalog_id AS "catalogId", c.table_name AS "table", s.name, s.definition, s.misconfigured
    FROM subscriptions s JOIN catalogs c ON c.id = s.catalog_id
    WHERE s.project_id = ${projectId}::bigint AND s.ended_at IS NULL ORDER BY s.id`.execute(query);
  return rows;
}

/** Every project's live version and state: whoever has looked at these needs not look again. */
export async function projectVersions({
  query,
}: Executor): Promise<{ id: number; version: number; state: "rehearsal" | "live" }[]> {
  return await query
    .selectFrom("projects")
    .select(["id", "profile_version as version", "state"])
    .where("profile_version", ">", 0)
    .orderBy("id")
    .execute();
}

/** Projects that have subscriptions which have not ended. */
export async function projectsWithSubscriptions({ query }: Executor): Promise<number[]> {
  const { rows } = await sql<{ id: number }>`
    SELECT DISTINCT project_id AS id FROM subscriptions WHERE ended_at IS NULL`.execute(query);
  return rows.map(({ id }) => id);
}

/**
 * Registers what a profile says anew, with a first copy of everything. One that ended under its name, with the same subscriber and
 * for the same catalog, is taken up again: what its items are called on the other side is still known, so nothing is made there
 * twice. Returns undefined when another process was first.
 */
export async function registerSubscription(
  { query }: Executor,
  { projectId, catalogId, definition }: { projectId: number; catalogId: number; definition: Subscription },
): Promise<number | undefined> {
  const { name, use } = definition;
  const document = JSON.stringify(definition);
  const { rows } = await sql<{ id: number }>`
    WITH ended AS (
      UPDATE subscriptions SET ended_at = NULL, definition = ${document}::jsonb, revision = revision + 1, misconfigured = NULL,
        paused_at = NULL, paused_by = NULL, wants_backfill = 'changed', wants_replay_since = NULL, failing_since = NULL,
        failures = 0, not_before = '-infinity', told_at = NULL
      WHERE id = (SELECT max(id) FROM subscriptions WHERE catalog_id = ${catalogId}::bigint AND name = ${name}
          AND use = ${use} AND ended_at IS NOT NULL)
        AND NOT EXISTS (SELECT FROM subscriptions WHERE project_id = ${projectId}::bigint AND name = ${name}
          AND ended_at IS NULL)
      RETURNING id
    ), new AS (
      INSERT INTO subscriptions (catalog_id, project_id, name, use, definition, wants_backfill)
      SELECT ${catalogId}::bigint, ${projectId}::bigint, ${name}, ${use}, ${document}::jsonb, 'changed'
      WHERE NOT EXISTS (SELECT FROM ended)
      ON CONFLICT (project_id, name) WHERE ended_at IS NULL DO NOTHING
      RETURNING id
    )
    SELECT id FROM ended UNION ALL SELECT id FROM new`.execute(query);
  return rows[0]?.id;
}

/**
 * Takes a new definition of the same subscriber: it is opened anew, what was refused is tried again at once, and where other
 * fields are told than before, all items that differ by it are sent.
 */
export async function redefineSubscription(
  { query }: Executor,
  { id, definition, hasOtherFields }: { id: number; definition: Subscription; hasOtherFields: boolean },
): Promise<void> {
  await sql`
    WITH changed AS (
      UPDATE subscriptions SET definition = ${JSON.stringify(definition)}::jsonb, revision = revision + 1,
        misconfigured = NULL, not_before = '-infinity',
        wants_backfill = CASE WHEN ${hasOtherFields}::boolean THEN coalesce(wants_backfill, 'changed') ELSE wants_backfill END
      WHERE id = ${id}::bigint AND ended_at IS NULL
      RETURNING id
    )
    UPDATE sync_letters l SET not_before = now() FROM changed
    WHERE l.subscription_id = changed.id AND l.state = 'retrying'`.execute(query);
}

/** Ends a subscription that its profile does not name any more. What it knows stays: it may come back. */
export async function endSubscription({ query }: Executor, id: number): Promise<void> {
  await sql`
    UPDATE subscriptions SET ended_at = now(), revision = revision + 1
    WHERE id = ${id}::bigint AND ended_at IS NULL`.execute(query);
}

/** Says why a subscription cannot be run as it is; null: it can. */
export async function noteMisconfigured(
  { query }: Executor,
  { id, error }: { id: number; error: StoredError | null },
): Promise<void> {
  const document = error === null ? null : JSON.stringify(error);
  await sql`
    UPDATE subscriptions SET misconfigured = ${document}::jsonb, revision = revision + 1
    WHERE id = ${id}::bigint AND misconfigured IS DISTINCT FROM ${document}::jsonb`.execute(query);
}

/** What a person reads of a subscription. */
export interface SubscriptionView {
  id: number;
  clientId: number;
  client: string;
  projectId: number;
  project: string;
  catalogId: number;
  table: string;
  name: string;
  use: string;
  definition: Subscription;
  state: SubscriptionState;
  /** How far it is behind, in changes of its catalog; counted up to {@link LAG_COUNTED}. */
  lagChanges: number;
  /** How old the oldest change is that it has not settled; 0: none. */
  lagSeconds: number;
  /** Null: no first copy is under way. */
  backfill: { done: number; total: number | null; phase: "items" | "orphans" } | null;
  isReplaying: boolean;
  misconfigured: StoredError | null;
  pausedAt: Date | null;
  pausedBy: string | null;
  failingSince: Date | null;
  /** Why the last poll of it failed; null: it did not, or it is not polled. */
  pollError: StoredError | null;
  pollErrorAt: Date | null;
  /** When it is tried again, while it fails. */
  nextAttemptAt: Date | null;
  lastError: StoredError | null;
  lastErrorAt: Date | null;
  lastSuccessAt: Date | null;
  pushed: number;
  skipped: number;
  retrying: number;
  dead: number;
  createdAt: Date;
  endedAt: Date | null;
}

/** Beyond so many, a lag is not counted further: what is shown then is this. */
export const LAG_COUNTED = 10_000;

/** Which subscriptions are listed: what is absent or null does not count. */
export interface SubscriptionFilter {
  /** The one client whose subscriptions are seen. */
  scope?: Scope;
  id?: number | null;
  projectId?: number | null;
  client?: string | null;
  project?: string | null;
  name?: string | null;
  /** Those that ended as well. */
  withEnded?: boolean | undefined;
  /** Those with a greater number. */
  afterId?: number;
  limit?: number;
}

/** Subscriptions in the order in which they were made, with how far behind each is. */
export async function listSubscriptions(
  { query }: Executor,
  {
    scope = null,
    id = null,
    projectId = null,
    client = null,
    project = null,
    name = null,
    withEnded = false,
    afterId = 0,
    limit = 1_000,
  }: SubscriptionFilter,
): Promise<SubscriptionView[]> {
  const { rows } = await sql<SubscriptionView>`
    SELECT s.id, k.id AS "clientId", k.slug AS client, p.id AS "projectId", p.slug AS project, s.catalog_id AS "catalogId", c.table_name AS "table", s.name, s.use, s.definition, s.state,
      (SELECT count(*) FROM (SELECT FROM catalog_changes h WHERE h.catalog_id = s.catalog_id AND h.seq > s.cursor
        AND s.definition -> 'outward' IS DISTINCT FROM 'false' LIMIT ${LAG_COUNTED}::int) behind) AS "lagChanges",
      coalesce((SELECT extract(epoch FROM now() - h.at)::float8 FROM catalog_changes h
        WHERE h.catalog_id = s.catalog_id AND h.seq > s.cursor AND s.definition -> 'outward' IS DISTINCT FROM 'false'
        ORDER BY h.seq LIMIT 1), 0) AS "lagSeconds",
      CASE WHEN s.backfill_until IS NOT NULL THEN jsonb_build_object('done', s.backfill_done, 'total', s.backfill_total,
        'phase', s.backfill_phase) END AS backfill,
      s.replay_until IS NOT NULL OR s.wants_replay_since IS NOT NULL AS "isReplaying",
      s.misconfigured, s.paused_at AS "pausedAt", s.paused_by AS "pausedBy", s.failing_since AS "failingSince",
      i.error AS "pollError", i.error_at AS "pollErrorAt",
      CASE WHEN s.failing_since IS NOT NULL AND isfinite(s.not_before) THEN s.not_before END AS "nextAttemptAt",
      s.last_error AS "lastError", s.last_error_at AS "lastErrorAt", s.last_success_at AS "lastSuccessAt",
      s.pushed, s.skipped, coalesce(l.retrying, 0) AS retrying, coalesce(l.dead, 0) AS dead,
      s.created_at AS "createdAt", s.ended_at AS "endedAt"
    FROM subscriptions s JOIN catalogs c ON c.id = s.catalog_id JOIN projects p ON p.id = s.project_id
    JOIN clients k ON k.id = p.client_id LEFT JOIN inward_states i ON i.subscription_id = s.id
    LEFT JOIN LATERAL (SELECT count(*) FILTER (WHERE state = 'retrying') AS retrying,
      count(*) FILTER (WHERE state = 'dead') AS dead
      FROM sync_letters WHERE subscription_id = s.id AND state IN ('retrying', 'dead')) l ON true
    WHERE s.id > ${afterId}::bigint AND (${id}::bigint IS NULL OR s.id = ${id}::bigint)
      AND (${scope}::bigint IS NULL OR p.client_id = ${scope}::bigint)
      AND (${projectId}::bigint IS NULL OR s.project_id = ${projectId}::bigint)
      AND (${client}::text IS NULL OR k.slug = ${client}) AND (${project}::text IS NULL OR p.slug = ${project})
      AND (${name}::text IS NULL OR s.name = ${name}) AND (${withEnded}::boolean OR s.ended_at IS NULL)
    ORDER BY s.id LIMIT ${limit}::int`.execute(query);
  return rows;
}

/** Stops a subscription until it is resumed; what is under way is ended first. False: there is none of this number. */
export async function pauseSubscription(
  { query }: Executor,
  { id, actor }: { id: number; actor: string },
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    UPDATE subscriptions SET paused_at = coalesce(paused_at, now()), paused_by = coalesce(paused_by, ${actor}),
      revision = revision + 1
    WHERE id = ${id}::bigint AND ended_at IS NULL`.execute(query);
  return numAffectedRows === 1n;
}

/** Lets a subscription go on where it stopped, at once also when it was waiting after a failure. */
export async function resumeSubscription({ query }: Executor, id: number): Promise<boolean> {
  const { numAffectedRows } = await sql`
    UPDATE subscriptions SET paused_at = NULL, paused_by = NULL, not_before = '-infinity', revision = revision + 1
    WHERE id = ${id}::bigint AND ended_at IS NULL`.execute(query);
  return numAffectedRows === 1n;
}

/** Asks for the changes since a time to be sent once more, in their order, before what comes after them. */
export async function replaySubscription(
  { query }: Executor,
  { id, since }: { id: number; since: Date },
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    UPDATE subscriptions SET wants_replay_since = least(wants_replay_since, ${since}::timestamptz), revision = revision + 1
    WHERE id = ${id}::bigint AND ended_at IS NULL`.execute(query);
  return numAffectedRows === 1n;
}

/** Asks for a copy of everything: `all`, or only what differs from what the other side is known to have. */
export async function backfillSubscription(
  { query }: Executor,
  { id, which }: { id: number; which: "changed" | "all" },
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    UPDATE subscriptions SET wants_backfill = CASE WHEN wants_backfill = 'all' THEN 'all' ELSE ${which} END, revision = revision + 1
    WHERE id = ${id}::bigint AND ended_at IS NULL`.execute(query);
  return numAffectedRows === 1n;
}

/** One catalog's oldest change that any subscription may still read: older ones are history only. Null: none is waited for. */
export async function oldestChangeNeeded({ query }: Executor, catalogId: number): Promise<number | null> {
  const { rows } = await sql<{ seq: number | null }>`
    SELECT least(
      (SELECT min(cursor) + 1 FROM subscriptions WHERE catalog_id = ${catalogId}::bigint AND ended_at IS NULL
        AND definition -> 'outward' IS DISTINCT FROM 'false'),
      (SELECT min(l.from_seq) FROM sync_letters l JOIN subscriptions s ON s.id = l.subscription_id
        WHERE s.catalog_id = ${catalogId}::bigint AND s.ended_at IS NULL AND l.direction = 'out'
          AND l.state IN ('retrying', 'dead'))) AS seq`.execute(query);
  return rows[0]!.seq;
}

/** For metrics: how many subscriptions there are of each state, and how far the one furthest behind is. */
export async function subscriptionFigures({
  query,
}: Executor): Promise<{ states: Record<string, number>; lagChanges: number; lagSeconds: number }> {
  const { rows } = await sql<{ state: string; count: number; lagChanges: number; lagSeconds: number }>`
    SELECT s.state, count(*) AS count, coalesce(max(f.changes), 0) AS "lagChanges",
      coalesce(max(f.seconds), 0) AS "lagSeconds"
    FROM subscriptions s LEFT JOIN LATERAL (
      SELECT (SELECT count(*) FROM (SELECT FROM catalog_changes h WHERE h.catalog_id = s.catalog_id AND h.seq > s.cursor
          LIMIT 10000) behind) AS changes,
        (SELECT extract(epoch FROM now() - h.at)::float8 FROM catalog_changes h
          WHERE h.catalog_id = s.catalog_id AND h.seq > s.cursor ORDER BY h.seq LIMIT 1) AS seconds
    ) f ON s.ended_at IS NULL AND s.paused_at IS NULL AND s.definition -> 'outward' IS DISTINCT FROM 'false'
    GROUP BY s.state`.execute(query);
  return {
    states: Object.fromEntries(rows.map(({ state, count }) => [state, count])),
    lagChanges: Math.max(0, ...rows.map(({ lagChanges }) => lagChanges)),
    lagSeconds: Math.max(0, ...rows.map(({ lagSeconds }) => lagSeconds)),
  };
}
