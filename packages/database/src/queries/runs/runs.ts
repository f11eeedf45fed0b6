import { type BatchStatus, type Profile, readStoredProfile } from "@inlet/contracts";
import { sql } from "kysely";
import type { Executor } from "../../connection.ts";

export interface LockedRun {
  id: number;
  projectId: number;
  key: string;
  state: "open" | "reported";
  revision: number;
  settleAt: Date | null;
  /** Until when it waits for files that have not come; null: it has no such wait. */
  gatherUntil: Date | null;
  /** It still does, on PostgreSQL's clock. */
  isGathering: boolean;
  /** How many pulls of its trigger have neither become batches nor ended without one. */
  openPulls: number;
  /** The events that any webhook of the project wants; mostly none. */
  webhookEvents: readonly string[];
}

/** The columns of a {@link LockedRun}. They come with the lock, so that webhooks cost nothing where there are none. */
export const lockedRunColumns = sql`id, project_id AS "projectId", key, state, revision, settle_at AS "settleAt",
      gather_until AS "gatherUntil", coalesce(gather_until > clock_timestamp(), false) AS "isGathering",
      open_pulls AS "openPulls",
      (SELECT webhook_events FROM projects WHERE projects.id = runs.project_id) AS "webhookEvents"`;

/** Locks a run's row: before any row of its batches and steps. */
export async function lockRun(executor: Executor, runId: number): Promise<LockedRun> {
  return (await lockRuns(executor, [runId])).get(runId)!;
}

/** Locks runs' rows, in the order of their ids: before any row of their batches and steps. */
export async function lockRuns({ query }: Executor, runIds: readonly number[]): Promise<Map<number, LockedRun>> {
  const { rows } = await sql<LockedRun>`
    SELECT ${lockedRunColumns} FROM runs
    WHERE id = ANY(${runIds}::bigint[]) ORDER BY id FOR UPDATE`.execute(query);
  return new Map(rows.map((run) => [run.id, run]));
}

/** Locks an open run whose time to wait for more files is over; undefined when a file has come, or another reported it. */
export async function lockDueRun({ query }: Executor, runId: number): Promise<LockedRun | undefined> {
  const { rows } = await sql<LockedRun>`
    SELECT ${lockedRunColumns} FROM runs
    WHERE id = ${runId}::bigint AND state = 'open' AND settle_at <= clock_timestamp() FOR UPDATE`.execute(query);
  return rows[0];
}

/** One line of a run's report. */
export interface RunBatch {
  batchId: number;
  tableName: string | null;
  fileName: string;
  status: BatchStatus;
  reasonCode: string | null;
  reasonMessage: string | null;
  records: number | null;
  valid: number | null;
  rejected: number | null;
  imported: number | null;
  links: number | null;
  issueTotals: Record<string, number>;
  rehearsal: boolean;
  /** The batch of the ZIP that it came in with others. */
  partOf: number | null;
  /** It waits for its run's trigger, or for other files of the run, and has no step yet. */
  held: boolean;
}

/** The batches of a run, in order of arrival. */
export async function batchesOfRun(executor: Executor, runId: number): Promise<RunBatch[]> {
  return (await batchesOfRuns(executor, [runId])).get(runId) ?? [];
}

/** The newest batches of runs, so many of each, by run and in order of arrival. */
export async function newestBatchesOfRuns(
  { query }: Executor,
  { runIds, most }: { runIds: readonly number[]; most: number },
): Promise<Map<number, RunBatch[]>> {
  const { rows } = await sql<RunBatch & { runId: number }>`
    SELECT b.* FROM unnest(${runIds}::bigint[]) AS r (id), LATERAL (
      SELECT ${RUN_BATCH} FROM batches WHERE run_id = r.id ORDER BY id DESC LIMIT ${most}::int
    ) AS b ORDER BY b."batchId"`.execute(query);
  return Map.groupBy(rows, ({ runId }) => runId);
}

const RUN_BATCH = sql`run_id AS "runId", id AS "batchId", table_name AS "tableName", file_name AS "fileName", status,
      reason_code AS "reasonCode", reason_message AS "reasonMessage", records, valid, rejected, imported, links,
      issue_totals AS "issueTotals", rehearsal, part_of AS "partOf",
      coalesce(CASE WHEN status = 'received' THEN (SELECT f.held FROM run_files f WHERE f.batch_id = batches.id) END, false)
        AS held`;

