import type { StepKind } from "@inlet/contracts";
import { sql } from "kysely";
import type { Executor } from "../../connection.ts";
import type { StoredError } from "../../schema.ts";

/** A step's id and the epoch under which it may be worked on: what a job carries. */
export interface StepRef {
  stepId: number;
  epoch: number;
  kind: StepKind;
}

/** A file of at least this size is worked on in the lane for giants. */
export const GIANT_BYTES = 32 * 1024 * 1024;

/**
 * Marks steps done: the fenced update, last before COMMIT. Resolves to the ids of those that were ours; where one is
 * missing, roll back.
 */
export async function finishSteps(
  { query }: Executor,
  steps: readonly { stepId: number; epoch: number; result: Record<string, unknown> | null }[],
): Promise<Set<number>> {
  const { rows } = await sql<{ id: number }>`
    WITH f AS (
      SELECT * FROM unnest(${steps.map(({ stepId }) => stepId)}::bigint[], ${steps.map(({ epoch }) => epoch)}::int[],
        ${steps.map(({ result }) => result && JSON.stringify(result))}::jsonb[]) AS f (id, epoch, result)
    ), held AS (
      SELECT s.id, f.result FROM f JOIN steps s ON s.id = f.id AND s.epoch = f.epoch AND s.state = 'running'
      ORDER BY s.id FOR UPDATE OF s
    )
    UPDATE steps SET state = 'done', result = held.result, finished_at = clock_timestamp(), lease_until = NULL, error = NULL
    FROM held WHERE steps.id = held.id RETURNING steps.id`.execute(query);
  return new Set(rows.map(({ id }) => id));
}

/**
 * Adds deliveries to batches that end with these steps: they are worked on after the end and change nothing of it. Not
 * admitted yet.
 */
export async function insertLateDeliveries({ query }: Executor, stepIds: readonly number[]): Promise<void> {
  await sql`
    INSERT INTO steps (batch_id, client_id, kind, lane)
    SELECT batch_id, client_id, 'deliver', lane FROM steps WHERE id = ANY(${stepIds}::bigint[]) ORDER BY batch_id
    ON CONFLICT (batch_id, kind) DO NOTHING`.execute(query);
}

/** Gives imports back that were claimed behind another one, uncounted: they wait for their turn again. */
export async function returnImports(
  { query }: Executor,
  steps: readonly { stepId: number; epoch: number }[],
): Promise<void> {
  await sql`
    UPDATE steps SET state = 'waiting', epoch = steps.epoch + 1, attempts = attempts - 1, lease_until = NULL, ready_at = NULL
    FROM unnest(${steps.map(({ stepId }) => stepId)}::bigint[], ${steps.map(({ epoch }) => epoch)}::int[])
      AS w (id, epoch)
    WHERE steps.id = w.id AND steps.epoch = w.epoch AND state = 'running'`.execute(query);
}

/**
 * Gives a step back for a later attempt, under the next epoch; `isCounted` is false for an attempt that was merely
 * interrupted. Undefined: not the owner any more.
 */
export async function releaseStep(
  { query }: Executor,
  {
    stepId,
    epoch,
    error,
    delayMs,
    isCounted,
  }: { stepId: number; epoch: number; error: StoredError; delayMs: number; isCounted: boolean },
): Promise<StepRef | undefined> {
  const { rows } = await sql<StepRef>`
    UPDATE steps SET state = 'ready', epoch = epoch + 1, error = ${JSON.stringify(error)}::jsonb, lease_until = NULL,
      losses = 0, attempts = attempts - ${isCounted ? 0 : 1}::int, ready_at = now(),
      not_before = now() + ${delayMs}::float8 * interval '1 ms'
    WHERE id = ${stepId}::bigint AND epoch = ${epoch}::int AND state = 'running'
    RETURNING id AS "stepId", epoch, kind`.execute(query);
  return rows[0];
}

/** Ends a step as failed. False: not the owner any more. */
export async function failStep(
  { query }: Executor,
  { stepId, epoch, error }: { stepId: number; epoch: number; error: StoredError },
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    UPDATE steps SET state = 'failed', error = ${JSON.stringify(error)}::jsonb, finished_at = clock_timestamp(), lease_until = NULL
    WHERE id = ${stepId}::bigint AND epoch = ${epoch}::int AND state = 'running'`.execute(query);
  return numAffectedRows === 1n;
}

/**
 * Puts a batch's failed (or, forced, ended) step back to ready with fresh attempts: the newest, or that of a kind. Undefined:
 * there was none.
 */
export async function reopenStep(
  { query }: Executor,
  {
    batchId,
    states,
    kind = null,
  }: { batchId: number; states: readonly ("failed" | "done" | "cancelled")[]; kind?: StepKind | null },
): Promise<StepRef | undefined> {
  const { rows } = await sql<StepRef>`
    UPDATE steps SET state = 'waiting', epoch = epoch + 1, attempts = 0, losses = 0, error = NULL, not_before = now(),
      finished_at = NULL, created_at = now()
    WHERE id = (
      SELECT id FROM steps WHERE batch_id = ${batchId}::bigint AND state = ANY(${states as string[]})
        AND (${kind}::text IS NULL OR kind = ${kind}::text)
      ORDER BY id DESC LIMIT 1)
    RETURNING id AS "stepId", epoch, kind`.execute(query);
  return rows[0];
}

/** Cancels whatever of a batch's steps is not over, fencing off a running one. */
export async function cancelSteps({ query }: Executor, { batchId }: { batchId: number }): Promise<StepRef[]> {
  const { rows } = await sql<StepRef>`
    UPDATE steps SET state = 'cancelled', epoch = epoch + 1, lease_until = NULL, finished_at = clock_timestamp()
    WHERE batch_id = ${batchId}::bigint AND state IN ('waiting', 'ready', 'running')
    RETURNING id AS "stepId", epoch, kind`.execute(query);
  return rows;
}
