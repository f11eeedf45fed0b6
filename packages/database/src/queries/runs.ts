import { type BatchStatus, type Profile, readStoredProfile } from "@inlet/contracts";
import { sql } from "kysely";
import type { Executor } from "../connection.ts";

/** Finds or opens the run that a new batch joins, and locks its row. */
export async function openRun(
  { query }: Executor,
  { projectId, key }: { projectId: number; key: string },
): Promise<number> {
  const row = await query
    .insertInto("runs")
    .values({ project_id: projectId, key })
    .onConflict((conflict) => conflict.columns(["project_id", "key"]).doUpdateSet({ state: "open", settle_at: null }))
    .returning("id")
    .executeTakeFirstOrThrow();
  return row.id;
}

export interface LockedRun {
  id: number;
  projectId: number;
  key: string;
  state: "open" | "reported";
  revision: number;
  settleAt: Date | null;
}

/** Locks a run's row: before any row of its batches and steps. */
export async function lockRun({ query }: Executor, runId: number): Promise<LockedRun> {
  return await query
    .selectFrom("runs")
    .select(["id", "project_id as projectId", "key", "state", "revision", "settle_at as settleAt"])
    .where("id", "=", runId)
    .forUpdate()
    .executeTakeFirstOrThrow();
}

/** Locks an open run whose time to wait for more files is over; undefined when a file has come, or another reported it. */
export async function lockDueRun({ query }: Executor, runId: number): Promise<LockedRun | undefined> {
  const { rows } = await sql<LockedRun>`
    SELECT id, project_id AS "projectId", key, state, revision, settle_at AS "settleAt" FROM runs
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
}

/** The batches of a run, in order of arrival. */
export async function batchesOfRun({ query }: Executor, runId: number): Promise<RunBatch[]> {
  return (await query
    .selectFrom("batches")
    .select([
      "id as batchId",
      "table_name as tableName",
      "file_name as fileName",
      "status",
      "reason_code as reasonCode",
      "reason_message as reasonMessage",
      "records",
      "valid",
      "rejected",
      "imported",
      "links",
      "issue_totals as issueTotals",
    ])
    .where("run_id", "=", runId)
    .orderBy("id")
    .execute()) as RunBatch[];
}

/** Sets when an open run is reported even though expected tables are missing. */
export async function setRunSettle(
  { query }: Executor,
  { runId, settleMs }: { runId: number; settleMs: number },
): Promise<void> {
  await sql`UPDATE runs SET settle_at = clock_timestamp() + ${settleMs}::float8 * interval '1 ms'
    WHERE id = ${runId}::bigint`.execute(query);
}

/** Marks a run as reported under its next revision, which is returned. */
export async function markRunReported({ query }: Executor, runId: number): Promise<number> {
  const { rows } = await sql<{ revision: number }>`
    UPDATE runs SET state = 'reported', revision = revision + 1, settle_at = NULL, reported_at = clock_timestamp()
    WHERE id = ${runId}::bigint RETURNING revision`.execute(query);
  return rows[0]!.revision;
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
