import { type ArtifactKind, type StepKind, stepKindSchema } from "@inlet/contracts";
import { sql } from "kysely";
import type { Executor } from "../connection.ts";
import type { StoredError } from "../schema.ts";
import { type Artifact, artifactsUpsert } from "./artifacts.ts";
import { type BatchProgress, progressUpdate } from "./batches.ts";

/** A step's id and the epoch under which it may be worked on: what a job carries. */
export interface StepRef {
  stepId: number;
  epoch: number;
  kind: StepKind;
}

/** A file of at least this size is admitted in the lane for giants. */
export const GIANT_BYTES = 32 * 1024 * 1024;

interface StoredArtifact {
  blobKey: string;
  name: string;
  sizeBytes: number;
  /** Hexadecimal. */
  sha256: string;
}

/** All that a stage needs to know of the step it was given, read in the statement that claims it. */
export interface ClaimedStep {
  stepId: number;
  epoch: number;
  kind: StepKind;
  attempts: number;
  batchId: number;
  runId: number;
  clientId: number;
  client: string;
  projectId: number;
  project: string;
  profileVersion: number;
  tableName: string | null;
  accountId: number | null;
  source: string;
  fileName: string;
  sizeBytes: number;
  declared: number | null;
  records: number | null;
  valid: number | null;
  rejected: number | null;
  links: number | null;
  withheld: number | null;
  linkKeyId: number | null;
  linksExpireAt: Date | null;
  forcedReason: string | null;
  receivedAt: Date;
  importedAt: Date | null;
  artifacts: Partial<Record<ArtifactKind, StoredArtifact>>;
  /** What earlier steps of the batch left for later ones. */
  results: Partial<Record<StepKind, Record<string, unknown>>>;
}

/**
 * Claims a step for one attempt: ready → running at the job's epoch, under a lease. Returns undefined when another worker
 * holds it, its time has not come, or the epoch has moved on: then the job is to be dropped.
 */
export async function claimStep(
  { query }: Executor,
  { stepId, epoch, worker, leaseMs }: { stepId: number; epoch: number; worker: string; leaseMs: number },
): Promise<ClaimedStep | undefined> {
  const { rows } = await sql<ClaimedStep>`
    WITH claimed AS (
      UPDATE steps SET state = 'running', attempts = attempts + 1, worker = ${worker},
        started_at = now(), lease_until = now() + ${leaseMs}::float8 * interval '1 ms'
      WHERE id = ${stepId}::bigint AND epoch = ${epoch}::int AND state = 'ready' AND not_before <= now()
      RETURNING id, epoch, kind, attempts, batch_id
    )
    SELECT s.id AS "stepId", s.epoch, s.kind, s.attempts, b.id AS "batchId", b.run_id AS "runId",
      b.client_id AS "clientId", c.slug AS client, b.project_id AS "projectId", p.slug AS project,
      b.profile_version AS "profileVersion", b.table_name AS "tableName", b.account_id AS "accountId", b.source,
      b.file_name AS "fileName", b.size_bytes AS "sizeBytes", b.declared, b.records, b.valid, b.rejected, b.links,
      b.withheld, b.link_key_id AS "linkKeyId", b.links_expire_at AS "linksExpireAt",
      b.forced_reason AS "forcedReason", b.received_at AS "receivedAt", b.imported_at AS "importedAt",
      (SELECT coalesce(jsonb_object_agg(a.kind, jsonb_build_object('blobKey', a.blob_key, 'name', a.name,
         'sizeBytes', a.size_bytes, 'sha256', encode(a.sha256, 'hex'))), '{}')
       FROM artifacts a WHERE a.batch_id = b.id) AS artifacts,
      (SELECT coalesce(jsonb_object_agg(e.kind, e.result), '{}')
       FROM steps e WHERE e.batch_id = b.id AND e.state = 'done' AND e.result IS NOT NULL) AS results
    FROM claimed s
    JOIN batches b ON b.id = s.batch_id
    JOIN clients c ON c.id = b.client_id
    JOIN projects p ON p.id = b.project_id`.execute(query);
  return rows[0];
}

