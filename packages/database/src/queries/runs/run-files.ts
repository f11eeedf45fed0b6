import type { BatchStatus, Reason, StepKind } from "@inlet/contracts";
import { sql } from "kysely";
import type { Executor } from "../../connection.ts";
import type { StoredError } from "../../schema.ts";
import { GIANT_BYTES } from "../steps/steps.ts";

/** The key of the run in which a project's files wait for its next trigger. It gets its own when that comes. */
export const NEXT_RUN = "next run";

/** A file of a project with a schedule or with an order of tables. */
export interface NewRunFile {
  batchId: number;
  projectId: number;
  runId: number;
  tableName: string | null;
  /** YYYY-MM-DD, as its name has it. */
  fileDate: string | null;
  held: boolean;
  /** It is held for a trigger: until then it stands in no other file's way. */
  waitsForTrigger: boolean;
  lateFor: number | null;
}

/** Where a file that waits for a trigger stands in the order of arrival: after all others. */
export const LAST_PLACE = "9223372036854775807";

/** Records files with what they are held for. */
export async function insertRunFiles({ query }: Executor, files: readonly NewRunFile[]): Promise<void> {
  await sql`
    INSERT INTO run_files (batch_id, project_id, run_id, table_name, file_date, held, late_for)
    SELECT * FROM unnest(${files.map((file) => file.batchId)}::bigint[], ${files.map((file) => file.projectId)}::bigint[],
      ${files.map((file) => file.runId)}::bigint[], ${files.map((file) => file.tableName)}::text[],
      ${files.map((file) => file.fileDate)}::date[], ${files.map((file) => file.held)}::boolean[],
      ${files.map((file) => file.lateFor)}::bigint[])
    ON CONFLICT (batch_id) DO NOTHING`.execute(query);
  const waiting = files.filter(({ held, waitsForTrigger }) => held && waitsForTrigger).map(({ batchId }) => batchId);
  if (waiting.length === 0) return;
  await sql`UPDATE batches SET place = ${LAST_PLACE}::bigint WHERE id = ANY(${waiting}::bigint[])`.execute(query);
}

/**
 * Gives files that waited for a trigger their places in the order of arrival, as if they came now, one after the other. Those
 * that have theirs keep it. Their run is locked.
 */
export async function takePlaces({ query }: Executor, batchIds: readonly number[]): Promise<void> {
  await sql`
    UPDATE batches SET place = p.place FROM (
      SELECT id, nextval(pg_get_serial_sequence('inlet.batches', 'id')) AS place FROM (
        SELECT id FROM batches WHERE id = ANY(${batchIds}::bigint[]) AND place = ${LAST_PLACE}::bigint ORDER BY id FOR UPDATE
      ) AS waiting
    ) AS p WHERE batches.id = p.id`.execute(query);
}

/** Lets batches go on: their first steps, to be admitted. Those that have ended meanwhile get none. */
export async function releaseHeld(
  executor: Executor,
  { batchIds, kind }: { batchIds: readonly number[]; kind: StepKind },
): Promise<void> {
  await takePlaces(executor, batchIds);
  await sql`
    WITH released AS (
      UPDATE run_files SET held = false WHERE batch_id = ANY(${batchIds}::bigint[]) AND held RETURNING batch_id
    )
    INSERT INTO steps (batch_id, client_id, kind, lane)
    SELECT b.id, b.client_id, ${kind}, CASE WHEN b.size_bytes >= ${GIANT_BYTES}::bigint THEN 'giant' ELSE 'small' END
    FROM released r JOIN batches b ON b.id = r.batch_id WHERE b.status = 'received'
    ORDER BY b.id
    ON CONFLICT (batch_id, kind) DO NOTHING`.execute(executor.query);
}

