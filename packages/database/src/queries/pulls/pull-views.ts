import type { BatchStatus } from "@inlet/contracts";
import { sql } from "kysely";
import type { Executor } from "../../connection.ts";
import type { StoredError } from "../../schema.ts";
import type { Scope } from "../batches/batch-views.ts";
import { type DuplicateSample, wasImported } from "./pulls.ts";

/** A pull as lists show it, with the batch that it became. */
export interface PullRow {
  id: number;
  client: string;
  project: string;
  projectId: number;
  profileVersion: number;
  table: string;
  purpose: "import" | "probe";
  rehearsal: boolean;
  state: "due" | "running" | "received" | "unchanged" | "stopped" | "cancelled";
  full: boolean;
  monitored: boolean;
  triggeredBy: "schedule" | "person";
  dueAt: Date | null;
  actor: string | null;
  reason: string | null;
  runId: number | null;
  attempts: number;
  rounds: number;
  notBefore: Date;
  cursorFrom: string | null;
  cursorTo: string | null;
  spoolBytes: number;
  pages: number;
  expected: number | null;
  received: number;
  duplicates: number;
  failedPage: number | null;
  arrivalId: number | null;
  error: StoredError | null;
  createdAt: Date;
  startedAt: Date | null;
  finishedAt: Date | null;
  /** All null while there is no batch. */
  batchId: number | null;
  batchStatus: BatchStatus | null;
  batchReasonCode: string | null;
  batchReasonMessage: string | null;
  valid: number | null;
  imported: number | null;
}

const pullColumns = sql`
  p.id, c.slug AS client, j.slug AS project, p.project_id AS "projectId", p.profile_version AS "profileVersion",
  p.table_name AS "table", p.purpose, p.rehearsal, p.state, p.in_full AS "full", p.monitored, p.triggered_by AS "triggeredBy",
  p.due_at AS "dueAt", p.actor, p.reason, p.run_id AS "runId", p.attempts, p.rounds, p.not_before AS "notBefore",
  p.cursor_from AS "cursorFrom", p.cursor_to AS "cursorTo", p.spool_bytes AS "spoolBytes", p.pages, p.expected, p.received,
  p.duplicates, p.failed_page AS "failedPage", p.arrival_id AS "arrivalId", p.error, p.created_at AS "createdAt",
  p.started_at AS "startedAt", p.finished_at AS "finishedAt", b.id AS "batchId", b.status AS "batchStatus",
  b.reason_code AS "batchReasonCode", b.reason_message AS "batchReasonMessage", b.valid, b.imported`;

/** A pull `p` with its client, its project and its batch. */
const pullTables = sql`pulls p JOIN clients c ON c.id = p.client_id JOIN projects j ON j.id = p.project_id
    LEFT JOIN batches b ON b.arrival_id = p.arrival_id`;

/** Conditions on a project's pulls; null ones do not count. */
export interface PullFilter {
  projectId: number;
  table: string | null;
  state: PullRow["state"] | null;
  purpose: PullRow["purpose"];
  beforeId: number | null;
}

/** A project's pulls, newest first. */
export async function listPulls({ query }: Executor, filter: PullFilter, limit: number): Promise<PullRow[]> {
  const { rows } = await sql<PullRow>`
    SELECT ${pullColumns} FROM ${pullTables}
    WHERE p.project_id = ${filter.projectId}::bigint AND p.purpose = ${filter.purpose}
      AND (${filter.table}::text IS NULL OR p.table_name = ${filter.table}::text)
      AND (${filter.state}::text IS NULL OR p.state = ${filter.state}::text)
      AND (${filter.beforeId}::bigint IS NULL OR p.id < ${filter.beforeId}::bigint)
    ORDER BY p.id DESC LIMIT ${limit}::int`.execute(query);
  return rows;
}

/** These pulls, in the order of their numbers. */
export async function findPulls({ query }: Executor, pullIds: readonly number[]): Promise<PullRow[]> {
  const { rows } = await sql<PullRow>`
    SELECT ${pullColumns} FROM ${pullTables} WHERE p.id = ANY(${pullIds}::bigint[]) ORDER BY p.id`.execute(query);
  return rows;
}

