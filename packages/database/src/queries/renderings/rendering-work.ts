import { sql } from "kysely";
import type { Executor, Tx } from "../../connection.ts";
import type { StoredError } from "../../schema.ts";
import type { RenderedVideo } from "./renderings.ts";

/** A rendering's id and the epoch under which it may be worked on: what a job carries. */
export interface RenderingRef {
  renderingId: number;
  epoch: number;
}

/** All that a renderer needs to know of the rendering it was given. */
export interface ClaimedRendering extends RenderingRef {
  batchId: number;
  client: string;
  project: string;
  projectId: number;
  attempts: number;
  /** As it was asked for; whoever reads it checks its shape. */
  film: unknown;
}

/** Claims a rendering for one attempt: due → running at the job's epoch, under a lease. Undefined: drop the job. */
export async function claimRendering(
  { query }: Executor,
  { renderingId, epoch, worker, leaseMs }: RenderingRef & { worker: string; leaseMs: number },
): Promise<ClaimedRendering | undefined> {
  const { rows } = await sql<ClaimedRendering>`
    WITH claimed AS (
      UPDATE renderings SET state = 'running', attempts = attempts + 1, worker = ${worker},
        lease_until = now() + ${leaseMs}::float8 * interval '1 ms'
      WHERE id = ${renderingId}::bigint AND epoch = ${epoch}::int AND state = 'due' AND not_before <= now()
      RETURNING *
    )
    SELECT r.id AS "renderingId", r.epoch, r.batch_id AS "batchId", c.slug AS client, p.slug AS project,
      b.project_id AS "projectId", r.attempts, r.film
    FROM claimed r JOIN batches b ON b.id = r.batch_id JOIN clients c ON c.id = b.client_id
    JOIN projects p ON p.id = b.project_id`.execute(query);
  return rows[0];
}

/** Renews a lease. False: the rendering is not ours any more. */
export async function renewRenderingLease(
  { query }: Executor,
  { renderingId, epoch, leaseMs }: RenderingRef & { leaseMs: number },
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    UPDATE renderings SET lease_until = now() + ${leaseMs}::float8 * interval '1 ms'
    WHERE id = ${renderingId}::bigint AND epoch = ${epoch}::int AND state = 'running'`.execute(query);
  return numAffectedRows === 1n;
}

/** Ends a rendering with its video. False: it is not ours any more, or not wanted; the caller removes the video. */
export async function finishRendering(
  { query }: Executor,
  { renderingId, epoch, blobKey, sizeBytes, sha256 }: RenderingRef & RenderedVideo,
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    UPDATE renderings SET state = 'done', film = NULL, error = NULL, lease_until = NULL, finished_at = now(),
      used_at = now(), blob_key = ${blobKey}, size_bytes = ${sizeBytes}::bigint, sha256 = ${sha256}
    WHERE id = ${renderingId}::bigint AND epoch = ${epoch}::int AND state = 'running'`.execute(query);
  return numAffectedRows === 1n;
}

/** Gives a rendering up. False: it is not ours any more. */
export async function failRendering(
  { query }: Executor,
  { renderingId, epoch, error }: RenderingRef & { error: StoredError },
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    UPDATE renderings SET state = 'failed', film = NULL, lease_until = NULL, finished_at = now(),
      error = ${JSON.stringify(error)}::jsonb
    WHERE id = ${renderingId}::bigint AND epoch = ${epoch}::int AND state IN ('due', 'running')`.execute(query);
  return numAffectedRows === 1n;
}

/** Gives a rendering back for a later attempt, under the next epoch. Undefined: it is not ours any more. */
export async function releaseRendering(
  { query }: Executor,
  {
    renderingId,
    epoch,
    error,
    delayMs,
    wasTried,
  }: RenderingRef & { error: StoredError | null; delayMs: number; wasTried: boolean },
): Promise<RenderingRef | undefined> {
  const { rows } = await sql<RenderingRef>`
    UPDATE renderings SET state = 'due', epoch = epoch + 1, lease_until = NULL, ready_at = now(), losses = 0,
      attempts = attempts - CASE WHEN ${wasTried} THEN 0 ELSE 1 END,
      error = coalesce(${error === null ? null : JSON.stringify(error)}::jsonb, error),
      not_before = now() + ${delayMs}::float8 * interval '1 ms'
    WHERE id = ${renderingId}::bigint AND epoch = ${epoch}::int AND state = 'running'
    RETURNING id AS "renderingId", epoch`.execute(query);
  return rows[0];
}

/** A rendering whose worker vanished. */
export interface ExpiredRendering extends RenderingRef {
  losses: number;
  worker: string | null;
}

/**
 * Takes renderings whose lease has run out from their workers: due again at the next epoch, one more loss. Only the reconciler
 * calls this.
 */
export async function expireRenderingLeases(
  { query }: Executor,
  { limit }: { limit: number },
): Promise<ExpiredRendering[]> {
  const { rows } = await sql<ExpiredRendering>`
    WITH expired AS (
      SELECT id, worker FROM renderings WHERE state = 'running' AND lease_until < now()
      ORDER BY lease_until LIMIT ${limit}::int FOR UPDATE SKIP LOCKED
    )
    UPDATE renderings SET state = 'due', epoch = epoch + 1, losses = losses + 1, lease_until = NULL, ready_at = now(),
      not_before = now()
    FROM expired WHERE renderings.id = expired.id
    RETURNING renderings.id AS "renderingId", epoch, losses, expired.worker`.execute(query);
  return rows;
}

/** Renderings that are due and that nobody has claimed for so long, oldest first. */
export async function dueRenderings(
  { query }: Executor,
  { olderThanMs, limit }: { olderThanMs: number; limit: number },
): Promise<RenderingRef[]> {
  const { rows } = await sql<RenderingRef>`
    SELECT id AS "renderingId", epoch FROM renderings
    WHERE state = 'due' AND greatest(not_before, ready_at) <= now() - ${olderThanMs}::float8 * interval '1 ms'
    ORDER BY ready_at LIMIT ${limit}::int`.execute(query);
  return rows;
}

/**
 * Forgets the videos that were not used for longest, so many that no more than `mostBytes` stay, and failures of more than a day
 * ago. Returns the keys of the videos, which the caller removes before the transaction's end: what no row tells of any more would
 * never be found again.
 */
export async function evictRenderings(
  { query }: Tx,
  { mostBytes, limit }: { mostBytes: number; limit: number },
): Promise<string[]> {
  await sql`DELETE FROM renderings WHERE state = 'failed' AND finished_at < now() - interval '1 day'`.execute(query);
  const { rows } = await sql<{ blobKey: string }>`
    WITH kept AS (
      SELECT id, sum(size_bytes) OVER (ORDER BY used_at DESC, id DESC) AS bytes FROM renderings WHERE state = 'done'
    ), chosen AS (
      SELECT r.id FROM renderings r JOIN kept k ON k.id = r.id WHERE k.bytes > ${mostBytes}::bigint AND r.state = 'done'
      ORDER BY r.used_at LIMIT ${limit}::int FOR UPDATE OF r SKIP LOCKED
    )
    DELETE FROM renderings USING chosen WHERE renderings.id = chosen.id
    RETURNING blob_key AS "blobKey"`.execute(query);
  return rows.map(({ blobKey }) => blobKey);
}
