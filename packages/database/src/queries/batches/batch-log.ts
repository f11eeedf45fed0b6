import { sql } from "kysely";
import type { Executor } from "../../connection.ts";
import type { Scope } from "./batch-views.ts";

/** When there was anything to do about a batch. Undefined: there is none within the scope. */
export async function batchTimes(
  { query }: Executor,
  { batchId, scope }: { batchId: number; scope: Scope },
): Promise<{ from: Date; to: Date | null } | undefined> {
  const { rows } = await sql<{ from: Date; to: Date | null }>`
    SELECT b.received_at AS "from",
      CASE WHEN b.ended_at IS NULL OR EXISTS (SELECT FROM steps s WHERE s.batch_id = b.id
          AND s.state IN ('waiting', 'ready', 'running')) THEN NULL
        ELSE greatest(b.ended_at, (SELECT max(s.finished_at) FROM steps s WHERE s.batch_id = b.id),
          (SELECT max(e.at) FROM batch_events e WHERE e.batch_id = b.id),
          (SELECT max(coalesce(m.finished_at, m.created_at)) FROM messages m WHERE m.batch_id = b.id)) END AS "to"
    FROM batches b
    WHERE b.id = ${batchId}::bigint AND (${scope}::bigint IS NULL OR b.client_id = ${scope}::bigint)`.execute(query);
  return rows[0];
}

/** Of these batches, those within a scope. */
export async function visibleBatches(
  { query }: Executor,
  { batchIds, scope }: { batchIds: readonly number[]; scope: Scope },
): Promise<Set<number>> {
  const { rows } = await sql<{ id: number }>`
    SELECT id FROM batches
    WHERE id = ANY(${batchIds}::bigint[]) AND (${scope}::bigint IS NULL OR client_id = ${scope}::bigint)`.execute(
    query,
  );
  return new Set(rows.map(({ id }) => id));
}
