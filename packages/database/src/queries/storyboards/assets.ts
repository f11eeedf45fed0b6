import type { AssetKind, StoredAsset } from "@inlet/contracts";
import { sql } from "kysely";
import type { Executor, Tx } from "../../connection.ts";

/** A file as the landing pages hand it out. */
export interface AssetFile {
  blobKey: string;
  mediaType: StoredAsset["mediaType"];
  sizeBytes: number;
}

/** The file with this SHA-256 (hexadecimal), if storyboards show it. Undefined: there is none, or not yet. */
export async function assetFile({ query }: Executor, sha256: string): Promise<AssetFile | undefined> {
  const { rows } = await sql<AssetFile>`
    SELECT c.slug || '/assets/' || encode(a.sha256, 'hex') AS "blobKey", a.media_type AS "mediaType",
      a.size_bytes AS "sizeBytes"
    FROM assets a JOIN clients c ON c.id = a.client_id
    WHERE a.sha256 = decode(${sha256}, 'hex') AND a.state = 'ready' ORDER BY a.id LIMIT 1`.execute(query);
  return rows[0];
}

/** The same, as far as it belongs to one project. */
export async function projectAssetFile(
  { query }: Executor,
  { projectId, sha256 }: { projectId: number; sha256: string },
): Promise<AssetFile | undefined> {
  const { rows } = await sql<AssetFile>`
    SELECT c.slug || '/assets/' || encode(a.sha256, 'hex') AS "blobKey", a.media_type AS "mediaType",
      a.size_bytes AS "sizeBytes"
    FROM assets a JOIN clients c ON c.id = a.client_id
    WHERE a.sha256 = decode(${sha256}, 'hex') AND a.state = 'ready' AND a.project_id = ${projectId}::bigint
    ORDER BY a.id LIMIT 1`.execute(query);
  return rows[0];
}

/** An asset as lists show it. What it became is null until it is `ready`. */
export interface AssetRow {
  id: number;
  name: string;
  state: "processing" | "ready" | "refused";
  uploadBytes: number;
  /** Hexadecimal. */
  uploadSha256: string;
  uploadName: string;
  kind: AssetKind | null;
  /** Hexadecimal. */
  sha256: string | null;
  mediaType: StoredAsset["mediaType"] | null;
  sizeBytes: number | null;
  width: number | null;
  height: number | null;
  durationMs: number | null;
  refusal: { code: string; message: string } | null;
  /** A file of its name is shown until this one is ready. */
  replaces: boolean;
  createdBy: string;
  createdAt: Date;
}

const assetColumns = sql`
  a.id, a.name, a.state, a.upload_bytes AS "uploadBytes",
  encode(a.upload_sha256, 'hex') AS "uploadSha256", a.upload_name AS "uploadName", a.kind,
  encode(a.sha256, 'hex') AS sha256, a.media_type AS "mediaType", a.size_bytes AS "sizeBytes", a.width, a.height,
  a.duration_ms AS "durationMs", a.refusal, a.created_by AS "createdBy", a.created_at AS "createdAt",
  a.state <> 'ready' AND EXISTS (SELECT FROM assets s WHERE s.project_id = a.project_id AND s.name = a.name
    AND s.state = 'ready' AND s.replaced_at IS NULL) AS replaces`;

/** A project's assets by name; of one name first the one that is shown, then the one that is to take its place. */
export async function projectAssets({ query }: Executor, projectId: number): Promise<AssetRow[]> {
  const { rows } = await sql<AssetRow>`
    SELECT ${assetColumns} FROM assets a WHERE a.project_id = ${projectId}::bigint AND a.replaced_at IS NULL
    ORDER BY a.name COLLATE "C", a.state <> 'ready'`.execute(query);
  return rows;
}

/** One of a project's assets, by its number; one whose place another has taken, too. Undefined: there is none. */
export async function findAsset(
  { query }: Executor,
  { projectId, assetId }: { projectId: number; assetId: number },
): Promise<AssetRow | undefined> {
  const { rows } = await sql<AssetRow>`
    SELECT ${assetColumns} FROM assets a
    WHERE a.project_id = ${projectId}::bigint AND a.id = ${assetId}::bigint`.execute(query);
  return rows[0];
}

/**
 * Holds an asset as it is until the transaction's end: what becomes ready meanwhile waits. Take it before what is read decides
 * anything.
 */
export async function lockAsset(
  { query }: Tx,
  { projectId, assetId }: { projectId: number; assetId: number },
): Promise<void> {
  await sql`
    SELECT FROM assets WHERE project_id = ${projectId}::bigint AND id = ${assetId}::bigint FOR UPDATE`.execute(query);
}

/** A file that was uploaded. */
export interface NewAsset {
  clientId: number;
  projectId: number;
  name: string;
  /** Its blob. */
  uploadKey: string;
  uploadBytes: number;
  /** 32 bytes. */
  uploadSha256: Buffer;
  /** As its sender said; nobody relies on it. */
  uploadType: string | null;
  uploadName: string;
  createdBy: string;
}

/** An asset's number and the epoch under which it may be made anew: what a job carries. */
export interface AssetRef {
  assetId: number;
  epoch: number;
}

/**
 * Records an upload, to be made anew. What of its name was on its way before is given up; what is shown stays until this one
 * is ready. Call it in a transaction, under `lockStoryboards`.
 */
export async function insertAsset({ query }: Executor, asset: NewAsset): Promise<AssetRef> {
  await sql`
    UPDATE assets SET replaced_at = now() WHERE project_id = ${asset.projectId}::bigint AND name = ${asset.name}
      AND replaced_at IS NULL AND state <> 'ready'`.execute(query);
  const { rows } = await sql<AssetRef>`
    INSERT INTO assets (client_id, project_id, name, upload_key, upload_bytes, upload_sha256, upload_type, upload_name,
      created_by)
    VALUES (${asset.clientId}::bigint, ${asset.projectId}::bigint, ${asset.name}, ${asset.uploadKey},
      ${asset.uploadBytes}::bigint, ${asset.uploadSha256}::bytea, ${asset.uploadType}, ${asset.uploadName},
      ${asset.createdBy})
    RETURNING id AS "assetId", epoch`.execute(query);
  return rows[0]!;
}

/** Removes an asset, for everything but the versions that show it. False: it is gone already, or another has its place. */
export async function removeAsset(
  { query }: Executor,
  { projectId, assetId }: { projectId: number; assetId: number },
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    UPDATE assets SET replaced_at = now()
    WHERE project_id = ${projectId}::bigint AND id = ${assetId}::bigint AND replaced_at IS NULL`.execute(query);
  return numAffectedRows === 1n;
}

/** How many files a project has, those that are on their way among them, and what lies on the disk for it. */
export async function assetUsage(
  { query }: Executor,
  projectId: number,
): Promise<{ assets: number; storedBytes: number }> {
  const { rows } = await sql<{ assets: number; storedBytes: number }>`
    SELECT count(*) FILTER (WHERE replaced_at IS NULL) AS assets,
      coalesce(sum(coalesce(size_bytes, 0) + CASE WHEN upload_key IS NULL THEN 0 ELSE upload_bytes END), 0)::bigint
        AS "storedBytes"
    FROM assets WHERE project_id = ${projectId}::bigint`.execute(query);
  return rows[0]!;
}
