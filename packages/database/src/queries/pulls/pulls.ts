import { sql } from "kysely";
import type { Executor } from "../../connection.ts";
import type { StoredError } from "../../schema.ts";

/** A pull's id and the epoch under which it may be worked on: what a job carries. */
export interface PullRef {
  pullId: number;
  epoch: number;
}

/** Why something of a pull was asked for. */
export interface PullTrigger {
  by: "schedule" | "person";
  /** Null where a person asked. */
  dueAt: Date | null;
  actor: string | null;
  reason: string | null;
}

/** A pull to be done, or one that is only noted because another was under way. */
export interface NewPull extends PullTrigger {
  clientId: number;
  projectId: number;
  profileVersion: number;
  tableName: string;
  purpose: "import" | "probe";
  rehearsal: boolean;
  full: boolean;
  monitored: boolean;
  /** Null: it belongs to none. */
  runId: number | null;
  systemKey: string;
  /** Why nothing is pulled; null: it is due now. */
  skipped: { code: string; message: string } | null;
}

/** Adds pulls. Returns those that are due, in the order given. A due time that a table had already is passed over. */
export async function insertPulls(
  { query }: Executor,
  pulls: readonly NewPull[],
): Promise<(PullRef & { tableName: string })[]> {
  if (pulls.length === 0) return [];
  const { rows } = await sql<PullRef & { tableName: string; state: string }>`
    INSERT INTO pulls (client_id, project_id, profile_version, table_name, purpose, rehearsal, in_full, monitored,
      triggered_by, due_at, actor, reason, run_id, system_key, state, error, finished_at, settled)
    SELECT client_id, project_id, profile_version, table_name, purpose, rehearsal, in_full, monitored, triggered_by, due_at,
      actor, reason, run_id, system_key, CASE WHEN skipped IS NULL THEN 'due' ELSE 'cancelled' END, skipped,
      CASE WHEN skipped IS NOT NULL THEN now() END, skipped IS NOT NULL OR run_id IS NULL
    FROM jsonb_to_recordset(${JSON.stringify(
      pulls.map((pull, ordinal) => ({
        ordinal,
        client_id: pull.clientId,
        project_id: pull.projectId,
        profile_version: pull.profileVersion,
        table_name: pull.tableName,
        purpose: pull.purpose,
        rehearsal: pull.rehearsal,
        in_full: pull.full,
        monitored: pull.monitored,
        triggered_by: pull.by,
        due_at: pull.dueAt?.toISOString() ?? null,
        actor: pull.actor,
        reason: pull.reason,
        run_id: pull.runId,
        system_key: pull.systemKey,
        skipped: pull.skipped === null ? undefined : { ...pull.skipped, retryable: false },
      })),
    )}::jsonb) AS p (ordinal int, client_id bigint, project_id bigint, profile_version int, table_name text, purpose text,
      rehearsal boolean, in_full boolean, monitored boolean, triggered_by text, due_at timestamptz, actor text, reason text,
      run_id bigint, system_key text, skipped jsonb)
    ORDER BY ordinal
    ON CONFLICT DO NOTHING
    RETURNING id AS "pullId", epoch, table_name AS "tableName", state`.execute(query);
  return rows.flatMap(({ state, ...pull }) => (state === "due" ? [pull] : []));
}

/** Lets a run wait for so many pulls more. */
export async function addOpenPulls(
  { query }: Executor,
  { runId, count }: { runId: number; count: number },
): Promise<void> {
  await sql`UPDATE runs SET open_pulls = open_pulls + ${count}::int WHERE id = ${runId}::bigint`.execute(query);
}

/**
 * Of these tables of a project, those of which a pull is under way, or whose last one came and is being imported: each with
 * that pull.
 */
