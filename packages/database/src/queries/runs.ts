import { type BatchStatus, type Profile, readStoredProfile } from "@inlet/contracts";
import { sql } from "kysely";
import type { Executor } from "../connection.ts";

export interface LockedRun {
  id: number;
  projectId: number;
  key: string;
  state: "open" | "reported";
  revision: number;
  settleAt: Date | null;
  /** The events that any webhook of the project wants; mostly none. */
  webhookEvents: readonly string[];
}

/** The columns of a {@link LockedRun}. They come with the lock, so that webhooks cost nothing where there are none. */
export const lockedRunColumns = sql`id, project_id AS "projectId", key, state, revision, settle_at AS "settleAt",
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
}

/** The batches of a run, in order of arrival. */
export async function batchesOfRun(executor: Executor, runId: number): Promise<RunBatch[]> {
  return (await batchesOfRuns(executor, [runId])).get(runId) ?? [];
}

/** The batches of runs, by run and in order of arrival. */
export async function batchesOfRuns({ query }: Executor, runIds: readonly number[]): Promise<Map<number, RunBatch[]>> {
  const { rows } = await sql<RunBatch & { runId: number }>`
    SELECT run_id AS "runId", id AS "batchId", table_name AS "tableName", file_name AS "fileName", status,
      reason_code AS "reasonCode", reason_message AS "reasonMessage", records, valid, rejected, imported, links,
      issue_totals AS "issueTotals", rehearsal, part_of AS "partOf"
    FROM batches WHERE run_id = ANY(${runIds}::bigint[]) ORDER BY id`.execute(query);
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
  await query.updateTable("runs").set({ state: "open", settle_at: null }).where("id", "=", runId).execute();
}

/** Runs whose settle time has come. */
export async function dueRuns({ query }: Executor, { limit }: { limit: number }): Promise<number[]> {
  const { rows } = await sql<{ id: number }>`
    SELECT id FROM runs WHERE state = 'open' AND settle_at <= now() ORDER BY settle_at LIMIT ${limit}::int`.execute(
    query,
  );
  return rows.map((row) => row.id);
}

/** The profile that a run is reported by: that of its newest batch. */
export async function profileOfRun({ query }: Executor, runId: number): Promise<Profile> {
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
    .executeTakeFirstOrThrow();
  return readStoredProfile(row.document);
}

/** For the length of the transaction: whether this process is the one that repairs. */
export async function tryReconcilerLock({ query }: Executor): Promise<boolean> {
  const { rows } = await sql<{ locked: boolean }>`
    SELECT pg_try_advisory_xact_lock(hashtext('inlet reconciler')) AS locked`.execute(query);
  return rows[0]!.locked;
}
