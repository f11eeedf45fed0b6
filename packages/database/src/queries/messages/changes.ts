import type { BatchStatus, Counts, StepKind, StepState } from "@inlet/contracts";
import { sql } from "kysely";
import type { Executor } from "../../connection.ts";

/** Where a batch stands: what live lists show of it. */
export interface BatchState extends Counts {
  id: number;
  clientId: number;
  client: string;
  project: string;
  tableName: string | null;
  runId: number;
  source: string;
  fileName: string;
  sizeBytes: number;
  status: BatchStatus;
  rehearsal: boolean;
  reasonCode: string | null;
  issueTotals: Record<string, number>;
  stage: { kind: StepKind; state: StepState; attempts: number } | null;
  receivedAt: Date;
  startedAt: Date | null;
  endedAt: Date | null;
}

/** The present states of batches, in one statement; of numbers that no batch has, nothing. */
export async function batchStates({ query }: Executor, batchIds: readonly number[]): Promise<BatchState[]> {
  const { rows } = await sql<BatchState>`
    SELECT b.id, b.client_id AS "clientId", c.slug AS client, p.slug AS project, b.table_name AS "tableName",
      b.run_id AS "runId", b.source, b.file_name AS "fileName", b.size_bytes AS "sizeBytes", b.status, b.rehearsal,
      b.reason_code AS "reasonCode", b.issue_totals AS "issueTotals", b.declared, b.records, b.valid, b.rejected,
      b.staged, b.imported, b.links, b.withheld, b.received_at AS "receivedAt", b.started_at AS "startedAt",
      b.ended_at AS "endedAt",
      CASE WHEN b.status IN ('received', 'running') THEN
        (SELECT jsonb_build_object('kind', s.kind, 'state', s.state, 'attempts', s.attempts) FROM steps s
         WHERE s.batch_id = b.id AND s.state IN ('waiting', 'ready', 'running') ORDER BY s.id LIMIT 1)
      END AS stage
    FROM batches b JOIN clients c ON c.id = b.client_id JOIN projects p ON p.id = b.project_id
    WHERE b.id = ANY(${batchIds}::bigint[]) ORDER BY b.id`.execute(query);
  return rows;
}

/** Where a run stands. */
export interface RunState {
  id: number;
  clientId: number;
  client: string;
  project: string;
  key: string;
  state: string;
  revision: number;
  statuses: Partial<Record<BatchStatus, number>>;
  openedAt: Date;
  reportedAt: Date | null;
}

/** The present states of runs, in one statement. */
export async function runStates({ query }: Executor, runIds: readonly number[]): Promise<RunState[]> {
  const { rows } = await sql<RunState>`
    SELECT r.id, p.client_id AS "clientId", c.slug AS client, p.slug AS project, r.key, r.state, r.revision,
      coalesce((SELECT jsonb_object_agg(s.status, s.batches)
        FROM (SELECT status, count(*) AS batches FROM batches b WHERE b.run_id = r.id GROUP BY status) s), '{}') AS statuses,
      r.opened_at AS "openedAt", r.reported_at AS "reportedAt"
    FROM runs r JOIN projects p ON p.id = r.project_id JOIN clients c ON c.id = p.client_id
    WHERE r.id = ANY(${runIds}::bigint[]) ORDER BY r.id`.execute(query);
  return rows;
}

/** A caller that may still call, and whose rows it sees. */
export interface StandingCaller {
  kind: "key" | "session";
  id: number;
  clientId: number | null;
}

/** Of these keys and sessions, those that may call now: not revoked, not expired, not over. */
export async function standingCallers(
  { query }: Executor,
  { keyIds, sessionIds, idleMs }: { keyIds: readonly number[]; sessionIds: readonly number[]; idleMs: number },
): Promise<StandingCaller[]> {
  const { rows } = await sql<StandingCaller>`
    SELECT 'key' AS kind, id, client_id AS "clientId" FROM api_keys
    WHERE id = ANY(${keyIds}::bigint[]) AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())
    UNION ALL
    SELECT 'session', s.id, u.client_id FROM sessions s JOIN users u ON u.id = s.user_id
    WHERE s.id = ANY(${sessionIds}::bigint[]) AND s.ends_at > now() AND u.enabled
      AND s.seen_at > now() - ${idleMs}::float8 * interval '1 millisecond'`.execute(query);
  return rows;
}