export async function tablesBeingPulled(
  { query }: Executor,
  { projectId, tables }: { projectId: number; tables: readonly string[] },
): Promise<Map<string, number>> {
  const { rows } = await sql<{ tableName: string; pullId: number }>`
    SELECT t.name AS "tableName", coalesce(o.id, CASE WHEN l.is_open THEN l.id END) AS "pullId"
    FROM unnest(${tables as string[]}::text[]) AS t (name)
    LEFT JOIN pulls o ON o.project_id = ${projectId}::bigint AND o.table_name = t.name AND o.purpose = 'import'
      AND o.state IN ('due', 'running')
    LEFT JOIN LATERAL (
      SELECT p.id, coalesce(b.status IN ('received', 'running'), true) AS is_open
      FROM (SELECT id, arrival_id FROM pulls
        WHERE project_id = ${projectId}::bigint AND table_name = t.name AND arrival_id IS NOT NULL
        ORDER BY id DESC LIMIT 1) AS p
      LEFT JOIN batches b ON b.arrival_id = p.arrival_id
    ) AS l ON true
    WHERE o.id IS NOT NULL OR l.is_open`.execute(query);
  return new Map(rows.map(({ tableName, pullId }) => [tableName, pullId]));
}

/** Where a connector goes on after a page. */
export type PullPosition = Record<string, string | number | boolean | null>;

/** A key that came more than once. */
export interface DuplicateSample {
  key: string;
  /** With the same content. */
  same: boolean;
  page: number;
}

/** How far a pull is. */
export interface PullProgress {
  /** Null: at its beginning. */
  position: PullPosition | null;
  /** Relative to the data folder. Null: there is none yet. */
  spool: string | null;
  spoolBytes: number;
  pages: number;
  expected: number | null;
  received: number;
  duplicates: number;
  duplicateSamples: readonly DuplicateSample[];
  cursorTo: string | null;
}

/** All that a puller needs to know of the pull it was given. */
export interface ClaimedPull extends PullRef, PullProgress {
  clientId: number;
  client: string;
  projectId: number;
  project: string;
  profileVersion: number;
  /** The project's, as of the claim. */
  liveVersion: number;
  isRehearsing: boolean;
  tableName: string;
  purpose: "import" | "probe";
  rehearsal: boolean;
  full: boolean;
  runId: number | null;
  systemKey: string;
  attempts: number;
  failures: number;
  losses: number;
  rounds: number;
  asks: string | null;
  cursorFrom: string | null;
}

/** What became of an attempt to claim: the pull, or for how long its system has no place, or nothing: drop the job. */
export type PullClaim = { pull: ClaimedPull } | { laterMs: number } | undefined;

/** So many failures in a row open a system's circuit. */
export const CIRCUIT_FAILURES = 3;

/**
 * Claims a pull for one attempt: due → running at the job's epoch, under a lease. Of one system as many run at a time as it
 * has places, over all processes; none while its circuit is open, and one alone until it has answered again. Call in a
 * transaction: it holds the system's lock to its end.
 */
export async function claimPull(
  executor: Executor,
  {
    pullId,
    epoch,
    worker,
    leaseMs,
    places,
    busyMs,
  }: PullRef & { worker: string; leaseMs: number; places: (claimed: UnclaimedPull) => Promise<number>; busyMs: number },
): Promise<PullClaim> {
  const { query } = executor;
  const { rows: found } = await sql<UnclaimedPull>`
    SELECT project_id AS "projectId", profile_version AS "profileVersion", system_key AS "systemKey" FROM pulls
    WHERE id = ${pullId}::bigint AND epoch = ${epoch}::int AND state = 'due' AND not_before <= now()`.execute(query);
  if (found[0] === undefined) return undefined;
  const { systemKey } = found[0];
  const most = await places(found[0]);
  await sql`SELECT pg_advisory_xact_lock(hashtext('inlet system'), hashtext(${systemKey}))`.execute(query);
  const { rows: rooms } = await sql<{ running: number; failures: number; openMs: number }>`
    SELECT (SELECT count(*) FROM pulls WHERE system_key = ${systemKey} AND state = 'running') AS running,
      coalesce(s.failures, 0) AS failures,
      coalesce(extract(epoch FROM s.open_until - now()) * 1000, 0)::float8 AS "openMs"
    FROM (SELECT) AS one LEFT JOIN pull_systems s ON s.system_key = ${systemKey}`.execute(query);
  const { running, failures, openMs } = rooms[0]!;
  if (openMs > 0) return { laterMs: Math.ceil(openMs) };
  if (running >= (failures >= CIRCUIT_FAILURES ? 1 : most)) return { laterMs: busyMs };
  const { rows } = await sql<ClaimedPull>`
    WITH claimed AS (
      UPDATE pulls SET state = 'running', attempts = attempts + 1, worker = ${worker},
        started_at = coalesce(started_at, now()), lease_until = now() + ${leaseMs}::float8 * interval '1 ms'
      WHERE id = ${pullId}::bigint AND epoch = ${epoch}::int AND state = 'due' AND not_before <= now()
      RETURNING *
    )
    ${CLAIMED_PULLS}`.execute(query);
  return rows[0] && { pull: rows[0] };
}

