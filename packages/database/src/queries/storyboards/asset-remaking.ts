import type { StoredAsset } from "@inlet/contracts";
import { sql } from "kysely";
import type { Executor, Tx } from "../../connection.ts";
import type { StoredError } from "../../schema.ts";
import type { AssetRef } from "./assets.ts";

/** All that whoever makes an asset anew needs to know of it. */
export interface ClaimedAsset extends AssetRef {
  clientId: number;
  /** The first part of every blob's key. */
  client: string;
  projectId: number;
  project: string;
  name: string;
  /** The blob that was uploaded. */
  uploadKey: string;
  uploadBytes: number;
  uploadType: string | null;
  uploadName: string;
  /** This one among them. */
  attempts: number;
  losses: number;
}

/** Claims an asset for one attempt, under a lease. Undefined: it has moved on; drop the job. */
export async function claimAsset(
  { query }: Executor,
  { assetId, epoch, worker, leaseMs }: AssetRef & { worker: string; leaseMs: number },
): Promise<ClaimedAsset | undefined> {
  const { rows } = await sql<ClaimedAsset>`
    WITH claimed AS (
      UPDATE assets SET attempts = attempts + 1, worker = ${worker},
        lease_until = now() + ${leaseMs}::float8 * interval '1 ms'
      WHERE id = ${assetId}::bigint AND epoch = ${epoch}::int AND state = 'processing' AND replaced_at IS NULL
        AND lease_until IS NULL AND not_before <= now() AND upload_key IS NOT NULL
      RETURNING *
    )
    SELECT a.id AS "assetId", a.epoch, a.client_id AS "clientId", c.slug AS client, a.project_id AS "projectId",
      j.slug AS project, a.name, a.upload_key AS "uploadKey", a.upload_bytes AS "uploadBytes",
      a.upload_type AS "uploadType", a.upload_name AS "uploadName", a.attempts, a.losses
    FROM claimed a JOIN clients c ON c.id = a.client_id JOIN projects j ON j.id = a.project_id`.execute(query);
  return rows[0];
}

/** It is ours: claimed at this epoch, under a lease. */
const isOurs = ({ assetId, epoch }: AssetRef) => sql`
  id = ${assetId}::bigint AND epoch = ${epoch}::int AND state = 'processing' AND lease_until IS NOT NULL
    AND replaced_at IS NULL`;

/** Extends a lease. False: the asset is no longer ours. */
export async function renewAssetLease(
  { query }: Executor,
  { leaseMs, ...ref }: AssetRef & { leaseMs: number },
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    UPDATE assets SET lease_until = now() + ${leaseMs}::float8 * interval '1 ms' WHERE ${isOurs(ref)}`.execute(query);
  return numAffectedRows === 1n;
}

/**
 * Keeps the clean-up from the file `<client>/assets/<sha256>` until the transaction's end. Take it before the file is put in
 * its place and {@link finishAsset} is called, all in one transaction: else a file could go that an older asset had and this
 * one has just got.
 */
export async function lockAssetFile(
  { query }: Tx,
  { clientId, sha256 }: { clientId: number; sha256: string },
): Promise<void> {
  await sql`SELECT pg_advisory_xact_lock(hashtext('inlet asset'), hashtext(${`${clientId}/${sha256}`}))`.execute(query);
}

/** Ends an asset that was made anew, and lets it take the place of the one that had its name. False: it is no longer ours. */
export async function finishAsset(
  { query }: Tx,
  { made, ...ref }: AssetRef & { made: Omit<StoredAsset, "name"> },
): Promise<boolean> {
  const { rows } = await sql<{ projectId: number; name: string }>`
    SELECT project_id AS "projectId", name FROM assets WHERE ${isOurs(ref)} FOR UPDATE`.execute(query);
  if (rows[0] === undefined) return false;
  const { projectId, name } = rows[0];
  await sql`
    UPDATE assets SET replaced_at = now() WHERE project_id = ${projectId}::bigint AND name = ${name}
      AND state = 'ready' AND replaced_at IS NULL`.execute(query);
  await sql`
    UPDATE assets SET state = 'ready', kind = ${made.kind}, sha256 = decode(${made.sha256}, 'hex'),
      media_type = ${made.mediaType}, size_bytes = ${made.sizeBytes}::bigint, width = ${made.width}::int,
      height = ${made.height}::int, duration_ms = ${made.durationMs}::int, lease_until = NULL, error = NULL,
      ended_at = clock_timestamp()
    WHERE id = ${ref.assetId}::bigint`.execute(query);
  return true;
}

/** Ends an asset that cannot be shown, and says why. False: it is no longer ours. */
export async function refuseAsset(
  { query }: Executor,
  { refusal, ...ref }: AssetRef & { refusal: { code: string; message: string } },
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    UPDATE assets SET state = 'refused', refusal = ${JSON.stringify(refusal)}::jsonb, lease_until = NULL, error = NULL,
      ended_at = clock_timestamp()
    WHERE ${isOurs(ref)}`.execute(query);
  return numAffectedRows === 1n;
}

/**
 * Gives an asset back for a later attempt, under the next epoch. `wasTried` false: this one does not count. Undefined: it is no
 * longer ours.
 */
export async function releaseAsset(
  { query }: Executor,
  { error, delayMs, wasTried, ...ref }: AssetRef & { error: StoredError | null; delayMs: number; wasTried: boolean },
): Promise<AssetRef | undefined> {
  const { rows } = await sql<AssetRef>`
    UPDATE assets SET epoch = epoch + 1, lease_until = NULL, losses = 0,
      attempts = attempts - CASE WHEN ${wasTried} THEN 0 ELSE 1 END,
      error = coalesce(${error === null ? null : JSON.stringify(error)}::jsonb, error), not_before = now() + ${delayMs}::float8 * interval '1 ms'
    WHERE ${isOurs(ref)} RETURNING id AS "assetId", epoch`.execute(query);
  return rows[0];
}

/** Takes assets whose lease has run out from their workers: due again at the next epoch, one more loss. */
export async function expireAssetLeases(
  { query }: Executor,
  { limit }: { limit: number },
): Promise<(AssetRef & { losses: number })[]> {
  const { rows } = await sql<AssetRef & { losses: number }>`
    WITH expired AS (
      SELECT id FROM assets WHERE state = 'processing' AND replaced_at IS NULL AND lease_until < now()
      ORDER BY lease_until LIMIT ${limit}::int FOR UPDATE SKIP LOCKED
    )
    UPDATE assets SET epoch = epoch + 1, losses = losses + 1, lease_until = NULL, not_before = now()
    FROM expired WHERE assets.id = expired.id RETURNING assets.id AS "assetId", epoch, losses`.execute(query);
  return rows;
}

/** Assets that have been due for a while and that nobody has claimed: their jobs may be lost. */
export async function staleDueAssets(
  { query }: Executor,
  { olderThanMs, limit }: { olderThanMs: number; limit: number },
): Promise<AssetRef[]> {
  const { rows } = await sql<AssetRef>`
    SELECT id AS "assetId", epoch FROM assets
    WHERE state = 'processing' AND replaced_at IS NULL AND lease_until IS NULL
      AND not_before < now() - ${olderThanMs}::float8 * interval '1 ms'
    ORDER BY not_before LIMIT ${limit}::int`.execute(query);
  return rows;
}