/** Extends a lease. False: the step is no longer ours; stop. */
export async function renewLease(
  { query }: Executor,
  { stepId, epoch, leaseMs }: { stepId: number; epoch: number; leaseMs: number },
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    UPDATE steps SET lease_until = now() + ${leaseMs}::float8 * interval '1 ms'
    WHERE id = ${stepId}::bigint AND epoch = ${epoch}::int AND state = 'running'`.execute(query);
  return numAffectedRows === 1n;
}

/** Marks a step done: the fenced update, last before COMMIT. False: not the owner any more; roll back. */
export async function finishStep(
  { query }: Executor,
  { stepId, epoch, result }: { stepId: number; epoch: number; result: Record<string, unknown> | null },
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    UPDATE steps SET state = 'done', result = ${result === null ? null : JSON.stringify(result)}::jsonb,
      finished_at = clock_timestamp(), lease_until = NULL, error = NULL
    WHERE id = ${stepId}::bigint AND epoch = ${epoch}::int AND state = 'running'`.execute(query);
  return numAffectedRows === 1n;
}

/** What a stage leaves behind as its batch goes on to the next one. */
export interface Advance {
  stepId: number;
  epoch: number;
  batchId: number;
  next: StepKind;
  result: Record<string, unknown> | null;
  progress: BatchProgress;
  artifacts: readonly Artifact[];
}

/**
 * Ends a step and sets the batch's next one, not admitted yet, with all that the stage found: one statement, because small
 * files are paid for by the round trip. False: not the owner any more, and nothing was changed. The batch's row is locked
 * before the step's, as everywhere.
 */
export async function advanceStep({ query }: Executor, advance: Advance): Promise<boolean> {
  const { stepId, epoch, batchId, next, result, progress, artifacts } = advance;
  const { rows } = await sql<{ ended: boolean }>`
    WITH held AS (SELECT id FROM batches WHERE id = ${batchId}::bigint FOR UPDATE),
    ended AS (
      UPDATE steps SET state = 'done', result = ${result === null ? null : JSON.stringify(result)}::jsonb,
        finished_at = clock_timestamp(), lease_until = NULL, error = NULL
      WHERE id = ${stepId}::bigint AND epoch = ${epoch}::int AND state = 'running' AND batch_id = (SELECT id FROM held)
      RETURNING batch_id, client_id, lane
    ),
    noted AS (${progressUpdate(progress, sql`(SELECT batch_id FROM ended)`)}),
    kept AS (${artifactsUpsert(sql`(SELECT batch_id FROM ended)`, artifacts)}),
    following AS (
      INSERT INTO steps (batch_id, client_id, kind, lane) SELECT batch_id, client_id, ${next}, lane FROM ended
      ON CONFLICT (batch_id, kind) DO NOTHING
    )
    SELECT EXISTS (SELECT 1 FROM ended) AS ended`.execute(query);
  return rows[0]!.ended;
}

/**
 * Gives a step back for a later attempt, under the next epoch; `isCounted` is false for an attempt that was merely
 * interrupted. Undefined: not the owner any more.
 */
export async function releaseStep(
  { query }: Executor,
  {
    stepId,
    epoch,
    error,
    delayMs,
    isCounted,
  }: { stepId: number; epoch: number; error: StoredError; delayMs: number; isCounted: boolean },
): Promise<StepRef | undefined> {
  const { rows } = await sql<StepRef>`
    UPDATE steps SET state = 'ready', epoch = epoch + 1, error = ${JSON.stringify(error)}::jsonb, lease_until = NULL,
      losses = 0, attempts = attempts - ${isCounted ? 0 : 1}::int, ready_at = now(),
      not_before = now() + ${delayMs}::float8 * interval '1 ms'
    WHERE id = ${stepId}::bigint AND epoch = ${epoch}::int AND state = 'running'
    RETURNING id AS "stepId", epoch, kind`.execute(query);
  return rows[0];
}