/** The batches of runs, by run and in order of arrival. */
export async function batchesOfRuns({ query }: Executor, runIds: readonly number[]): Promise<Map<number, RunBatch[]>> {
  const { rows } = await sql<RunBatch & { runId: number }>`
    SELECT ${RUN_BATCH} FROM batches WHERE run_id = ANY(${runIds}::bigint[]) ORDER BY id`.execute(query);
  return Map.groupBy(rows, ({ runId }) => runId);
}

/** Sets when an open run is reported even though expected tables are missing. */
export async function setRunSettle(
  { query }: Executor,
  { runId, settleMs }: { runId: number; settleMs: number },
): Promise<void> {
  await sql`UPDATE runs SET settle_at = clock_timestamp() + ${settleMs}::float8 * interval '1 ms'
    WHERE id = ${runId}::bigint`.execute(query);
}

/** Marks runs as reported, each under its next revision, which is returned. Their rows are locked by the caller. */
export async function markRunsReported({ query }: Executor, runIds: readonly number[]): Promise<Map<number, number>> {
  const { rows } = await sql<{ id: number; revision: number }>`
    UPDATE runs SET state = 'reported', revision = revision + 1, settle_at = NULL, reported_at = clock_timestamp()
    WHERE id = ANY(${runIds}::bigint[]) RETURNING id, revision`.execute(query);
  return new Map(rows.map(({ id, revision }) => [id, revision]));
}

/** Opens a reported run again: a batch of it is under way once more. */
export async function reopenRun({ query }: Executor, runId: number): Promise<void> {
  await sql`UPDATE runs SET state = 'open', settle_at = ${SETTLE_WHEN_GATHERED} WHERE id = ${runId}::bigint`.execute(
    query,
  );
}

/** When a run that is open again is looked at by itself: once nothing is waited for any more. */
export const SETTLE_WHEN_GATHERED = sql`CASE WHEN runs.gather_until > clock_timestamp() THEN runs.gather_until END`;

/** Lets a run wait for files that have not come, for so long from now on; one that waits already goes on as it is. */
export async function gatherRun(
  { query }: Executor,
  { runId, gatherMs }: { runId: number; gatherMs: number },
): Promise<void> {
  await sql`
    UPDATE runs SET gather_until = coalesce(gather_until, clock_timestamp() + ${gatherMs}::float8 * interval '1 ms'),
      settle_at = coalesce(gather_until, clock_timestamp() + ${gatherMs}::float8 * interval '1 ms')
    WHERE id = ${runId}::bigint`.execute(query);
}

/** Ends the wait of a project's runs for files that have not come: a newer run begins. They are settled next. */
export async function endGathering({ query }: Executor, projectId: number): Promise<void> {
  await sql`
    UPDATE runs SET gather_until = clock_timestamp(), settle_at = clock_timestamp()
    WHERE state = 'open' AND settle_at IS NOT NULL AND project_id = ${projectId}::bigint
      AND gather_until > clock_timestamp()`.execute(query);
}

/** A run waits for nothing but its batches: their ends report it. */
export async function clearRunSettle({ query }: Executor, runId: number): Promise<void> {
  await sql`UPDATE runs SET settle_at = NULL WHERE id = ${runId}::bigint`.execute(query);
}

/** Sets until when a run that its first file opened is to have ended, once. */
export async function setRunDeadline(
  { query }: Executor,
  { runIds, deadlineMs }: { runIds: readonly number[]; deadlineMs: number },
): Promise<void> {
  await sql`
    UPDATE runs SET deadline_at = opened_at + ${deadlineMs}::float8 * interval '1 ms'
    WHERE id = ANY(${runIds}::bigint[]) AND deadline_at IS NULL AND revision = 0`.execute(query);
}

/** Whether a project has a run of this key. */
export async function hasRun(
  { query }: Executor,
  { projectId, key }: { projectId: number; key: string },
): Promise<boolean> {
  const { rows } = await sql<{ id: number }>`
    SELECT id FROM runs WHERE project_id = ${projectId}::bigint AND key = ${key}`.execute(query);
  return rows.length > 0;
}

/**
 * Begins the run of a trigger, under its own key: the one in which the project's files have waited, or a new one. It is
 * locked.
 * @param waitingKey the key of the run in which they have waited
 * @param gatherMs how long it waits for files that have not come; null: it has no such wait
 */
