import { sql } from "kysely";
import type { Executor, Tx } from "../../connection.ts";
import type { StoredError } from "../../schema.ts";
import { storableJson } from "../../storable-json.ts";
import { IS_TO_RUN, type SubscriptionFacts } from "./subscription-facts.ts";

/** What a comparison found: counts, and some keys of each kind. */
export interface ReconciliationResult {
  /** Items here and there, when they were looked at. */
  here: number;
  there: number;
  alike: number;
  /** Here, and not there. */
  missingThere: number;
  /** There, and not here. */
  missingHere: number;
  different: number;
  /** Not compared: they were being changed or sent. */
  inFlight: number;
  /** There, but as no item that could be one here: see the letters. */
  invalid: number;
  /** What was done about it: ours sent again, theirs taken, and left as it is. */
  sent: number;
  taken: number;
  left: number;
  /** Why something was left that is otherwise mended; null: nothing was. */
  caution: string | null;
  samples: { kind: "missing_there" | "missing_here" | "different" | "invalid"; key: string; columns: string[] }[];
}

/** A comparison of both sides, for people. */
export interface ReconciliationView {
  id: number;
  subscriptionId: number;
  /** Null: a person asked for it. */
  dueAt: Date | null;
  actor: string | null;
  mend: boolean;
  state: "due" | "running" | "done" | "failed" | "skipped";
  createdAt: Date;
  startedAt: Date | null;
  endedAt: Date | null;
  result: ReconciliationResult | null;
  error: StoredError | null;
}

const VIEW = sql`id, subscription_id AS "subscriptionId", due_at AS "dueAt", actor, mend, state, created_at AS "createdAt",
  started_at AS "startedAt", ended_at AS "endedAt", result, error`;

/** A subscription's comparisons, newest first. */
export async function listReconciliations(
  { query }: Executor,
  { subscriptionId, beforeId = null, limit }: { subscriptionId: number; beforeId?: number | null; limit: number },
): Promise<ReconciliationView[]> {
  const { rows } = await sql<ReconciliationView>`
    SELECT ${VIEW} FROM reconciliations
    WHERE subscription_id = ${subscriptionId}::bigint AND (${beforeId}::bigint IS NULL OR id < ${beforeId}::bigint)
    ORDER BY id DESC LIMIT ${limit}::int`.execute(query);
  return rows;
}

/** Asks for a comparison now. Returns its number, or that of the one that is open already. */
export async function askForReconciliation(
  { query }: Executor,
  { subscriptionId, mend, actor }: { subscriptionId: number; mend: boolean; actor: string },
): Promise<number> {
  const { rows } = await sql<{ id: number }>`
    WITH new AS (
      INSERT INTO reconciliations (subscription_id, mend, actor)
      VALUES (${subscriptionId}::bigint, ${mend}::boolean, ${actor})
      ON CONFLICT (subscription_id) WHERE state IN ('due', 'running') DO NOTHING RETURNING id
    )
    SELECT id FROM new UNION ALL SELECT id FROM reconciliations
    WHERE subscription_id = ${subscriptionId}::bigint AND state IN ('due', 'running') LIMIT 1`.execute(query);
  return rows[0]!.id;
}

/** A subscription that is compared at times, and the newest of these that is known. */
export interface ScheduledReconciliation {
  subscriptionId: number;
  at: string;
  timezone: string;
  mend: boolean;
  /** Due times count from here. */
  after: Date;
}

/** Subscriptions that are compared at times. */
export async function scheduledReconciliations({ query }: Executor): Promise<ScheduledReconciliation[]> {
  const { rows } = await sql<ScheduledReconciliation>`
    SELECT s.id AS "subscriptionId", s.definition -> 'reconcile' ->> 'at' AS at,
      coalesce(s.definition -> 'reconcile' ->> 'timezone', 'UTC') AS timezone,
      coalesce((s.definition -> 'reconcile' ->> 'mend')::boolean, true) AS mend,
      greatest(s.created_at, (SELECT max(due_at) FROM reconciliations r WHERE r.subscription_id = s.id)) AS after
    FROM subscriptions s JOIN projects p ON p.id = s.project_id
    WHERE ${IS_TO_RUN}
      AND jsonb_typeof(s.definition -> 'reconcile') = 'object' ORDER BY s.id`.execute(query);
  return rows;
}