/** Ends a step as failed. False: not the owner any more. */
export async function failStep(
  { query }: Executor,
  { stepId, epoch, error }: { stepId: number; epoch: number; error: StoredError },
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    UPDATE steps SET state = 'failed', error = ${JSON.stringify(error)}::jsonb, finished_at = clock_timestamp(), lease_until = NULL
    WHERE id = ${stepId}::bigint AND epoch = ${epoch}::int AND state = 'running'`.execute(query);
  return numAffectedRows === 1n;
}

/** How many steps of one kind one client may have admitted at once, per lane. */
export interface AdmissionLimits {
  small: number;
  giant: number;
}

/**
 * Admits a client's waiting steps of some kinds, oldest first, up to its limit for each kind and lane. Not for imports:
 * those go in the order of arrival, see {@link admitImport}. A statement of its own after the commit that may have made
 * room: so the later one of two always sees the other's change. Two at once may overshoot the limit.
 */
export async function admitSteps(
  { query }: Executor,
  { clientId, kinds, limits }: { clientId: number; kinds: readonly StepKind[]; limits: AdmissionLimits },
): Promise<StepRef[]> {
  const { rows } = await sql<StepRef>`
    UPDATE steps SET state = 'ready', ready_at = now()
    WHERE id IN (
      SELECT w.id FROM unnest(${kinds as StepKind[]}::text[]) AS k (kind),
      (VALUES ('small', ${limits.small}::int), ('giant', ${limits.giant}::int)) AS l (lane, most),
      LATERAL (
        SELECT id FROM steps
        WHERE client_id = ${clientId}::bigint AND kind = k.kind AND lane = l.lane AND state = 'waiting'
        ORDER BY id
        LIMIT greatest(0, l.most - (
          SELECT count(*) FROM steps
          WHERE client_id = ${clientId}::bigint AND kind = k.kind AND lane = l.lane AND state IN ('ready', 'running')))
        FOR UPDATE SKIP LOCKED
      ) AS w)
    RETURNING id AS "stepId", epoch, kind`.execute(query);
  return rows;
}

/**
 * Admits the import of the table's oldest batch that is under way and not imported yet, if that is what it waits for. After
 * the commit, like {@link admitSteps}.
 */
export async function admitImport(
  { query }: Executor,
  { projectId, tableName }: { projectId: number; tableName: string },
): Promise<StepRef[]> {
  const { rows } = await sql<StepRef>`
    UPDATE steps SET state = 'ready', ready_at = now()
    WHERE kind = 'import' AND state = 'waiting' AND batch_id = (
      SELECT id FROM batches
      WHERE project_id = ${projectId}::bigint AND table_name = ${tableName} AND status IN ('received', 'running')
        AND imported_at IS NULL
      ORDER BY id LIMIT 1)
    RETURNING id AS "stepId", epoch, kind`.execute(query);
  return rows;
}

/** A lease that ran out: which step, and how often that happened to it. */
export interface ExpiredStep extends StepRef {
  batchId: number;
  losses: number;
  worker: string | null;
}

/**
 * Takes steps whose lease has run out from their workers: running → ready at the next epoch. The caller fails those that
 * were lost too often. Only the reconciler calls this.
 */
export async function expireLeases({ query }: Executor, { limit }: { limit: number }): Promise<ExpiredStep[]> {
  const { rows } = await sql<ExpiredStep>`
    WITH expired AS (
      SELECT id, worker FROM steps WHERE state = 'running' AND lease_until < now()
      ORDER BY lease_until LIMIT ${limit}::int FOR UPDATE SKIP LOCKED
    )
    UPDATE steps SET state = 'ready', epoch = steps.epoch + 1, losses = losses + 1, lease_until = NULL, ready_at = now(),
      not_before = now()
    FROM expired WHERE steps.id = expired.id
    RETURNING steps.id AS "stepId", steps.epoch, steps.kind, steps.batch_id AS "batchId", steps.losses,
      expired.worker`.execute(query);
  return rows;
}

/** Fails a step that the reconciler took back once too often. */
export async function failReadyStep(
  { query }: Executor,
  { stepId, epoch, error }: { stepId: number; epoch: number; error: StoredError },
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    UPDATE steps SET state = 'failed', error = ${JSON.stringify(error)}::jsonb, finished_at = clock_timestamp()
    WHERE id = ${stepId}::bigint AND epoch = ${epoch}::int AND state = 'ready'`.execute(query);
  return numAffectedRows === 1n;
}

