import { sql } from "kysely";
import type { Executor } from "../../connection.ts";
import type { ScheduleRow } from "../runs/schedules.ts";

/** Projects whose next pulls were reckoned from another version or state than they have now, or never. */
export async function stalePullSchedules({ query }: Executor, { limit }: { limit: number }): Promise<number[]> {
  const { rows } = await sql<{ id: number }>`
    SELECT p.id FROM projects p LEFT JOIN pull_schedules s ON s.project_id = p.id
    WHERE p.profile_version > 0
      AND (s.project_id IS NULL OR s.profile_version <> p.profile_version OR s.state <> p.state)
    ORDER BY p.id LIMIT ${limit}::int`.execute(query);
  return rows.map(({ id }) => id);
}

/** Projects whose pulls are due, longest due first. */
export async function duePullSchedules(
  { query }: Executor,
  { now, limit }: { now: Date; limit: number },
): Promise<number[]> {
  const { rows } = await sql<{ id: number }>`
    SELECT project_id AS id FROM pull_schedules WHERE next_due_at <= ${now}::timestamptz
    ORDER BY next_due_at LIMIT ${limit}::int`.execute(query);
  return rows.map(({ id }) => id);
}

/** When a project's pulls are due next. Undefined: it was not reckoned yet. */
export async function findPullSchedule({ query }: Executor, projectId: number): Promise<ScheduleRow | undefined> {
  const { rows } = await sql<ScheduleRow>`
    SELECT profile_version AS "profileVersion", state, next_due_at AS "nextDueAt" FROM pull_schedules
    WHERE project_id = ${projectId}::bigint`.execute(query);
  return rows[0];
}

/** Keeps when a project's pulls are due next, and what that was reckoned from. */
export async function putPullSchedule(
  { query }: Executor,
  { projectId, profileVersion, state, nextDueAt }: ScheduleRow & { projectId: number },
): Promise<void> {
  await sql`
    INSERT INTO pull_schedules (project_id, profile_version, state, next_due_at)
    VALUES (${projectId}::bigint, ${profileVersion}::int, ${state}, ${nextDueAt}::timestamptz)
    ON CONFLICT (project_id) DO UPDATE SET profile_version = excluded.profile_version, state = excluded.state,
      next_due_at = excluded.next_due_at`.execute(query);
}

/** From when on the due times of a project's pulls count: its newest one, its profile's version, or its going live. */
export async function pullsCountFrom({ query }: Executor, projectId: number): Promise<Date> {
  const { rows } = await sql<{ after: Date }>`
    SELECT greatest(f.created_at, p.live_at, (SELECT max(due_at) FROM pulls WHERE project_id = p.id)) AS after
    FROM projects p JOIN profiles f ON f.project_id = p.id AND f.version = p.profile_version
    WHERE p.id = ${projectId}::bigint`.execute(query);
  return rows[0]!.after;
}