/** Makes a comparison that is due; one that is under way still counts as this one, which is then noted as skipped. */
export async function insertDueReconciliation(
  { query }: Executor,
  { subscriptionId, dueAt, mend }: { subscriptionId: number; dueAt: Date; mend: boolean },
): Promise<void> {
  await sql`
    INSERT INTO reconciliations (subscription_id, due_at, mend, state, ended_at)
    SELECT ${subscriptionId}::bigint, ${dueAt}::timestamptz, ${mend}::boolean,
      CASE WHEN o.isopen THEN 'skipped' ELSE 'due' END, CASE WHEN o.isopen THEN now() END
    FROM (SELECT EXISTS (SELECT FROM reconciliations WHERE subscription_id = ${subscriptionId}::bigint
      AND state IN ('due', 'running')) AS isopen) o
    ON CONFLICT DO NOTHING`.execute(query);
}

/** A comparison as whoever makes it finds it. */
export interface ClaimedReconciliation {
  reconciliationId: number;
  epoch: number;
  attempts: number;
  mend: boolean;
  startedAt: Date;
  subscription: SubscriptionFacts;
}

/** Claims comparisons that are due or whose owner is gone; each begins from the beginning. */
export async function claimReconciliations(
  { query }: Executor,
  { worker, leaseMs, limit }: { worker: string; leaseMs: number; limit: number },
): Promise<ClaimedReconciliation[]> {
  const { rows } = await sql<ClaimedReconciliation>`
    WITH free AS (
      SELECT r.id FROM reconciliations r JOIN subscriptions s ON s.id = r.subscription_id JOIN projects p ON p.id = s.project_id
      WHERE (r.state = 'due' OR r.state = 'running' AND r.lease_until < now()) AND r.not_before <= now()
        AND ${IS_TO_RUN}
      ORDER BY r.id LIMIT ${limit}::int FOR UPDATE OF r SKIP LOCKED
    ), claimed AS (
      UPDATE reconciliations r SET state = 'running', worker = ${worker}, epoch = r.epoch + 1, attempts = r.attempts + 1,
        lease_until = now() + ${leaseMs}::float8 * interval '1 ms', started_at = now()
      FROM free WHERE r.id = free.id RETURNING r.*
    )
    SELECT r.id AS "reconciliationId", r.epoch, r.attempts, r.mend, r.started_at AS "startedAt",
      jsonb_build_object('id', s.id, 'catalogId', s.catalog_id, 'projectId', s.project_id, 'clientId', p.client_id,
        'client', k.slug, 'project', p.slug, 'profileVersion', p.profile_version, 'table', c.table_name, 'name', s.name,
        'definition', s.definition, 'revision', s.revision) AS subscription
    FROM claimed r JOIN subscriptions s ON s.id = r.subscription_id JOIN projects p ON p.id = s.project_id
    JOIN clients k ON k.id = p.client_id JOIN catalogs c ON c.id = s.catalog_id`.execute(query);
  return rows;
}

interface ReconciliationRef {
  reconciliationId: number;
  epoch: number;
}

/** Extends the lease. False: it has another owner. */
export async function renewReconciliation(
  { query }: Executor,
  { reconciliationId, epoch, leaseMs }: ReconciliationRef & { leaseMs: number },
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    UPDATE reconciliations SET lease_until = now() + ${leaseMs}::float8 * interval '1 ms'
    WHERE id = ${reconciliationId}::bigint AND epoch = ${epoch}::int AND state = 'running'`.execute(query);
  return numAffectedRows === 1n;
}

/** Ends a comparison. False: it has another owner. */
export async function endReconciliation(
  { query }: Executor,
  {
    reconciliationId,
    epoch,
    result,
    error,
  }: ReconciliationRef & { result: ReconciliationResult | null; error: StoredError | null },
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    UPDATE reconciliations SET state = ${error === null ? "done" : "failed"},
      result = ${result === null ? null : storableJson(result)}::jsonb,
      error = ${error === null ? null : storableJson(error)}::jsonb, ended_at = now(), worker = NULL, lease_until = NULL
    WHERE id = ${reconciliationId}::bigint AND epoch = ${epoch}::int AND state = 'running'`.execute(query);
  return numAffectedRows === 1n;
}

/** A comparison failed for a reason that may pass: it begins again then. */
export async function delayReconciliation(
  { query }: Executor,
  { reconciliationId, epoch, delayMs, error }: ReconciliationRef & { delayMs: number; error: StoredError },
): Promise<void> {
  await sql`
    UPDATE reconciliations SET state = 'due', not_before = now() + ${delayMs}::float8 * interval '1 ms',
      error = ${storableJson(error)}::jsonb, worker = NULL, lease_until = NULL
    WHERE id = ${reconciliationId}::bigint AND epoch = ${epoch}::int AND state = 'running'`.execute(query);
}

