import type { BatchStatus } from "@inlet/contracts";
import { sql } from "kysely";
import type { Executor } from "../../connection.ts";
import { type MessageRow, messageJson, type Scope } from "../batches/batch-views.ts";

/** A run as lists show it. */
export interface RunRow {
  id: number;
  client: string;
  project: string;
  key: string;
  state: "open" | "reported";
  revision: number;
  settleAt: Date | null;
  openedAt: Date;
  reportedAt: Date | null;
  statuses: Partial<Record<BatchStatus, number>>;
  projectId: number;
  /** The profile that it is reported by. */
  profileVersion: number;
  /** Until when it waits for files that have not come, and whether it still does. */
  gatherUntil: Date | null;
  isGathering: boolean;
  deadlineAt: Date | null;
  overdueAt: Date | null;
  /** Null: its first file started it, or it waits for its trigger. */
  triggeredBy: "schedule" | "person" | null;
  dueAt: Date | null;
  startedAt: Date | null;
  actor: string | null;
  reason: string | null;
  /** When its project is due next. */
  nextDueAt: Date | null;
}

/** Conditions on runs; null ones do not count. */
export interface RunFilter {
  scope: Scope;
  client: string | null;
  project: string | null;
  state: "open" | "reported" | null;
  beforeId: number | null;
}

const runColumns = sql`
  r.id, c.slug AS client, p.slug AS project, r.key, r.state, r.revision, r.settle_at AS "settleAt",
  r.opened_at AS "openedAt", r.reported_at AS "reportedAt",
  (SELECT coalesce(jsonb_object_agg(s.status, s.batches), '{}')
   FROM (SELECT status, count(*) AS batches FROM batches WHERE run_id = r.id GROUP BY status) s) AS statuses,
  r.project_id AS "projectId", coalesce(
    (SELECT profile_version FROM batches WHERE run_id = r.id ORDER BY id DESC LIMIT 1), t.profile_version,
    p.profile_version) AS "profileVersion",
  r.gather_until AS "gatherUntil", coalesce(r.gather_until > clock_timestamp(), false) AS "isGathering",
  r.deadline_at AS "deadlineAt", r.overdue_at AS "overdueAt", coalesce(t.triggered_by, u.triggered_by) AS "triggeredBy",
  coalesce(t.due_at, u.due_at) AS "dueAt", coalesce(t.started_at, u.created_at) AS "startedAt",
  coalesce(t.actor, u.actor) AS actor, coalesce(t.reason, u.reason) AS reason, d.next_due_at AS "nextDueAt"`;

/** A run `r` with its project, client, trigger and schedule; what started the pulls of a run of pulls is that, too. */
const runTables = sql`runs r JOIN projects p ON p.id = r.project_id JOIN clients c ON c.id = p.client_id
    LEFT JOIN triggers t ON t.run_id = r.id LEFT JOIN schedules d ON d.project_id = p.id
    LEFT JOIN LATERAL (SELECT triggered_by, due_at, actor, reason, created_at FROM pulls WHERE run_id = r.id
      ORDER BY id LIMIT 1) u ON r.key ~ '^(rehearsal )?pull '`;

/** Runs, newest first. */
export async function listRuns({ query }: Executor, filter: RunFilter, limit: number): Promise<RunRow[]> {
  const { rows } = await sql<RunRow>`
    SELECT ${runColumns}
    FROM ${runTables}
    WHERE (${filter.scope}::bigint IS NULL OR c.id = ${filter.scope}::bigint)
      AND (${filter.client}::text IS NULL OR c.slug = ${filter.client}::text)
      AND (${filter.project}::text IS NULL OR p.slug = ${filter.project}::text)
      AND (${filter.state}::text IS NULL OR r.state = ${filter.state}::text)
      AND (${filter.beforeId}::bigint IS NULL OR r.id < ${filter.beforeId}::bigint)
    ORDER BY r.id DESC LIMIT ${limit}::int`.execute(query);
  return rows;
}

/** One run with its messages. Undefined: there is none within the scope. */
export async function findRunDetail(
  { query }: Executor,
  { runId, scope }: { runId: number; scope: Scope },
): Promise<(RunRow & { messages: MessageRow[] }) | undefined> {
  const { rows } = await sql<RunRow & { messages: MessageRow[] }>`
    SELECT ${runColumns},
      (SELECT coalesce(jsonb_agg(${messageJson} ORDER BY m.id), '[]') FROM messages m WHERE m.run_id = r.id) AS messages
    FROM ${runTables}
    WHERE r.id = ${runId}::bigint AND (${scope}::bigint IS NULL OR c.id = ${scope}::bigint)`.execute(query);
  return rows[0];
}

/** These runs, in no order. */
export async function findRuns({ query }: Executor, runIds: readonly number[]): Promise<RunRow[]> {
  const { rows } = await sql<RunRow>`
    SELECT ${runColumns} FROM ${runTables} WHERE r.id = ANY(${runIds}::bigint[])`.execute(query);
  return rows;
}

/** A message with where it belongs. */
export interface ListedMessageRow {
  message: MessageRow;
  client: string;
  project: string;
  runId: number | null;
  batchId: number | null;
}

/** Messages in one state, newest first. */
export async function listMessages(
  { query }: Executor,
  {
    scope,
    state,
    beforeId,
    limit,
  }: {
    scope: Scope;
    state: MessageRow["state"];
    beforeId: number | null;
    limit: number;
  },
): Promise<ListedMessageRow[]> {
  const { rows } = await sql<ListedMessageRow>`
    SELECT ${messageJson} AS message, c.slug AS client, p.slug AS project, m.run_id AS "runId", m.batch_id AS "batchId"
    FROM messages m JOIN projects p ON p.id = m.project_id JOIN clients c ON c.id = p.client_id
    WHERE m.state = ${state} AND (${scope}::bigint IS NULL OR c.id = ${scope}::bigint)
      AND (${beforeId}::bigint IS NULL OR m.id < ${beforeId}::bigint)
    ORDER BY m.id DESC LIMIT ${limit}::int`.execute(query);
  return rows;
}
