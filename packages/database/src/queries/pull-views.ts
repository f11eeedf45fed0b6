import type { BatchStatus } from "@inlet/contracts";
import { sql } from "kysely";
import type { Executor } from "../connection.ts";
import type { StoredError } from "../schema.ts";
import type { Scope } from "./batch-views.ts";
import type { DuplicateSample } from "./pulls.ts";

/** A pull as lists show it. */
export interface PullRow {
  id: number;
  clientId: number;
  client: string;
  projectId: number;
  project: string;
  profileVersion: number;
  tableName: string;
  purpose: "import" | "probe";
  state: "due" | "running" | "received" | "unchanged" | "stopped" | "cancelled";
  rehearsal: boolean;
  triggeredBy: "schedule" | "person";
  /** Null where a person asked. */
  dueAt: Date | null;
  actor: string | null;
  reason: string | null;
  monitored: boolean;
  full: boolean;
  cursorFrom: string | null;
  cursorTo: string | null;
  pages: number;
  expected: number | null;
  received: number;
  duplicates: number;
  receivedBytes: number;
  attempts: number;
  rounds: number;
  failedPage: number | null;
  error: StoredError | null;
  runId: number | null;
  batch: {
    id: number;
    status: BatchStatus;
    reasonCode: string | null;
    reasonMessage: string | null;
    valid: number | null;
    imported: number | null;
  } | null;
  createdAt: Date;
  notBefore: Date;
  startedAt: Date | null;
  finishedAt: Date | null;
  /** From its start to its end, or until now; null: it has not started. */
  durationMs: number | null;
}

/** A pull in full. */
export interface PullDetailRow extends PullRow {
  duplicateSamples: DuplicateSample[];
  /** What a probe found. */
  result: Record<string, unknown> | null;
}

const pullColumns = sql`
  u.id, u.client_id AS "clientId", c.slug AS client, u.project_id AS "projectId", p.slug AS project,
  u.profile_version AS "profileVersion", u.table_name AS "tableName", u.purpose, u.state, u.rehearsal,
  u.triggered_by AS "triggeredBy", u.due_at AS "dueAt", u.actor, u.reason, u.monitored, u.in_full AS "full",
  u.cursor_from AS "cursorFrom", u.cursor_to AS "cursorTo", u.pages, u.expected, u.received, u.duplicates,
  u.spool_bytes AS "receivedBytes", u.attempts, u.rounds, u.failed_page AS "failedPage", u.error, u.run_id AS "runId",
  CASE WHEN b.id IS NOT NULL THEN jsonb_build_object('id', b.id, 'status', b.status, 'reasonCode', b.reason_code,
    'reasonMessage', b.reason_message, 'valid', b.valid, 'imported', b.imported) END AS batch,
  u.created_at AS "createdAt", u.not_before AS "notBefore", u.started_at AS "startedAt", u.finished_at AS "finishedAt",
  round(extract(epoch FROM coalesce(u.finished_at, now()) - u.started_at) * 1000)::float8 AS "durationMs"`;

/** A pull `u` with its project, client and batch. */
const pullTables = sql`pulls u JOIN projects p ON p.id = u.project_id JOIN clients c ON c.id = u.client_id
    LEFT JOIN batches b ON b.arrival_id = u.arrival_id`;

/** Conditions on pulls; null ones do not count. */
export interface PullFilter {
  scope: Scope;
  client: string | null;
  project: string | null;
  table: string | null;
  state: PullRow["state"] | null;
  purpose: PullRow["purpose"] | null;
  beforeId: number | null;
}

/** Pulls, newest first. */
export async function listPulls(
  { query }: Executor,
  { scope, client, project, table, state, purpose, beforeId, limit }: PullFilter & { limit: number },
): Promise<PullRow[]> {
  const { rows } = await sql<PullRow>`
    SELECT ${pullColumns} FROM ${pullTables}
    WHERE (${scope}::bigint IS NULL OR u.client_id = ${scope}::bigint)
      AND (${client}::text IS NULL OR c.slug = ${client}) AND (${project}::text IS NULL OR p.slug = ${project})
      AND (${table}::text IS NULL OR u.table_name = ${table}) AND (${state}::text IS NULL OR u.state = ${state})
      AND (${purpose}::text IS NULL OR u.purpose = ${purpose})
      AND (${beforeId}::bigint IS NULL OR u.id < ${beforeId}::bigint)
    ORDER BY u.id DESC LIMIT ${limit}::int`.execute(query);
  return rows;
}

/** These pulls, in the order of their ids. */
export async function pullsById({ query }: Executor, pullIds: readonly number[]): Promise<PullRow[]> {
  const { rows } = await sql<PullRow>`
    SELECT ${pullColumns} FROM ${pullTables} WHERE u.id = ANY(${pullIds}::bigint[]) ORDER BY u.id`.execute(query);
  return rows;
}