/** A pull with all that is told of it. `result`: what a probe found. */
export type PullDetailRow = PullRow & { duplicateSamples: DuplicateSample[]; result: object | null };

/** One pull. Undefined: there is none within the scope. */
export async function findPull(
  { query }: Executor,
  { pullId, scope }: { pullId: number; scope: Scope },
): Promise<PullDetailRow | undefined> {
  const { rows } = await sql<PullDetailRow>`
    SELECT ${pullColumns}, p.duplicate_samples AS "duplicateSamples", p.result FROM ${pullTables}
    WHERE p.id = ${pullId}::bigint AND (${scope}::bigint IS NULL OR c.id = ${scope}::bigint)`.execute(query);
  return rows[0];
}

/** The newest pull of each of a project's tables. */
export async function newestPulls(
  { query }: Executor,
  { projectId, tables }: { projectId: number; tables: readonly string[] },
): Promise<PullRow[]> {
  const { rows } = await sql<PullRow>`
    SELECT ${pullColumns} FROM unnest(${tables}::text[]) AS t (name)
    CROSS JOIN LATERAL (SELECT * FROM pulls n WHERE n.project_id = ${projectId}::bigint AND n.table_name = t.name
      AND n.purpose = 'import' AND (n.state <> 'cancelled' OR n.started_at IS NOT NULL) ORDER BY n.id DESC LIMIT 1) p
    JOIN clients c ON c.id = p.client_id JOIN projects j ON j.id = p.project_id
    LEFT JOIN batches b ON b.arrival_id = p.arrival_id`.execute(query);
  return rows;
}

/** The newest pull of a table that was imported, or that found nothing new. */
export interface GoodPull {
  table: string;
  pullId: number;
  at: Date;
  /** Where the next incremental pull begins, as long as it asks the same. */
  cursor: string | null;
  /** What it asked, as a digest. */
  asks: string | null;
}

/** Of each of a project's tables the newest pull that was good. */
export async function newestGoodPulls(
  { query }: Executor,
  { projectId, tables }: { projectId: number; tables: readonly string[] },
): Promise<GoodPull[]> {
  const { rows } = await sql<GoodPull>`
    SELECT t.name AS "table", p.id AS "pullId", p.at, p.cursor, p.asks FROM unnest(${tables}::text[]) AS t (name)
    CROSS JOIN LATERAL (
      SELECT n.id, coalesce(b.imported_at, n.finished_at) AS at,
        coalesce(n.cursor_to, n.cursor_from) AS cursor, n.asks FROM pulls n LEFT JOIN batches b ON b.arrival_id = n.arrival_id
      WHERE n.project_id = ${projectId}::bigint AND n.table_name = t.name AND n.purpose = 'import'
        AND NOT n.rehearsal AND (n.state = 'unchanged' OR (${wasImported}))
      ORDER BY n.id DESC LIMIT 1) p`.execute(query);
  return rows;
}

/** How a system fares. */
export interface SystemStanding {
  /** In a row. */
  failures: number;
  /** Until then it is left alone; null: it is not. */
  openUntil: Date | null;
  error: StoredError | null;
}

/** How a system fares; undefined: nothing stands against it. */
export async function systemStanding({ query }: Executor, systemKey: string): Promise<SystemStanding | undefined> {
  const { rows } = await sql<SystemStanding>`
    SELECT failures, CASE WHEN open_until > clock_timestamp() THEN open_until END AS "openUntil", error
    FROM pull_systems WHERE system_key = ${systemKey}`.execute(query);
  return rows[0];
}

/** When a project's next pulls are due; null: none is. */
export async function nextPullsDue({ query }: Executor, projectId: number): Promise<Date | null> {
  const { rows } = await sql<{ nextDueAt: Date | null }>`
    SELECT next_due_at AS "nextDueAt" FROM pull_schedules WHERE project_id = ${projectId}::bigint`.execute(query);
  return rows[0]?.nextDueAt ?? null;
}
