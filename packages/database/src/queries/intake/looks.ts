import { sql } from "kysely";
import type { Database, Executor } from "../../connection.ts";

/** Where it is kept how the places fare that are looked at again and again: a row for each project that has one. */
type LooksTable = "source_looks" | "mailbox_looks";

/** What a look met. */
export interface LookOutcome {
  projectId: number;
  /** Since the profile was read that it went by. What was changed meanwhile it did not know: that is another look's to see. */
  tookMs: number;
  /** Null: all is well. */
  error: { code: string; message: string } | null;
  /** How long until the next look, after so many failures in a row. */
  pauseMs: (failures: number) => number;
}

/** How many looks in a row have failed now, and had before. */
export interface LookFailures {
  failures: number;
  failuresBefore: number;
}

/** Records a look. The caller holds its lock. */
export async function recordLookIn(
  { query }: Executor,
  table: LooksTable,
  { projectId, tookMs, error, pauseMs }: LookOutcome,
): Promise<LookFailures> {
  const before = await query
    .selectFrom(table)
    .select("failures")
    .where("project_id", "=", projectId)
    .executeTakeFirst();
  const failuresBefore = before?.failures ?? 0;
  const failures = error === null ? 0 : failuresBefore + 1;
  await sql`
    INSERT INTO ${sql.table(table)} AS l
      (project_id, next_look_at, looked_at, succeeded_at, failures, error_code, error_message)
    VALUES (${projectId}::bigint, now() + ${pauseMs(failures)}::float8 * interval '1 ms',
      now() - ${tookMs}::float8 * interval '1 ms', CASE WHEN ${error === null} THEN now() END, ${failures}::int, ${error?.code ?? null}, ${error?.message ?? null})
    ON CONFLICT (project_id) DO UPDATE SET next_look_at = excluded.next_look_at, looked_at = excluded.looked_at,
      succeeded_at = coalesce(excluded.succeeded_at, l.succeeded_at), failures = excluded.failures,
      error_code = excluded.error_code, error_message = excluded.error_message`.execute(query);
  return { failures, failuresBefore };
}

/** How a place fares that is looked at again and again. */
export interface LookStatus {
  projectId: number;
  client: string;
  project: string;
  nextLookAt: Date;
  lookedAt: Date | null;
  succeededAt: Date | null;
  failures: number;
  errorCode: string | null;
  errorMessage: string | null;
}

/** The places that have been looked at, worst first. */
export async function lookStatuses({ query }: Executor, table: LooksTable): Promise<LookStatus[]> {
  const { rows } = await sql<LookStatus>`
    SELECT l.project_id AS "projectId", c.slug AS client, p.slug AS project, l.next_look_at AS "nextLookAt",
      l.looked_at AS "lookedAt", l.succeeded_at AS "succeededAt", l.failures, l.error_code AS "errorCode",
      l.error_message AS "errorMessage"
    FROM ${sql.table(table)} l JOIN projects p ON p.id = l.project_id JOIN clients c ON c.id = p.client_id
    ORDER BY l.failures DESC, l.project_id`.execute(query);
  return rows;
}

/**
 * Runs `work` while this process alone looks at a place of a project; undefined when another one does. The lock belongs to a
 * connection of its own and is gone with it: what is done under it has to be right without it, too.
 */
export async function withLookLock<T>(
  { pool }: Database,
  { projectId, place }: { projectId: number; place: "source" | "mailbox" },
  work: () => Promise<T>,
): Promise<T | undefined> {
  const client = await pool.connect();
  let broken: Error | undefined;
  const noteBroken = (error: Error) => {
    broken = error;
  };
  client.on("error", noteBroken);
  try {
    const lock = [projectId, place];
    const { rows } = await client.query("SELECT pg_try_advisory_lock($1::int, hashtext($2)) AS locked", lock);
    if (!rows[0].locked) return undefined;
    try {
      return await work();
    } finally {
      await client.query("SELECT pg_advisory_unlock($1::int, hashtext($2))", lock).catch(noteBroken);
    }
  } finally {
    client.off("error", noteBroken);
    client.release(broken);
  }
}
