import { sql } from "kysely";
import type { Executor, Tx } from "../../connection.ts";

/** A project whose batches' files are kept for a time. */
export interface KeptProject {
  projectId: number;
  client: string;
  project: string;
  batchDays: number;
  /** No batch up to this one has files. */
  sweptTo: number;
}

/** All projects whose newest profile says for how long files are kept. */
export async function keptProjects({ query }: Executor): Promise<KeptProject[]> {
  const { rows } = await sql<KeptProject>`
    SELECT p.id AS "projectId", c.slug AS client, p.slug AS project,
      (f.document #>> '{retention,batchDays}')::float8 AS "batchDays", coalesce(s.swept_to, 0) AS "sweptTo"
    FROM projects p JOIN clients c ON c.id = p.client_id
    JOIN profiles f ON f.project_id = p.id AND f.version = p.profile_version
    LEFT JOIN retention_sweeps s ON s.project_id = p.id
    WHERE f.document #>> '{retention,batchDays}' IS NOT NULL ORDER BY p.id`.execute(query);
  return rows;
}

/**
 * Batches of a project whose files are kept no longer, in their order: they ended long enough ago, nothing of them is under way,
 * and neither is a part of them or a file that corrects them.
 */
export async function spentBatches(
  { query }: Executor,
  {
    projectId,
    after,
    olderThanDays,
    limit,
  }: { projectId: number; after: number; olderThanDays: number; limit: number },
): Promise<number[]> {
  const { rows } = await sql<{ id: number }>`
    SELECT b.id FROM batches b
    WHERE b.project_id = ${projectId}::bigint AND b.id > ${after}::bigint AND b.files_deleted_at IS NULL
      AND ${isSpent(olderThanDays)}
    ORDER BY b.id LIMIT ${limit}::int`.execute(query);
  return rows.map(({ id }) => id);
}

const isSpent = (olderThanDays: number) => sql`
  b.ended_at < now() - ${olderThanDays}::float8 * interval '1 day' AND b.status NOT IN ('received', 'running')
  AND NOT EXISTS (SELECT FROM steps s WHERE s.batch_id = b.id AND s.state IN ('waiting', 'ready', 'running'))
  AND NOT EXISTS (SELECT FROM batches x WHERE x.part_of = b.id AND x.status IN ('received', 'running'))
  AND NOT EXISTS (SELECT FROM batches x WHERE (x.corrects = b.id OR x.original = b.id) AND x.status IN ('received', 'running'))
  AND NOT EXISTS (SELECT FROM forgetting_batches g WHERE g.batch_id = b.id AND g.phase <> 'done')`;

/**
 * Says of a batch that its files are kept no longer; from then on nobody finds them. False: it is under way again, or was done.
 * The folder is removed afterwards (`noteFolderRemoved`).
 */
export async function deleteBatchFiles(
  { query }: Tx,
  { batchId, olderThanDays }: { batchId: number; olderThanDays: number },
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    UPDATE batches b SET files_deleted_at = now()
    WHERE b.id = ${batchId}::bigint AND b.files_deleted_at IS NULL AND ${isSpent(olderThanDays)}`.execute(query);
  if (numAffectedRows !== 1n) return false;
  await sql`DELETE FROM artifacts WHERE batch_id = ${batchId}::bigint`.execute(query);
  return true;
}

/** Batches whose folders are still to be removed. */
export async function foldersToRemove(
  { query }: Executor,
  { limit }: { limit: number },
): Promise<{ batchId: number; client: string }[]> {
  const { rows } = await sql<{ batchId: number; client: string }>`
    SELECT b.id AS "batchId", c.slug AS client FROM batches b JOIN clients c ON c.id = b.client_id
    WHERE b.files_deleted_at IS NOT NULL AND NOT b.folder_removed ORDER BY b.id LIMIT ${limit}::int`.execute(query);
  return rows;
}

/** Notes that batches' folders are gone. */
export async function noteFoldersRemoved({ query }: Executor, batchIds: readonly number[]): Promise<void> {
  await sql`
    UPDATE batches SET folder_removed = true WHERE id = ANY(${[...batchIds]}::bigint[])`.execute(query);
}

/** Notes up to where the batches of a project were looked through: before the first one that still has files. */
export async function noteSwept({ query }: Executor, projectId: number): Promise<void> {
  await sql`
    INSERT INTO retention_sweeps (project_id, swept_to)
    SELECT ${projectId}::bigint, coalesce(
      (SELECT b.id - 1 FROM batches b WHERE b.project_id = ${projectId}::bigint AND b.files_deleted_at IS NULL
         AND b.id > coalesce((SELECT swept_to FROM retention_sweeps WHERE project_id = ${projectId}::bigint), 0)
       ORDER BY b.id LIMIT 1), 0)
    ON CONFLICT (project_id) DO UPDATE SET swept_to = greatest(retention_sweeps.swept_to, excluded.swept_to)`.execute(
    query,
  );
}

/**
 * Forgets renderings of recipients who are forgotten, and of batches whose files are gone: for some seconds landing pages may still
 * have asked for one. Returns the keys of videos that were made of them.
 */
export async function forgetLateRenderings({ query }: Executor): Promise<string[]> {
  const { rows } = await sql<{ blobKey: string | null }>`
    DELETE FROM renderings r WHERE EXISTS (SELECT FROM batches b WHERE b.id = r.batch_id AND b.files_deleted_at IS NOT NULL)
      OR EXISTS (SELECT FROM forgetting_batches g JOIN forgotten_records f USING (forgetting_id, batch_id)
        WHERE g.batch_id = r.batch_id AND g.phase = 'done' AND f.record = r.record_number)
    RETURNING r.blob_key AS "blobKey"`.execute(query);
  return rows.flatMap(({ blobKey }) => blobKey ?? []);
}