/**
 * Steps that have been due for a while and that nobody has claimed: their jobs may be lost. `limit` is for each kind, so
 * that a kind whose service is down does not hide the others.
 */
export async function staleReadySteps(
  { query }: Executor,
  { olderThanMs, limit }: { olderThanMs: number; limit: number },
): Promise<StepRef[]> {
  const { rows } = await sql<StepRef>`
    SELECT s.id AS "stepId", s.epoch, s.kind
    FROM unnest(${stepKindSchema.options as string[]}::text[]) AS k (kind),
    LATERAL (
      SELECT id, epoch, kind FROM steps
      WHERE state = 'ready' AND kind = k.kind
        AND greatest(not_before, ready_at) < now() - ${olderThanMs}::float8 * interval '1 ms'
      ORDER BY id LIMIT ${limit}::int
    ) AS s`.execute(query);
  return rows;
}

/** Clients, kinds and import queues that have waiting steps: where the reconciler looks for what admission missed. */
export async function waitingQueues({
  query,
}: Executor): Promise<{ clientId: number; kind: StepKind; projectId: number | null; tableName: string | null }[]> {
  const { rows } = await sql<{
    clientId: number;
    kind: StepKind;
    projectId: number | null;
    tableName: string | null;
  }>`
    SELECT DISTINCT s.client_id AS "clientId", s.kind,
      CASE WHEN s.kind = 'import' THEN b.project_id END AS "projectId",
      CASE WHEN s.kind = 'import' THEN b.table_name END AS "tableName"
    FROM steps s JOIN batches b ON b.id = s.batch_id
    WHERE s.state = 'waiting' AND s.created_at < now() - interval '1 second'`.execute(query);
  return rows;
}

/**
 * Ends the database sessions of a step's other attempts than the one of this epoch, so that their locks and transactions go
 * at once.
 */
export async function endFencedSessions(
  { query }: Executor,
  { stepId, epoch }: { stepId: number; epoch: number },
): Promise<void> {
  await sql`
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE application_name LIKE ${`inlet:${stepId}:%`} AND application_name <> ${`inlet:${stepId}:${epoch}`}
      AND pid <> pg_backend_pid()`.execute(query);
}

/** Puts a batch's failed (or, forced, ended) step back to ready with fresh attempts. Undefined: there was none. */
export async function reopenStep(
  { query }: Executor,
  { batchId, states }: { batchId: number; states: readonly ("failed" | "done" | "cancelled")[] },
): Promise<StepRef | undefined> {
  const { rows } = await sql<StepRef>`
    UPDATE steps SET state = 'waiting', epoch = epoch + 1, attempts = 0, losses = 0, error = NULL, not_before = now(),
      finished_at = NULL, created_at = now()
    WHERE id = (
      SELECT id FROM steps WHERE batch_id = ${batchId}::bigint AND state = ANY(${states as string[]})
      ORDER BY id DESC LIMIT 1)
    RETURNING id AS "stepId", epoch, kind`.execute(query);
  return rows[0];
}

/** Cancels whatever of a batch's steps is not over, fencing off a running one. */
export async function cancelSteps({ query }: Executor, { batchId }: { batchId: number }): Promise<StepRef[]> {
  const { rows } = await sql<StepRef>`
    UPDATE steps SET state = 'cancelled', epoch = epoch + 1, lease_until = NULL, finished_at = clock_timestamp()
    WHERE batch_id = ${batchId}::bigint AND state IN ('waiting', 'ready', 'running')
    RETURNING id AS "stepId", epoch, kind`.execute(query);
  return rows;
}
