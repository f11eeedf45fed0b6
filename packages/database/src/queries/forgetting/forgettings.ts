import type { ForgettingState } from "@inlet/contracts";
import { sql } from "kysely";
import type { Executor, Tx } from "../../connection.ts";
import type { StoredError } from "../../schema.ts";

/** An order to forget a recipient, as it is shown. */
export interface ForgettingRow {
  id: number;
  state: ForgettingState;
  batch: number | null;
  record: number | null;
  column: string | null;
  reason: string | null;
  actor: string;
  batches: number;
  batchesDone: number;
  records: number;
  tableRows: number;
  /** The first 100. */
  unsearched: number[];
  unsearchedCount: number;
  waitsFor: number | null;
  error: StoredError | null;
  createdAt: Date;
  finishedAt: Date | null;
}

/** Who is meant: a record of a batch, or a value in a column. */
export type WhoToForget = { batchId: number; record: number } | { column: string; value: string };

/** Takes an order down. One by record has nothing to search for but the file's other batches. Resolves to its number. */
export async function insertForgetting(
  { query }: Tx,
  {
    projectId,
    who,
    preview,
    reason,
    actor,
  }: { projectId: number; who: WhoToForget; preview: boolean; reason: string | null; actor: string },
): Promise<number> {
  const { batchId, record, column, value } = { batchId: null, record: null, column: null, value: null, ...who };
  const { rows } = await sql<{ id: number }>`
    INSERT INTO forgettings (project_id, batch_id, record, column_name, value, preview, reason, actor, state, search_until)
    SELECT ${projectId}::bigint, ${batchId}::bigint, ${record}::bigint, ${column}::text, ${value}::text, ${preview}, ${reason},
      ${actor}, 'searching', coalesce(max(id), 0) FROM batches WHERE project_id = ${projectId}::bigint
    RETURNING id`.execute(query);
  return rows[0]!.id;
}

/** Newest first. */
export async function listForgettings(
  { query }: Executor,
  { projectId, beforeId, limit }: { projectId: number; beforeId: number | undefined; limit: number },
): Promise<ForgettingRow[]> {
  const { rows } = await sql<ForgettingRow>`
    SELECT ${SHOWN} FROM forgettings f
    WHERE f.project_id = ${projectId}::bigint AND (${beforeId ?? null}::bigint IS NULL OR f.id < ${beforeId ?? null}::bigint)
    ORDER BY f.id DESC LIMIT ${limit}::int`.execute(query);
  return rows;
}

/** One of a project's orders. */
export async function findForgetting(
  { query }: Executor,
  { projectId, forgettingId }: { projectId: number; forgettingId: number },
): Promise<ForgettingRow | undefined> {
  const { rows } = await sql<ForgettingRow>`
    SELECT ${SHOWN} FROM forgettings f
    WHERE f.id = ${forgettingId}::bigint AND f.project_id = ${projectId}::bigint`.execute(query);
  return rows[0];
}

const SHOWN = sql`f.id, f.state, f.batch_id AS batch, f.record, f.column_name AS "column", f.reason, f.actor,
  (SELECT count(*) FROM forgetting_batches b WHERE b.forgetting_id = f.id) AS batches,
  (SELECT count(*) FROM forgetting_batches b WHERE b.forgetting_id = f.id AND b.phase = 'done') AS "batchesDone",
  (SELECT count(*) FROM forgotten_records r WHERE r.forgetting_id = f.id) AS records,
  f.table_rows AS "tableRows", to_json(f.unsearched[1:100]) AS unsearched, cardinality(f.unsearched) AS "unsearchedCount",
  f.waits_for AS "waitsFor", f.error, f.created_at AS "createdAt", f.finished_at AS "finishedAt"`;

/** Says the word that an order waits for. False: it waits for none. */
export async function confirmForgetting({ query }: Executor, forgettingId: number): Promise<boolean> {
  const { numAffectedRows } = await sql`
    UPDATE forgettings SET state = 'removing', not_before = now()
    WHERE id = ${forgettingId}::bigint AND state = 'found'`.execute(query);
  return numAffectedRows === 1n;
}

/** Drops an order of which nothing was done yet. False: it is too late. */
export async function dropForgetting({ query }: Executor, forgettingId: number): Promise<boolean> {
  const { numAffectedRows } = await sql`
    UPDATE forgettings SET state = 'dropped', value = NULL, finished_at = now(), epoch = epoch + 1, lease_until = NULL
    WHERE id = ${forgettingId}::bigint 
      AND (state = 'found' OR (state IN ('searching', 'failed') AND found_at IS NULL AND (preview OR batch_id IS NULL)))`.execute(
    query,
  );
  return numAffectedRows === 1n;
}

/** Drops orders that nobody said a word on for so long. */
export async function dropUnconfirmed({ query }: Executor, { olderThanMs }: { olderThanMs: number }): Promise<number> {
  const { numAffectedRows } = await sql`
    UPDATE forgettings SET state = 'dropped', value = NULL, finished_at = now()
    WHERE state = 'found' AND found_at < now() - ${olderThanMs}::float8 * interval '1 ms'`.execute(query);
  return Number(numAffectedRows ?? 0);
}

/** Tries an order again that has failed. False: it has not. Its value was kept for that. */
export async function retryForgetting({ query }: Executor, forgettingId: number): Promise<boolean> {
  const { numAffectedRows } = await sql`
    UPDATE forgettings SET state = CASE WHEN found_at IS NULL THEN 'searching' ELSE 'removing' END, attempts = 0,
      not_before = now(), finished_at = NULL
    WHERE id = ${forgettingId}::bigint AND state = 'failed'`.execute(query);
  return numAffectedRows === 1n;
}