/** Gives held batches up: each gets its first step, failed, so that an operator can retry it. */
export async function failHeld(
  executor: Executor,
  { files, kind }: { files: readonly { batchId: number; reason: Reason }[]; kind: StepKind },
): Promise<void> {
  await takePlaces(
    executor,
    files.map(({ batchId }) => batchId),
  );
  const errors = files.map(({ reason }) => JSON.stringify({ ...reason, retryable: false } satisfies StoredError));
  await sql`
    WITH given AS (
      UPDATE run_files SET held = false
      FROM unnest(${files.map(({ batchId }) => batchId)}::bigint[], ${errors}::jsonb[]) AS g (id, error)
      WHERE batch_id = g.id AND held RETURNING batch_id, g.error
    )
    INSERT INTO steps (batch_id, client_id, kind, lane, state, error, finished_at)
    SELECT b.id, b.client_id, ${kind}, CASE WHEN b.size_bytes >= ${GIANT_BYTES}::bigint THEN 'giant' ELSE 'small' END,
      'failed', g.error, clock_timestamp()
    FROM given g JOIN batches b ON b.id = g.batch_id
    ORDER BY b.id
    ON CONFLICT (batch_id, kind) DO NOTHING`.execute(executor.query);
}

/** Holds batches again that were given up, as if they had just come: without a step. Their run is locked. */
export async function holdAgain({ query }: Executor, batchIds: readonly number[]): Promise<void> {
  await sql`
    WITH given AS (
      SELECT id FROM batches WHERE id = ANY(${batchIds}::bigint[]) AND status = 'failed' ORDER BY id FOR UPDATE
    ), held AS (
      UPDATE run_files SET held = true FROM given WHERE batch_id = given.id
    ), gone AS (
      DELETE FROM steps USING given WHERE steps.batch_id = given.id
    )
    UPDATE batches SET status = 'received', reason_code = NULL, reason_message = NULL, started_at = NULL, ended_at = NULL
    FROM given WHERE batches.id = given.id`.execute(query);
}

/**
 * Runs with held files of which nothing moves: no step is on its way to a worker or with one, and nothing more is waited for.
 * What should have let the files go was missed, or they wait, by way of a table's order of arrival, for one another.
 */
export async function heldUpRuns({ query }: Executor, { limit }: { limit: number }): Promise<number[]> {
  const { rows } = await sql<{ id: number }>`
    SELECT r.id FROM (SELECT DISTINCT project_id, run_id FROM run_files WHERE held) AS h JOIN runs r ON r.id = h.run_id
    WHERE r.key <> ${NEXT_RUN} AND coalesce(r.gather_until <= clock_timestamp(), true)
      AND EXISTS (
        SELECT FROM run_files f JOIN batches b ON b.id = f.batch_id
        WHERE f.project_id = h.project_id AND f.run_id = h.run_id AND f.held AND b.status = 'received')
      AND NOT EXISTS (
        SELECT FROM batches b JOIN steps s ON s.batch_id = b.id
        WHERE b.run_id = r.id AND b.status IN ('received', 'running') AND s.state IN ('ready', 'running'))
    ORDER BY r.id LIMIT ${limit}::int`.execute(query);
  return rows.map(({ id }) => id);
}

/** The newest run that a project's schedule started, as the intake of further files needs it. */
export interface LastRun {
  id: number;
  key: string;
  dueAt: Date;
  timezone: string;
  /** Files that have not come are still waited for. */
  isGathering: boolean;
  batches: { tableName: string | null; fileName: string; status: BatchStatus; reasonCode: string | null }[];
}

/** The newest run of a project's schedule. Undefined: there was none. */
export async function lastScheduledRun({ query }: Executor, projectId: number): Promise<LastRun | undefined> {
  const { rows } = await sql<LastRun>`
    SELECT r.id, r.key, t.due_at AS "dueAt", t.timezone,
      coalesce(r.gather_until > clock_timestamp() AND r.revision = 0, false) AS "isGathering",
      (SELECT coalesce(jsonb_agg(jsonb_build_object('tableName', table_name, 'fileName', file_name, 'status', status,
        'reasonCode', reason_code)
        ORDER BY id), '[]') FROM batches WHERE run_id = r.id) AS batches
    FROM triggers t JOIN runs r ON r.id = t.run_id
    WHERE t.project_id = ${projectId}::bigint AND t.triggered_by = 'schedule'
    ORDER BY t.due_at DESC LIMIT 1`.execute(query);
  return rows[0];
}

