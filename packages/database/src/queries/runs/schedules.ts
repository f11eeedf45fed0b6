import { sql } from "kysely";
import type { Executor } from "../../connection.ts";
import type { ProjectState } from "../projects/projects.ts";

/** Projects whose next due time was reckoned from another version or state than they have now, or never. */
export async function staleSchedules({ query }: Executor, { limit }: { limit: number }): Promise<number[]> {
  const { rows } = await sql<{ id: number }>`
    SELECT p.id FROM projects p LEFT JOIN schedules s ON s.project_id = p.id
    WHERE p.profile_version > 0
      AND (s.project_id IS NULL OR s.profile_version <> p.profile_version OR s.state <> p.state)
    ORDER BY p.id LIMIT ${limit}::int`.execute(query);
  return rows.map(({ id }) => id);
}

/** Projects whose due time has come, longest due first. */
export async function dueSchedules(
  { query }: Executor,
  { now, limit }: { now: Date; limit: number },
): Promise<number[]> {
  const { rows } = await sql<{ id: number }>`
    SELECT project_id AS id FROM schedules WHERE next_due_at <= ${now}::timestamptz
    ORDER BY next_due_at LIMIT ${limit}::int`.execute(query);
  return rows.map(({ id }) => id);
}

/** A project's next due time, as it was reckoned. */
export interface ScheduleRow {
  profileVersion: number;
  state: ProjectState;
  nextDueAt: Date | null;
}

/** A project's next due time. Undefined: it was not reckoned yet. */
export async function findSchedule({ query }: Executor, projectId: number): Promise<ScheduleRow | undefined> {
  const { rows } = await sql<ScheduleRow>`
    SELECT profile_version AS "profileVersion", state, next_due_at AS "nextDueAt" FROM schedules
    WHERE project_id = ${projectId}::bigint`.execute(query);
  return rows[0];
}

/** From when on a project's due times count: its newest trigger, its profile's version, or its going live. */
export async function scheduleCountsFrom({ query }: Executor, projectId: number): Promise<Date> {
  const { rows } = await sql<{ after: Date }>`
    SELECT greatest(f.created_at, p.live_at, (
      SELECT max(due_at) FROM triggers WHERE project_id = p.id AND triggered_by = 'schedule')) AS after
    FROM projects p JOIN profiles f ON f.project_id = p.id AND f.version = p.profile_version
    WHERE p.id = ${projectId}::bigint`.execute(query);
  return rows[0]!.after;
}

/** Keeps when a project is due next, and what that was reckoned from. */
export async function putSchedule(
  { query }: Executor,
  { projectId, profileVersion, state, nextDueAt }: ScheduleRow & { projectId: number },
): Promise<void> {
  await sql`
    INSERT INTO schedules (project_id, profile_version, state, next_due_at)
    VALUES (${projectId}::bigint, ${profileVersion}::int, ${state}, ${nextDueAt}::timestamptz)
    ON CONFLICT (project_id) DO UPDATE SET profile_version = excluded.profile_version, state = excluded.state,
      next_due_at = excluded.next_due_at`.execute(query);
}

/** What started a run, or was skipped. */
export interface NewTrigger {
  projectId: number;
  dueAt: Date;
  by: "schedule" | "person";
  actor: string | null;
  reason: string | null;
  profileVersion: number;
  timezone: string;
  /** Null: skipped. */
  runId: number | null;
}

/** Records triggers, each due time once. Returns the due times that were new. */
export async function insertTriggers({ query }: Executor, triggers: readonly NewTrigger[]): Promise<Date[]> {
  const { rows } = await sql<{ dueAt: Date }>`
    INSERT INTO triggers (project_id, due_at, triggered_by, actor, reason, profile_version, timezone, run_id, started_at)
    SELECT project_id, due_at, triggered_by, actor, reason, profile_version, timezone, run_id,
      CASE WHEN run_id IS NOT NULL THEN clock_timestamp() END
    FROM jsonb_to_recordset(${JSON.stringify(
      triggers.map((trigger) => ({
        project_id: trigger.projectId,
        due_at: trigger.dueAt.toISOString(),
        triggered_by: trigger.by,
        actor: trigger.actor,
        reason: trigger.reason,
        profile_version: trigger.profileVersion,
        timezone: trigger.timezone,
        run_id: trigger.runId,
      })),
    )}::jsonb) AS t (project_id bigint, due_at timestamptz, triggered_by text, actor text, reason text,
      profile_version int, timezone text, run_id bigint)
    ON CONFLICT (project_id, due_at) DO NOTHING
    RETURNING due_at AS "dueAt"`.execute(query);
  return rows.map(({ dueAt }) => dueAt);
}

/** Whether there was a trigger of this due time already. */
export async function hasTrigger(
  { query }: Executor,
  { projectId, dueAt }: { projectId: number; dueAt: Date },
): Promise<boolean> {
  const { rows } = await sql<{ id: number }>`
    SELECT id FROM triggers WHERE project_id = ${projectId}::bigint AND due_at = ${dueAt}::timestamptz`.execute(query);
  return rows.length > 0;
}

/**
 * A project's run of a trigger that has not ended. Undefined: none. One that was reported and is open again does not count: a
 * late file in it may wait, in its table's order of arrival, for one that waits for the next run.
 */
export async function runUnderWay(
  { query }: Executor,
  projectId: number,
): Promise<{ id: number; key: string } | undefined> {
  const { rows } = await sql<{ id: number; key: string }>`
    SELECT r.id, r.key FROM triggers t JOIN runs r ON r.id = t.run_id
    WHERE t.project_id = ${projectId}::bigint AND r.state = 'open' AND r.revision = 0 ORDER BY r.id LIMIT 1`.execute(
    query,
  );
  return rows[0];
}

/** A trigger with what became of its run. */
export interface TriggerRow {
  dueAt: Date;
  by: "schedule" | "person";
  actor: string | null;
  reason: string | null;
  timezone: string;
  startedAt: Date | null;
  runId: number | null;
}

/** A project's newest triggers, newest first. */
export async function listTriggers(
  { query }: Executor,
  { projectId, limit }: { projectId: number; limit: number },
): Promise<TriggerRow[]> {
  const { rows } = await sql<TriggerRow>`
    SELECT due_at AS "dueAt", triggered_by AS "by", actor, reason, timezone, started_at AS "startedAt", run_id AS "runId"
    FROM triggers WHERE project_id = ${projectId}::bigint ORDER BY due_at DESC LIMIT ${limit}::int`.execute(query);
  return rows;
}

/** The due times right before one that were skipped, oldest first. */
export async function skippedBefore(
  { query }: Executor,
  { projectId, dueAt }: { projectId: number; dueAt: Date },
): Promise<Date[]> {
  const { rows } = await sql<{ dueAt: Date }>`
    SELECT due_at AS "dueAt" FROM triggers
    WHERE project_id = ${projectId}::bigint AND run_id IS NULL AND due_at < ${dueAt}::timestamptz
      AND due_at > coalesce((SELECT max(due_at) FROM triggers WHERE project_id = ${projectId}::bigint
        AND run_id IS NOT NULL AND due_at < ${dueAt}::timestamptz), '-infinity')
    ORDER BY due_at`.execute(query);
  return rows.map((row) => row.dueAt);
}