/** One pull. Undefined: there is none, or not for this caller. */
export async function findPull(
  { query }: Executor,
  { pullId, scope }: { pullId: number; scope: Scope },
): Promise<PullDetailRow | undefined> {
  const { rows } = await sql<PullDetailRow>`
    SELECT ${pullColumns}, u.duplicate_samples AS "duplicateSamples", u.result FROM ${pullTables}
    WHERE u.id = ${pullId}::bigint AND (${scope}::bigint IS NULL OR u.client_id = ${scope}::bigint)`.execute(query);
  return rows[0];
}

/** How one table's pulls stand. */
export interface PulledTableRow {
  tableName: string;
  /** The newest pull for an import; null: there was none. */
  last: PullRow | null;
  /** The newest that was imported, or that found nothing new. */
  lastGood: { pullId: number; at: Date } | null;
  /** What `pullCursor` says of the question that the newest pull asked; null: everything is asked for. */
  cursor: string | null;
}

/** Where each table of a project stands that has ever been pulled. */
export async function pulledTables(executor: Executor, projectId: number): Promise<PulledTableRow[]> {
  const { query } = executor;
  const { rows: tables } = await sql<{
    tableName: string;
    lastId: number;
    goodId: number | null;
    goodAt: Date | null;
    cursor: string | null;
  }>`
    SELECT t.table_name AS "tableName", l.id AS "lastId", g.id AS "goodId", g.at AS "goodAt", k.cursor
    FROM (SELECT DISTINCT table_name FROM pulls WHERE project_id = ${projectId}::bigint AND purpose = 'import') t
    CROSS JOIN LATERAL (
      SELECT id, asks FROM pulls WHERE project_id = ${projectId}::bigint AND table_name = t.table_name AND purpose = 'import'
      ORDER BY id DESC LIMIT 1) l
    LEFT JOIN LATERAL (
      SELECT u.id, coalesce(b.imported_at, u.finished_at) AS at
      FROM pulls u LEFT JOIN batches b ON b.arrival_id = u.arrival_id
      WHERE u.project_id = ${projectId}::bigint AND u.table_name = t.table_name AND u.purpose = 'import'
        AND (u.state = 'unchanged' OR (b.imported_at IS NOT NULL AND NOT b.rehearsal))
      ORDER BY u.id DESC LIMIT 1) g ON true
    LEFT JOIN LATERAL (
      SELECT u.cursor_to AS cursor FROM pulls u JOIN batches b ON b.arrival_id = u.arrival_id
      WHERE u.project_id = ${projectId}::bigint AND u.table_name = t.table_name AND u.purpose = 'import'
        AND u.state = 'received' AND u.cursor_to IS NOT NULL AND b.imported_at IS NOT NULL AND NOT b.rehearsal
        AND u.asks = coalesce(l.asks, (SELECT a.asks FROM pulls a WHERE a.project_id = u.project_id
          AND a.table_name = t.table_name AND a.asks IS NOT NULL ORDER BY a.id DESC LIMIT 1))
      ORDER BY u.id DESC LIMIT 1) k ON true
    ORDER BY t.table_name`.execute(query);
  const last = new Map(
    (
      await pullsById(
        executor,
        tables.map(({ lastId }) => lastId),
      )
    ).map((row) => [row.id, row]),
  );
  return tables.map(({ tableName, lastId, goodId, goodAt, cursor }) => ({
    tableName,
    last: last.get(lastId) ?? null,
    lastGood: goodId === null || goodAt === null ? null : { pullId: goodId, at: goodAt },
    cursor,
  }));
}

/** How a system fares. */
export interface SystemState {
  failures: number;
  /** It is left alone until then; null: it is not. */
  openUntil: Date | null;
  error: StoredError | null;
}

/** How a system fares that failed lately. Undefined: it answers, or was never asked. */
export async function systemState({ query }: Executor, systemKey: string): Promise<SystemState | undefined> {
  const { rows } = await sql<SystemState>`
    SELECT failures, CASE WHEN open_until > now() THEN open_until END AS "openUntil", error FROM pull_systems
    WHERE system_key = ${systemKey}`.execute(query);
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

/** The pulls that batches of runs came of. */
export async function pullsOfRuns({ query }: Executor, runIds: readonly number[]): Promise<Map<number, ReportedPull>> {
  const { rows } = await sql<ReportedPull>`
    SELECT b.id AS "batchId", u.id AS "pullId", u.expected, u.received, u.duplicates, u.pages,
      u.failed_page AS "failedPage"
    FROM pulls u JOIN batches b ON b.arrival_id = u.arrival_id WHERE b.run_id = ANY(${runIds}::bigint[])`.execute(
    query,
  );
  return new Map(rows.map((row) => [row.batchId, row]));
}
