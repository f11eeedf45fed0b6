import { sql } from "kysely";
import type { Executor } from "../../connection.ts";
import { CLAIMED_PULLS, type ClaimedPull, type PullRef, wasImported } from "./pulls.ts";

/** A pull whose worker vanished. */
export interface ExpiredPull extends PullRef {
  losses: number;
  worker: string | null;
  tableName: string;
  projectId: number;
}

/**
 * Takes pulls whose lease has run out from their workers: due again at the next epoch, one more loss. Only the reconciler
 * calls this.
 */
export async function expirePullLeases({ query }: Executor, { limit }: { limit: number }): Promise<ExpiredPull[]> {
  const { rows } = await sql<ExpiredPull>`
    WITH expired AS (
      SELECT id, worker FROM pulls WHERE state = 'running' AND lease_until < now()
      ORDER BY lease_until LIMIT ${limit}::int FOR UPDATE SKIP LOCKED
    )
    UPDATE pulls SET state = 'due', epoch = epoch + 1, losses = losses + 1, lease_until = NULL, ready_at = now(),
      not_before = now()
    FROM expired WHERE pulls.id = expired.id
    RETURNING pulls.id AS "pullId", epoch, losses, expired.worker, table_name AS "tableName", project_id AS "projectId"`.execute(
    query,
  );
  return rows;
}

/** Claims a pull that is given up, for whoever stops it. Undefined: it has moved on. */
export async function poisonedPull(
  { query }: Executor,
  { pullId, epoch, leaseMs }: PullRef & { leaseMs: number },
): Promise<ClaimedPull | undefined> {
  const { rows } = await sql<ClaimedPull>`
    WITH claimed AS (
      UPDATE pulls SET state = 'running', lease_until = now() + ${leaseMs}::float8 * interval '1 ms'
      WHERE id = ${pullId}::bigint AND epoch = ${epoch}::int AND state = 'due' RETURNING *
    )
    ${CLAIMED_PULLS}`.execute(query);
  return rows[0];
}

/** Pulls that have been due for a while and that nobody has claimed: their jobs may be lost. */
export async function staleDuePulls(
  { query }: Executor,
  { olderThanMs, limit }: { olderThanMs: number; limit: number },
): Promise<PullRef[]> {
  const { rows } = await sql<PullRef>`
    SELECT id AS "pullId", epoch FROM pulls
    WHERE state = 'due' AND greatest(not_before, ready_at) < now() - ${olderThanMs}::float8 * interval '1 ms'
    ORDER BY ready_at LIMIT ${limit}::int`.execute(query);
  return rows;
}

/**
 * Of these spools, those that a pull under way or an arrival still needs. A worker's own it has before it is kept: its name begins
 * with the pull and the epoch.
 */
export async function neededSpools({ query }: Executor, spools: readonly string[]): Promise<Set<string>> {
  const { rows } = await sql<{ spool: string }>`
    SELECT spool FROM pulls WHERE spool = ANY(${spools}::text[]) AND state IN ('due', 'running')
    UNION SELECT s.spool FROM unnest(${spools}::text[]) AS s (spool)
      JOIN pulls p ON p.id = substring(s.spool FROM '^pulls/([0-9]{1,18})-')::bigint
      WHERE p.state = 'running' AND starts_with(s.spool, 'pulls/' || p.id || '-' || p.epoch || '-')
    UNION SELECT location FROM arrivals WHERE location = ANY(${spools}::text[]) AND state IN ('arrived', 'claimed')`.execute(
    query,
  );
  return new Set(rows.map(({ spool }) => spool));
}

/** What found nothing new, or was left out, is told of for so long: there may be one each minute. */
const UNEVENTFUL_KEPT_DAYS = 14;

/**
 * Deletes pulls that ended long ago, so many at once. The newest of each table stay, and so does the newest that was imported:
 * it has the cursor. Returns how many went.
 */
export async function forgetOldPulls(
  { query }: Executor,
  { olderThanDays, limit }: { olderThanDays: number; limit: number },
): Promise<number> {
  const { numAffectedRows } = await sql`
    DELETE FROM pulls WHERE id IN (
      SELECT u.id FROM pulls u
      WHERE u.finished_at < now() - interval '1 day' * CASE WHEN u.state IN ('unchanged', 'cancelled')
          THEN least(${olderThanDays}::int, ${UNEVENTFUL_KEPT_DAYS}::int) ELSE ${olderThanDays}::int END
        AND u.finished_at < now() - interval '1 day' AND u.settled
        AND EXISTS (SELECT FROM pulls n WHERE n.project_id = u.project_id AND n.table_name = u.table_name
          AND n.purpose = u.purpose AND n.id > u.id)
        AND (u.state <> 'received' OR u.cursor_to IS NULL OR EXISTS (
          SELECT FROM pulls n JOIN batches b ON b.arrival_id = n.arrival_id
          WHERE n.project_id = u.project_id AND n.table_name = u.table_name AND n.id > u.id AND n.asks = u.asks
            AND n.cursor_to IS NOT NULL AND ${wasImported})
          OR NOT EXISTS (SELECT FROM batches b WHERE b.arrival_id = u.arrival_id AND ${wasImported}))
      ORDER BY u.finished_at LIMIT ${limit}::int)`.execute(query);
  return Number(numAffectedRows ?? 0n);
}
