import type { BatchStatus } from "@inlet/contracts";
import { sql } from "kysely";
import type { Executor, Tx } from "../../connection.ts";

/** Taken before a client's first link key is made, so that two batches at once do not make two. */
export async function lockLinkKeys({ query }: Tx, clientId: number): Promise<void> {
  await sql`SELECT id FROM clients WHERE id = ${clientId}::bigint FOR NO KEY UPDATE`.execute(query);
}

/**
 * Ties a batch to a link key, before its first link is written: whichever attempt comes first decides, and every later one
 * gets the same key. Fenced by the step. Returns the key's id; undefined: the step is not the caller's any more.
 */
export async function pinLinkKey(
  { query }: Executor,
  { batchId, stepId, epoch, linkKeyId }: { batchId: number; stepId: number; epoch: number; linkKeyId: number },
): Promise<number | undefined> {
  const { rows } = await sql<{ linkKeyId: number }>`
    UPDATE batches SET link_key_id = coalesce(link_key_id, ${linkKeyId}::bigint)
    WHERE id = ${batchId}::bigint
      AND EXISTS (SELECT FROM steps WHERE id = ${stepId}::bigint AND epoch = ${epoch}::int AND state = 'running')
    RETURNING link_key_id AS "linkKeyId"`.execute(query);
  return rows[0]?.linkKeyId;
}

/** All that decides whether a batch's links open, and where its recipients are. */
export interface LinkFacts {
  batchId: number;
  projectId: number;
  profileVersion: number;
  tableName: string | null;
  status: BatchStatus;
  rehearsal: boolean;
  importedAt: Date | null;
  /** Its result file lies in a Downloads folder, or did so once. */
  delivered: boolean;
  linkKeyId: number | null;
  linksExpireAt: Date | null;
  canonical: { blobKey: string; sha256: string } | null;
  index: { blobKey: string; sha256: string } | null;
  /** The storyboard's version that its links keep; null: none was live when they were made. */
  storyboardVersion: number | null;
  /** The version that is live in its project now. */
  liveStoryboard: number | null;
  /** Every link of the batch was taken back. */
  revoked: boolean;
  /** Changes whenever the batch's revocations do; then {@link revokedRecords} has changed as well. */
  revocationsMark: string;
}

/** The facts of some batches, in one look; a batch that is not there is missing from the answer. */
export async function linkFacts({ query }: Executor, batchIds: readonly number[]): Promise<LinkFacts[]> {
  const { rows } = await sql<LinkFacts>`
    SELECT b.id AS "batchId", b.project_id AS "projectId", b.profile_version AS "profileVersion",
      b.table_name AS "tableName", b.status, b.rehearsal, b.imported_at AS "importedAt", b.link_key_id AS "linkKeyId",
      b.links_expire_at AS "linksExpireAt",
      EXISTS (SELECT FROM deliveries d WHERE d.batch_id = b.id AND d.artifact IN ('result', 'wrapped_result')) AS delivered,
      (SELECT jsonb_build_object('blobKey', a.blob_key, 'sha256', encode(a.sha256, 'hex'))
       FROM artifacts a WHERE a.batch_id = b.id AND a.kind = 'canonical') AS canonical,
      (SELECT jsonb_build_object('blobKey', a.blob_key, 'sha256', encode(a.sha256, 'hex'))
       FROM artifacts a WHERE a.batch_id = b.id AND a.kind = 'index') AS index,
      b.storyboard_version AS "storyboardVersion", p.live_storyboard AS "liveStoryboard",
      r.revoked, r.mark AS "revocationsMark"
    FROM batches b JOIN projects p ON p.id = b.project_id,
    LATERAL (
      SELECT coalesce(bool_or(record IS NULL), false) AS revoked,
        count(*) || ' ' || coalesce(max(revoked_at)::text, '') AS mark
      FROM revocations WHERE batch_id = b.id
    ) AS r
    WHERE b.id = ANY(${[...batchIds]}::bigint[])`.execute(query);
  return rows;
}

/** The records of a batch whose links were taken back one by one, rising. */
export async function revokedRecords({ query }: Executor, batchId: number): Promise<number[]> {
  const { rows } = await sql<{ record: number }>`
    SELECT record FROM revocations WHERE batch_id = ${batchId}::bigint AND record IS NOT NULL
    ORDER BY record`.execute(query);
  return rows.map(({ record }) => record);
}

/**
 * All addresses of their own at which projects' links open: those of today's profiles, and those of older ones that a batch
 * with living links was received under. As the profiles write them.
 */
export async function linkAddresses({ query }: Executor): Promise<string[]> {
  const { rows } = await sql<{ address: string }>`
    SELECT DISTINCT f.document #>> '{links,address}' AS address FROM profiles f JOIN projects p ON p.id = f.project_id
    WHERE f.document #>> '{links,address}' IS NOT NULL
      AND (f.version = p.profile_version
        OR EXISTS (SELECT FROM batches b WHERE b.project_id = f.project_id AND b.profile_version = f.version
          AND b.links_expire_at > now()))`.execute(query);
  return rows.map(({ address }) => address);
}