/** All that is read of pulls together with their claim. */
export const CLAIMED_PULLS = sql`
    SELECT p.id AS "pullId", p.epoch, p.client_id AS "clientId", c.slug AS client, p.project_id AS "projectId",
      j.slug AS project, p.profile_version AS "profileVersion", j.profile_version AS "liveVersion",
      j.state = 'rehearsal' AS "isRehearsing", p.table_name AS "tableName", p.purpose, p.rehearsal, p.in_full AS "full",
      p.run_id AS "runId", p.system_key AS "systemKey", p.attempts, p.failures, p.losses, p.rounds, p.asks,
      p.cursor_from AS "cursorFrom", p.cursor_to AS "cursorTo", p.position, p.spool, p.spool_bytes AS "spoolBytes",
      p.pages, p.expected, p.received, p.duplicates, p.duplicate_samples AS "duplicateSamples"
    FROM claimed p JOIN clients c ON c.id = p.client_id JOIN projects j ON j.id = p.project_id`;

/** What is known of a pull before its claim. */
export interface UnclaimedPull {
  projectId: number;
  profileVersion: number;
  systemKey: string;
}

/** Extends a lease. False: the pull is no longer ours. */
export async function renewPullLease(
  { query }: Executor,
  { pullId, epoch, leaseMs }: PullRef & { leaseMs: number },
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    UPDATE pulls SET lease_until = now() + ${leaseMs}::float8 * interval '1 ms'
    WHERE id = ${pullId}::bigint AND epoch = ${epoch}::int AND state = 'running'`.execute(query);
  return numAffectedRows === 1n;
}

/** What a pull asks, and under which profile: written before its first request, and whenever it begins anew. */
export interface PullBeginning {
  profileVersion: number;
  asks: string;
  cursorFrom: string | null;
  full: boolean;
  monitored: boolean;
  rounds: number;
}

/** Begins a pull, or begins it anew: what came so far does not count. False: the pull is no longer ours. */
export async function beginPull(
  { query }: Executor,
  { pullId, epoch, profileVersion, asks, cursorFrom, full, monitored, rounds }: PullRef & PullBeginning,
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    UPDATE pulls SET profile_version = ${profileVersion}::int, asks = ${asks}, cursor_from = ${cursorFrom},
      in_full = ${full}, monitored = ${monitored}, rounds = ${rounds}::int, position = NULL, spool = NULL, spool_bytes = 0,
      pages = 0, expected = NULL, received = 0, duplicates = 0, duplicate_samples = '[]', cursor_to = NULL
    WHERE id = ${pullId}::bigint AND epoch = ${epoch}::int AND state = 'running'`.execute(query);
  return numAffectedRows === 1n;
}

/**
 * Keeps how far a pull is, and extends its lease. What failed before counts no more once there are pages that nobody pulls again;
 * of a system where a pull begins anew each time there are none. False: the pull is no longer ours.
 */
export async function putPullProgress(
  { query }: Executor,
  { pullId, epoch, leaseMs, ...progress }: PullRef & PullProgress & { leaseMs: number },
): Promise<boolean> {
  const isFurther = sql`${progress.position !== null}::boolean AND ${progress.pages}::int > pages`;
  const { numAffectedRows } = await sql`
    UPDATE pulls SET failures = CASE WHEN ${isFurther} THEN 0 ELSE failures END,
      losses = CASE WHEN ${isFurther} THEN 0 ELSE losses END, ${progressColumns(progress)},
      lease_until = now() + ${leaseMs}::float8 * interval '1 ms'
    WHERE id = ${pullId}::bigint AND epoch = ${epoch}::int AND state = 'running'`.execute(query);
  return numAffectedRows === 1n;
}