export async function beginRun(
  { query }: Executor,
  {
    projectId,
    waitingKey,
    key,
    gatherMs,
    deadlineAt,
  }: { projectId: number; waitingKey: string; key: string; gatherMs: number | null; deadlineAt: Date | null },
): Promise<LockedRun> {
  const { rows } = await sql<LockedRun>`
    WITH begun AS (
      SELECT clock_timestamp() + ${gatherMs}::float8 * interval '1 ms' AS gather_until
    ), waited AS (
      UPDATE runs SET key = ${key}, gather_until = b.gather_until, settle_at = b.gather_until, deadline_at = ${deadlineAt}
      FROM begun b WHERE project_id = ${projectId}::bigint AND key = ${waitingKey}
      RETURNING runs.*
    ), added AS (
      INSERT INTO runs (project_id, key, gather_until, settle_at, deadline_at)
      SELECT ${projectId}::bigint, ${key}, gather_until, gather_until, ${deadlineAt}::timestamptz FROM begun
      WHERE NOT EXISTS (SELECT FROM waited)
      RETURNING *
    )
    SELECT ${lockedRunColumns} FROM (SELECT * FROM waited UNION ALL SELECT * FROM added) AS runs`.execute(query);
  return rows[0]!;
}

/** A run that has not ended by its deadline. */
export interface OverdueRun {
  id: number;
  projectId: number;
  key: string;
  openedAt: Date;
  deadlineAt: Date;
  /** Null: its first file started it. */
  dueAt: Date | null;
  timezone: string | null;
  startedAt: Date | null;
}

/**
 * Takes the runs that have not ended by their deadline, each once. Their rows are locked. One that was reported in time and
 * opened again, by a late file or a retry, is not overdue.
 */
export async function takeOverdueRuns(
  { query }: Executor,
  { now, limit }: { now: Date; limit: number },
): Promise<OverdueRun[]> {
  const { rows } = await sql<OverdueRun>`
    WITH overdue AS (
      SELECT id FROM runs
      WHERE state = 'open' AND deadline_at <= ${now}::timestamptz AND overdue_at IS NULL AND revision = 0
      ORDER BY deadline_at LIMIT ${limit}::int FOR UPDATE SKIP LOCKED
    ), taken AS (
      UPDATE runs SET overdue_at = clock_timestamp() FROM overdue WHERE runs.id = overdue.id
      RETURNING runs.id, project_id, key, opened_at, deadline_at
    )
    SELECT r.id, r.project_id AS "projectId", r.key, r.opened_at AS "openedAt", r.deadline_at AS "deadlineAt",
      t.due_at AS "dueAt", t.timezone, t.started_at AS "startedAt"
    FROM taken r LEFT JOIN triggers t ON t.run_id = r.id ORDER BY r.id`.execute(query);
  return rows;
}

/** Runs whose settle time has come. */
export async function dueRuns({ query }: Executor, { limit }: { limit: number }): Promise<number[]> {
  const { rows } = await sql<{ id: number }>`
    SELECT id FROM runs WHERE state = 'open' AND settle_at <= now() ORDER BY settle_at LIMIT ${limit}::int`.execute(
    query,
  );
  return rows.map((row) => row.id);
}

/** The profile that a run is reported by: that of its newest batch, or, without any, the one that its project has now. */
export async function profileOfRun(executor: Executor, runId: number): Promise<Profile> {
  return (await profileOfNewestBatch(executor, runId)) ?? (await profileOfProject(executor, runId));
}

async function profileOfProject({ query }: Executor, runId: number): Promise<Profile> {
  const row = await query
    .selectFrom("runs")
    .innerJoin("projects", "projects.id", "runs.project_id")
    .innerJoin("profiles", (join) =>
      join.onRef("profiles.project_id", "=", "projects.id").onRef("profiles.version", "=", "projects.profile_version"),
    )
    .select("profiles.document")
    .where("runs.id", "=", runId)
    .executeTakeFirstOrThrow();
  return readStoredProfile(row.document);
}

async function profileOfNewestBatch({ query }: Executor, runId: number): Promise<Profile | undefined> {
  const row = await query
    .selectFrom("batches")
    .innerJoin("profiles", (join) =>
      join
        .onRef("profiles.project_id", "=", "batches.project_id")
        .onRef("profiles.version", "=", "batches.profile_version"),
    )
    .select("profiles.document")
    .where("batches.run_id", "=", runId)
    .orderBy("batches.id", "desc")
    .limit(1)
    .executeTakeFirst();
  return row && readStoredProfile(row.document);
}

/** For the length of the transaction: whether this process is the one that repairs. */
export async function tryReconcilerLock({ query }: Executor): Promise<boolean> {
  const { rows } = await sql<{ locked: boolean }>`
    SELECT pg_try_advisory_xact_lock(hashtext('inlet reconciler')) AS locked`.execute(query);
  return rows[0]!.locked;
}
