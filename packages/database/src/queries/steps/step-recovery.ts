import { type StepKind, stepKindSchema } from "@inlet/contracts";
import { sql } from "kysely";
import type { Executor } from "../../connection.ts";
import type { StoredError } from "../../schema.ts";
import type { StepRef } from "./steps.ts";

/** A lease that ran out: which step, and how often that happened to it. */
export interface ExpiredStep extends StepRef {
  batchId: number;
  losses: number;
  worker: string | null;
  state: "waiting" | "ready";
  clientId: number;
  projectId: number;
  tableName: string | null;
}

/**
 * Takes steps whose lease has run out from their workers: running → ready at the next epoch; an import, which has its place
 * in an order, → waiting. The caller fails those that were lost too often. Only the reconciler calls this.
 */
export async function expireLeases({ query }: Executor, { limit }: { limit: number }): Promise<ExpiredStep[]> {
  const { rows } = await sql<ExpiredStep>`
    WITH expired AS (
      SELECT id, worker FROM steps WHERE state = 'running' AND lease_until < now()
      ORDER BY lease_until LIMIT ${limit}::int FOR UPDATE SKIP LOCKED
    )
    UPDATE steps SET state = CASE WHEN steps.kind = 'import' THEN 'waiting' ELSE 'ready' END, epoch = steps.epoch + 1,
      losses = steps.losses + 1, lease_until = NULL, ready_at = now(), not_before = now()
    FROM expired JOIN steps s ON s.id = expired.id JOIN batches b ON b.id = s.batch_id WHERE steps.id = expired.id
    RETURNING steps.id AS "stepId", steps.epoch, steps.kind, steps.batch_id AS "batchId", steps.losses, steps.state,
      expired.worker, b.client_id AS "clientId", b.project_id AS "projectId", b.table_name AS "tableName"`.execute(
    query,
  );
  return rows;
}

/** Steps whose lease ran out and whose row is held, so that {@link expireLeases} passes them over. */
export async function heldExpiredSteps(
  { query }: Executor,
  { limit }: { limit: number },
): Promise<{ stepId: number; epoch: number }[]> {
  const { rows } = await sql<{ stepId: number; epoch: number }>`
    SELECT id AS "stepId", epoch FROM steps WHERE state = 'running' AND lease_until < now()
    ORDER BY lease_until LIMIT ${limit}::int`.execute(query);
  return rows;
}

/** Fails a step that the reconciler took back once too often. */
export async function failTakenBackStep(
  { query }: Executor,
  { stepId, epoch, error }: { stepId: number; epoch: number; error: StoredError },
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    UPDATE steps SET state = 'failed', error = ${JSON.stringify(error)}::jsonb, finished_at = clock_timestamp()
    WHERE id = ${stepId}::bigint AND epoch = ${epoch}::int AND state IN ('waiting', 'ready')`.execute(query);
  return numAffectedRows === 1n;
}

/**
 * Steps that have been due for a while and that nobody has claimed: their jobs may be lost. `limit` is for each kind, so
 * that a kind whose service is down does not hide the others.
 */
export async function staleReadySteps(
  { query }: Executor,
  { olderThanMs, limit }: { olderThanMs: number; limit: number },
): Promise<StepRef[]> {
  const { rows } = await sql<StepRef>`
    SELECT s.id AS "stepId", s.epoch, s.kind
    FROM unnest(${stepKindSchema.options as string[]}::text[]) AS k (kind),
    LATERAL (
      SELECT id, epoch, kind FROM steps
      WHERE state = 'ready' AND kind = k.kind
        AND greatest(not_before, ready_at) < now() - ${olderThanMs}::float8 * interval '1 ms'
      ORDER BY id LIMIT ${limit}::int
    ) AS s`.execute(query);
  return rows;
}

/** Clients, kinds and import queues that have waiting steps: where the reconciler looks for what admission missed. */
export async function waitingQueues({
  query,
}: Executor): Promise<{ clientId: number; kind: StepKind; projectId: number | null; tableName: string | null }[]> {
  const { rows } = await sql<{
    clientId: number;
    kind: StepKind;
    projectId: number | null;
    tableName: string | null;
  }>`
    SELECT DISTINCT s.client_id AS "clientId", s.kind,
      CASE WHEN s.kind = 'import' THEN b.project_id END AS "projectId",
      CASE WHEN s.kind = 'import' THEN b.table_name END AS "tableName"
    FROM steps s JOIN batches b ON b.id = s.batch_id
    WHERE s.state = 'waiting' AND s.created_at < now() - interval '1 second'`.execute(query);
  return rows;
}

/**
 * Ends the database sessions of a step's attempts before the one of this epoch, so that their locks and transactions go at
 * once. Never a later one's: who asks may itself have lost the step without knowing.
 */
export async function endFencedSessions(
  { query }: Executor,
  { stepId, epoch }: { stepId: number; epoch: number },
): Promise<void> {
  await sql`
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE pid <> pg_backend_pid() AND CASE WHEN application_name ~ ${`^inlet:${stepId}:[0-9]{1,9}$`}
      THEN split_part(application_name, ':', 3)::int < ${epoch}::int END`.execute(query);
}