const progressColumns = (progress: PullProgress) => sql`
      position = ${progress.position === null ? null : JSON.stringify(progress.position)}::jsonb,
      spool = ${progress.spool}, spool_bytes = ${progress.spoolBytes}::bigint, pages = ${progress.pages}::int,
      expected = ${progress.expected}::bigint, received = ${progress.received}::bigint,
      duplicates = ${progress.duplicates}::bigint,
      duplicate_samples = ${JSON.stringify(progress.duplicateSamples)}::jsonb, cursor_to = ${progress.cursorTo}`;

/** How a pull ended. */
export interface PullEnd {
  state: "received" | "unchanged" | "stopped" | "cancelled";
  progress: PullProgress;
  failedPage: number | null;
  error: StoredError | null;
  /** What a probe found. */
  result: object | null;
  arrivalId: number | null;
}

/**
 * Ends a pull that is ours, in the caller's transaction. False: it is no longer ours; roll back. One without an arrival is
 * settled by the caller (`settlePulls`), under the lock on its run.
 */
export async function endPull(
  { query }: Executor,
  { pullId, epoch, state, progress, failedPage, error, result, arrivalId }: PullRef & PullEnd,
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    UPDATE pulls SET state = ${state}, ${progressColumns(progress)}, failed_page = ${failedPage}::int,
      error = ${error === null ? null : JSON.stringify(error)}::jsonb,
      result = ${result === null ? null : JSON.stringify(result)}::json, arrival_id = ${arrivalId}::bigint,
      lease_until = NULL, finished_at = clock_timestamp()
    WHERE id = ${pullId}::bigint AND epoch = ${epoch}::int AND state = 'running'`.execute(query);
  return numAffectedRows === 1n;
}

/** Gives a pull back for a later attempt, under the next epoch. Undefined: it is no longer ours. */
export async function releasePull(
  { query }: Executor,
  {
    pullId,
    epoch,
    error,
    delayMs,
    failedPage,
    hasFailed,
  }: PullRef & { error: StoredError | null; delayMs: number; failedPage: number | null; hasFailed: boolean },
): Promise<PullRef | undefined> {
  const { rows } = await sql<PullRef>`
    UPDATE pulls SET state = 'due', epoch = epoch + 1, lease_until = NULL, ready_at = now(),
      failures = failures + CASE WHEN ${hasFailed} THEN 1 ELSE 0 END, failed_page = ${failedPage}::int,
      losses = 0, error = coalesce(${error === null ? null : JSON.stringify(error)}::jsonb, error),
      not_before = now() + ${delayMs}::float8 * interval '1 ms'
    WHERE id = ${pullId}::bigint AND epoch = ${epoch}::int AND state = 'running'
    RETURNING id AS "pullId", epoch`.execute(query);
  return rows[0];
}

/**
 * Counts pulls of their runs that have become batches, or have ended without one, each once. Returns by run how many pulls it
 * still waits for. The caller holds the locks on the runs' rows.
 */
export async function settlePulls(
  { query }: Executor,
  by: { pullIds: readonly number[] } | { arrivalIds: readonly number[] },
): Promise<Map<number, number>> {
  const which =
    "pullIds" in by
      ? sql`id = ANY(${by.pullIds as number[]}::bigint[])`
      : sql`arrival_id = ANY(${by.arrivalIds as number[]}::bigint[])`;
  const { rows } = await sql<{ runId: number; openPulls: number }>`
    WITH settled AS (
      UPDATE pulls SET settled = true WHERE ${which} AND NOT settled RETURNING run_id
    ), counted AS (
      SELECT run_id, count(*)::int AS pulls FROM settled WHERE run_id IS NOT NULL GROUP BY run_id
    )
    UPDATE runs SET open_pulls = greatest(open_pulls - c.pulls, 0) FROM counted c WHERE runs.id = c.run_id
    RETURNING runs.id AS "runId", runs.open_pulls AS "openPulls"`.execute(query);
  return new Map(rows.map(({ runId, openPulls }) => [runId, openPulls]));
}

/** Removes a run whose pulls all came to nothing: there is nothing to tell of it. The caller holds the lock on its row. */
export async function forgetEmptyRun({ query }: Executor, runId: number): Promise<boolean> {
  const { numAffectedRows } = await sql`
    DELETE FROM runs WHERE id = ${runId}::bigint AND open_pulls = 0 AND revision = 0
      AND NOT EXISTS (SELECT FROM batches WHERE run_id = runs.id)
      AND NOT EXISTS (SELECT FROM triggers WHERE run_id = runs.id)`.execute(query);
  return numAffectedRows === 1n;
}

/** Cancels a pull that has not ended. Undefined: it has. The caller settles it. */
export async function cancelOpenPull(
  { query }: Executor,
  { pullId, error }: { pullId: number; error: StoredError },
): Promise<{ runId: number | null; projectId: number; profileVersion: number } | undefined> {
  const { rows } = await sql<{ runId: number | null; projectId: number; profileVersion: number }>`
    UPDATE pulls SET state = 'cancelled', epoch = epoch + 1, lease_until = NULL, finished_at = clock_timestamp(),
      error = ${JSON.stringify(error)}::jsonb
    WHERE id = ${pullId}::bigint AND state IN ('due', 'running')
    RETURNING run_id AS "runId", project_id AS "projectId", profile_version AS "profileVersion"`.execute(query);
  return rows[0];
}

/** The run that a pull belongs to, and whether it has ended. Undefined: there is no such pull. */
export async function pullStanding(
  { query }: Executor,
  pullId: number,
): Promise<{ runId: number | null; projectId: number; profileVersion: number; hasEnded: boolean } | undefined> {
  const { rows } = await sql<{ runId: number | null; projectId: number; profileVersion: number; hasEnded: boolean }>`
    SELECT run_id AS "runId", project_id AS "projectId", profile_version AS "profileVersion",
      state NOT IN ('due', 'running') AS "hasEnded"
    FROM pulls WHERE id = ${pullId}::bigint`.execute(query);
  return rows[0];
}

/** What a pull brought. Its bytes are at `location`, relative to the data folder; of one that was stopped there are none. */
export interface PulledArrival {
  projectId: number;
  fileName: string;
  sizeBytes: number;
  location: string;
  sha256: Buffer;
  declared: number | null;
  tableName: string;
}

/** Records what a pull brought, or that it was stopped, as an arrival. */
export async function insertPulledArrival({ query }: Executor, arrival: PulledArrival): Promise<number> {
  const { rows } = await sql<{ id: number }>`
    INSERT INTO arrivals (source, project_id, path, file_name, generation, size_bytes, location, sha256, declared_records,
      table_name)
    VALUES ('pull', ${arrival.projectId}::bigint, ${`/${arrival.fileName}`}, ${arrival.fileName}, 1,
      ${arrival.sizeBytes}::bigint, ${arrival.location}, ${arrival.sha256}::bytea, ${arrival.declared}::bigint,
      ${arrival.tableName})
    RETURNING id`.execute(query);
  return rows[0]!.id;
}

/** What the watcher has to know of an arrival that a pull brought. */
export interface ArrivedPull {
  arrivalId: number;
  pullId: number;
  /** The run of its trigger. */
  runKey: string | null;
  rehearsal: boolean;
  /** Why it was stopped; null: it brought everything. */
  stopped: { code: string; message: string } | null;
}

/** The pulls that arrivals came of, by arrival. */
export async function pullsOfArrivals(
  { query }: Executor,
  arrivalIds: readonly number[],
): Promise<Map<number, ArrivedPull>> {
  const { rows } = await sql<ArrivedPull>`
    SELECT p.arrival_id AS "arrivalId", p.id AS "pullId", r.key AS "runKey", p.rehearsal,
      CASE WHEN p.state = 'stopped' THEN p.error END AS stopped
    FROM pulls p LEFT JOIN runs r ON r.id = p.run_id
    WHERE p.arrival_id = ANY(${arrivalIds}::bigint[])`.execute(query);
  return new Map(rows.map((row) => [row.arrivalId, row]));
}

/** The last pull of a table that counts for the next one. */
export interface CursorRow {
  cursor: string;
  /** The bytes that were imported. */
  sha256: Buffer;
  pullId: number;
}

/** Whether a pull's batch `b`, or a re-run of it, has brought its rows into the table. */
export const wasImported = sql`NOT b.rehearsal AND (b.imported_at IS NOT NULL OR EXISTS (
        SELECT FROM batches x WHERE x.rerun_of = b.id AND x.imported_at IS NOT NULL AND NOT x.rehearsal))`;

/**
 * Where the next incremental pull of a table begins: where the newest pull of the same question ended whose batch, or a re-run
 * of it, was imported. Undefined: there was none, so that everything is asked for.
 */
export async function pullCursor(
  { query }: Executor,
  { projectId, tableName, asks }: { projectId: number; tableName: string; asks: string },
): Promise<CursorRow | undefined> {
  const { rows } = await sql<CursorRow>`
    SELECT p.cursor_to AS cursor, b.sha256, p.id AS "pullId"
    FROM pulls p JOIN batches b ON b.arrival_id = p.arrival_id
    WHERE p.project_id = ${projectId}::bigint AND p.table_name = ${tableName} AND p.purpose = 'import'
      AND p.arrival_id IS NOT NULL AND p.asks = ${asks} AND p.cursor_to IS NOT NULL AND p.state = 'received'
      AND ${wasImported}
    ORDER BY p.id DESC LIMIT 1`.execute(query);
  return rows[0];
}

/** What a run's e-mail tells of a batch that was pulled. */
export interface ReportedPull {
  batchId: number;
  pullId: number;
  expected: number | null;
  received: number;
  duplicates: number;
  pages: number;
  failedPage: number | null;
}

/** The pulls that batches of runs came of, by batch. */
export async function pullsOfRuns({ query }: Executor, runIds: readonly number[]): Promise<Map<number, ReportedPull>> {
  const { rows } = await sql<ReportedPull>`
    SELECT b.id AS "batchId", u.id AS "pullId", u.expected, u.received, u.duplicates, u.pages,
      u.failed_page AS "failedPage"
    FROM batches b JOIN pulls u ON u.arrival_id = b.arrival_id WHERE b.run_id = ANY(${runIds}::bigint[])`.execute(
    query,
  );
  return new Map(rows.map((row) => [row.batchId, row]));
}

/** The tables that are still being pulled for a run, or whose rows came and are no batch yet. */
export async function pulledTablesOfRun({ query }: Executor, runId: number): Promise<string[]> {
  const { rows } = await sql<{ tableName: string }>`
    SELECT DISTINCT table_name AS "tableName" FROM pulls WHERE run_id = ${runId}::bigint AND NOT settled`.execute(
    query,
  );
  return rows.map(({ tableName }) => tableName);
}

/** Notes that a system failed, and leaves it alone for a while once it did so often enough in a row. */
export async function noteSystemFailure(
  { query }: Executor,
  { systemKey, error, openMs }: { systemKey: string; error: StoredError; openMs: (failures: number) => number },
): Promise<number> {
  const { rows } = await sql<{ failures: number }>`
    INSERT INTO pull_systems AS s (system_key, failures, error) VALUES (${systemKey}, 1, ${JSON.stringify(error)}::jsonb)
    ON CONFLICT (system_key) DO UPDATE SET failures = s.failures + 1, error = excluded.error, failed_at = now()
    RETURNING failures`.execute(query);
  const { failures } = rows[0]!;
  if (failures >= CIRCUIT_FAILURES) {
    await sql`
      UPDATE pull_systems SET open_until = now() + ${openMs(failures)}::float8 * interval '1 ms'
      WHERE system_key = ${systemKey}`.execute(query);
  }
  return failures;
}

/** A system answers: whatever was noted of it is over. */
export async function noteSystemSuccess({ query }: Executor, systemKey: string): Promise<void> {
  await sql`DELETE FROM pull_systems WHERE system_key = ${systemKey}`.execute(query);
}