/** A table and a day of which a file was imported already. */
export interface LoadedDay {
  tableName: string;
  /** YYYY-MM-DD. */
  fileDate: string;
  batchId: number;
  importedAt: Date;
}

/** Of these tables and days, those of which a file was imported. */
export async function loadedDays(
  { query }: Executor,
  { projectId, days }: { projectId: number; days: readonly { tableName: string; fileDate: string }[] },
): Promise<LoadedDay[]> {
  const { rows } = await sql<LoadedDay>`
    SELECT DISTINCT ON (f.table_name, f.file_date) f.table_name AS "tableName", f.file_date::text AS "fileDate",
      b.id AS "batchId", b.imported_at AS "importedAt"
    FROM unnest(${days.map((day) => day.tableName)}::text[], ${days.map((day) => day.fileDate)}::date[]) AS d (name, day)
    JOIN run_files f ON f.project_id = ${projectId}::bigint AND f.table_name = d.name AND f.file_date = d.day
    JOIN batches b ON b.id = f.batch_id
    WHERE b.imported_at IS NOT NULL AND NOT b.rehearsal
    ORDER BY f.table_name, f.file_date, b.id DESC`.execute(query);
  return rows;
}

/** What is known of a run's file beside its batch. */
export interface RunFileRow {
  batchId: number;
  runId: number;
  tableName: string | null;
  fileName: string;
  held: boolean;
  lateFor: number | null;
}

/** The files of runs, and those that came too late for them. */
export async function filesOfRuns({ query }: Executor, runIds: readonly number[]): Promise<RunFileRow[]> {
  const { rows } = await sql<RunFileRow>`
    SELECT f.batch_id AS "batchId", f.run_id AS "runId", f.table_name AS "tableName", b.file_name AS "fileName",
      f.held AND b.status = 'received' AS held, f.late_for AS "lateFor"
    FROM batches b JOIN run_files f ON f.batch_id = b.id WHERE b.run_id = ANY(${runIds}::bigint[])
    UNION
    SELECT f.batch_id, f.run_id, f.table_name, b.file_name, f.held AND b.status = 'received', f.late_for
    FROM run_files f JOIN batches b ON b.id = f.batch_id WHERE f.late_for = ANY(${runIds}::bigint[])
    ORDER BY "batchId"`.execute(query);
  return rows;
}

/** A file that is held. */
export interface HeldFileRow {
  batchId: number;
  runId: number;
  tableName: string | null;
  fileName: string;
  sizeBytes: number;
  receivedAt: Date;
}

/** A project's held files, oldest first; or those alone that wait for its next run's trigger. */
export async function heldFiles(
  { query }: Executor,
  { projectId, limit, inNextRun = false }: { projectId: number; limit: number; inNextRun?: boolean },
): Promise<HeldFileRow[]> {
  const { rows } = await sql<HeldFileRow>`
    SELECT b.id AS "batchId", b.run_id AS "runId", b.table_name AS "tableName", b.file_name AS "fileName",
      b.size_bytes AS "sizeBytes", b.received_at AS "receivedAt"
    FROM run_files f JOIN batches b ON b.id = f.batch_id
    WHERE f.project_id = ${projectId}::bigint AND f.held AND b.status = 'received'
      AND (NOT ${inNextRun}::boolean OR f.run_id = (
        SELECT id FROM runs WHERE project_id = ${projectId}::bigint AND key = ${NEXT_RUN}))
    ORDER BY b.id LIMIT ${limit}::int`.execute(query);
  return rows;
}