/** Notes keys that the other side has. Returns those that were noted before: it has told of them twice. */
export async function noteKeysThere(
  { query }: Executor,
  { reconciliationId, epoch, keys }: ReconciliationRef & { keys: readonly string[] },
): Promise<Set<string>> {
  const { rows } = await sql<{ key: string }>`
    INSERT INTO reconciliation_keys (reconciliation_id, epoch, key)
    SELECT ${reconciliationId}::bigint, ${epoch}::int, key FROM (SELECT DISTINCT unnest(${keys}::text[]) AS key) k
    ON CONFLICT DO NOTHING RETURNING key`.execute(query);
  const added = new Set(rows.map(({ key }) => key));
  return new Set(keys.filter((key) => !added.has(key)));
}

/** Which of these keys the other side has, as far as it was asked. */
export async function keysThere(
  { query }: Executor,
  { reconciliationId, epoch, keys }: ReconciliationRef & { keys: readonly string[] },
): Promise<Set<string>> {
  const { rows } = await sql<{ key: string }>`
    SELECT key FROM reconciliation_keys WHERE reconciliation_id = ${reconciliationId}::bigint AND epoch = ${epoch}::int
      AND key = ANY(${keys}::text[])`.execute(query);
  return new Set(rows.map(({ key }) => key));
}

/** How many keys were noted. Fewer than were: PostgreSQL has lost them in a crash, and the comparison begins anew. */
export async function countKeysThere(
  { query }: Executor,
  { reconciliationId, epoch }: ReconciliationRef,
): Promise<number> {
  const { rows } = await sql<{ keys: number }>`
    SELECT count(*) AS keys FROM reconciliation_keys
    WHERE reconciliation_id = ${reconciliationId}::bigint AND epoch = ${epoch}::int`.execute(query);
  return rows[0]!.keys;
}

/** Forgets the keys of a comparison, and of its earlier attempts. */
export async function forgetKeysThere(
  { query }: Executor,
  { reconciliationId, epoch }: ReconciliationRef,
): Promise<void> {
  await sql`
    DELETE FROM reconciliation_keys WHERE reconciliation_id = ${reconciliationId}::bigint AND epoch <= ${epoch}::int`.execute(
    query,
  );
}

/**
 * Items that are not to be compared now: changed or settled after a time, not yet settled by the subscription, or parked. What was
 * settled since may be newer than what the other side has said of the item, also where a long transaction changed it before.
 */
export async function keysInFlight(
  { query }: Tx,
  { subscriptionId, since, keys }: { subscriptionId: number; since: Date; keys: readonly string[] },
): Promise<Set<string>> {
  const { rows } = await sql<{ key: string }>`
    SELECT k.key FROM subscriptions s CROSS JOIN unnest(${keys}::text[]) AS k (key)
    WHERE s.id = ${subscriptionId}::bigint AND (
      s.backfill_until IS NOT NULL OR s.wants_backfill IS NOT NULL
      OR EXISTS (SELECT FROM sync_letters l WHERE l.subscription_id = s.id AND l.key = k.key AND l.state IN ('retrying', 'dead'))
      OR EXISTS (SELECT FROM sync_links l WHERE l.subscription_id = s.id AND l.key = k.key AND l.changed_at >= ${since}::timestamptz)
      OR EXISTS (SELECT FROM (SELECT seq, at FROM catalog_changes WHERE catalog_id = s.catalog_id AND key = k.key
        ORDER BY id DESC LIMIT 1) c WHERE c.at >= ${since}::timestamptz
          OR s.definition -> 'outward' <> 'false' AND (c.seq IS NULL OR c.seq > s.cursor)))`.execute(query);
  return new Set(rows.map(({ key }) => key));
}

/** What the comparison before this one found; undefined: it is the first that came to its end. */
export async function findReconciliationBefore(
  { query }: Executor,
  { subscriptionId, id }: { subscriptionId: number; id: number },
): Promise<ReconciliationResult | undefined> {
  const { rows } = await sql<{ result: ReconciliationResult }>`
    SELECT result FROM reconciliations WHERE subscription_id = ${subscriptionId}::bigint AND id < ${id}::bigint
      AND state = 'done' ORDER BY id DESC LIMIT 1`.execute(query);
  return rows[0]?.result;
}

/** Forgets comparisons that ended so long ago. Of each subscription the newest stays. */
export async function dropOldReconciliations(
  { query }: Executor,
  { days, limit }: { days: number; limit: number },
): Promise<number> {
  const { numAffectedRows } = await sql`
    DELETE FROM reconciliations WHERE id = ANY(ARRAY(
      SELECT r.id FROM reconciliations r WHERE r.ended_at < now() - ${days}::int * interval '1 day'
        AND EXISTS (SELECT FROM reconciliations n WHERE n.subscription_id = r.subscription_id AND n.id > r.id)
      ORDER BY r.id LIMIT ${limit}::int))`.execute(query);
  return Number(numAffectedRows ?? 0);
}
