import { readStoredStoryboard, type StoredAsset, type Storyboard } from "@inlet/contracts";
import { sql } from "kysely";
import type { Executor } from "../../connection.ts";
import { storableJson } from "../../storable-json.ts";

/** A published storyboard with the files that it shows. It never changes: cache it. */
export interface PublishedStoryboard {
  version: number;
  document: Storyboard;
  assets: readonly StoredAsset[];
}

/** The storyboard that a project's new links show. Undefined: none is live. */
export async function liveStoryboard({ query }: Executor, projectId: number): Promise<PublishedStoryboard | undefined> {
  const { rows } = await sql<PublishedStoryboard>`
    SELECT s.version, s.document, s.assets FROM projects p
    JOIN storyboards s ON s.project_id = p.id AND s.version = p.live_storyboard
    WHERE p.id = ${projectId}::bigint`.execute(query);
  return rows[0] && { ...rows[0], document: readStoredStoryboard(rows[0].document) };
}

/** A project's storyboard at one version. Undefined: there is no such version. */
export async function storyboardAt(
  { query }: Executor,
  { projectId, version }: { projectId: number; version: number },
): Promise<PublishedStoryboard | undefined> {
  const { rows } = await sql<PublishedStoryboard>`
    SELECT version, document, assets FROM storyboards
    WHERE project_id = ${projectId}::bigint AND version = ${version}::int`.execute(query);
  return rows[0] && { ...rows[0], document: readStoredStoryboard(rows[0].document) };
}

/** The number of the version that is live; null: none is. */
export async function liveStoryboardVersion({ query }: Executor, projectId: number): Promise<number | null> {
  const { rows } = await sql<{ version: number | null }>`
    SELECT live_storyboard AS version FROM projects WHERE id = ${projectId}::bigint`.execute(query);
  return rows[0]?.version ?? null;
}

/** A version as lists show it. */
export interface StoryboardVersionRow {
  version: number;
  title: string;
  note: string | null;
  createdBy: string;
  createdAt: Date;
}

const versionColumns = sql`version, document ->> 'title' AS title, note, created_by AS "createdBy",
  created_at AS "createdAt"`;

/** A project's versions, newest first. */
export async function storyboardVersions(
  { query }: Executor,
  { projectId, before, limit }: { projectId: number; before: number | undefined; limit: number },
): Promise<StoryboardVersionRow[]> {
  const { rows } = await sql<StoryboardVersionRow>`
    SELECT ${versionColumns} FROM storyboards
    WHERE project_id = ${projectId}::bigint AND (${before ?? null}::int IS NULL OR version < ${before ?? null}::int)
    ORDER BY version DESC LIMIT ${limit}::int`.execute(query);
  return rows;
}

/** How many versions a project's storyboard has. */
export async function countStoryboards({ query }: Executor, projectId: number): Promise<number> {
  const { rows } = await sql<{ versions: number }>`
    SELECT count(*) AS versions FROM storyboards WHERE project_id = ${projectId}::bigint`.execute(query);
  return rows[0]!.versions;
}

/** One of a project's versions, with what lists show of it. */
export async function findStoryboardVersion(
  { query }: Executor,
  { projectId, version }: { projectId: number; version: number },
): Promise<(StoryboardVersionRow & PublishedStoryboard) | undefined> {
  const { rows } = await sql<StoryboardVersionRow & PublishedStoryboard>`
    SELECT ${versionColumns}, document, assets FROM storyboards
    WHERE project_id = ${projectId}::bigint AND version = ${version}::int`.execute(query);
  return rows[0] && { ...rows[0], document: readStoredStoryboard(rows[0].document) };
}

/** A version that is to be published. */
export interface NewStoryboard {
  projectId: number;
  document: Storyboard;
  assets: readonly StoredAsset[];
  note: string | null;
  createdBy: string;
}

/**
 * Publishes a storyboard as the next version; where the newest one says just the same, with the same files, it is that one.
 * Call it under {@link lockStoryboards}.
 */
export async function insertStoryboard(
  { query }: Executor,
  { projectId, document, assets, note, createdBy }: NewStoryboard,
): Promise<{ version: number; changed: boolean }> {
  const [text, files] = [storableJson(document), JSON.stringify(assets)];
  const { rows: newest } = await sql<{ version: number; isSame: boolean }>`
    SELECT version, document = ${text}::jsonb AND assets = ${files}::jsonb AS "isSame" FROM storyboards
    WHERE project_id = ${projectId}::bigint ORDER BY version DESC LIMIT 1`.execute(query);
  if (newest[0]?.isSame) return { version: newest[0].version, changed: false };
  const version = (newest[0]?.version ?? 0) + 1;
  await sql`
    INSERT INTO storyboards (project_id, version, document, assets, note, created_by)
    VALUES (${projectId}::bigint, ${version}::int, ${text}::jsonb, ${files}::jsonb, ${note}, ${createdBy})`.execute(
    query,
  );
  return { version, changed: true };
}

/** Makes a version the one that new links show, or none. Returns the one that was. */
export async function setLiveStoryboard(
  { query }: Executor,
  { projectId, version }: { projectId: number; version: number | null },
): Promise<number | null> {
  const { rows } = await sql<{ before: number | null }>`
    UPDATE projects SET live_storyboard = ${version}::int
    FROM (SELECT id, live_storyboard AS before FROM projects WHERE id = ${projectId}::bigint FOR UPDATE) AS old
    WHERE projects.id = old.id RETURNING old.before`.execute(query);
  return rows[0]?.before ?? null;
}

/** Taken while a project's draft, its versions or its assets' names are changed: what refers to what is judged one at a time. */
export async function lockStoryboards({ query }: Executor, projectId: number): Promise<void> {
  await sql`SELECT pg_advisory_xact_lock(${projectId}::int, hashtext('storyboards'))`.execute(query);
}

/** A draft as it was saved. */
export interface StoryboardDraftRow {
  /** Any JSON: it is its author's, with his mistakes. */
  document: unknown;
  revision: number;
  updatedBy: string;
  updatedAt: Date;
}

/** A project's draft. Undefined: nobody has saved one. */
export async function storyboardDraft({ query }: Executor, projectId: number): Promise<StoryboardDraftRow | undefined> {
  const { rows } = await sql<StoryboardDraftRow>`
    SELECT document, revision, updated_by AS "updatedBy", updated_at AS "updatedAt" FROM storyboard_drafts
    WHERE project_id = ${projectId}::bigint`.execute(query);
  return rows[0];
}

/**
 * Saves a draft in place of the revision that its author has read, 0 for none. Undefined: somebody else saved meanwhile.
 */
export async function putStoryboardDraft(
  { query }: Executor,
  {
    projectId,
    document,
    revision,
    updatedBy,
  }: { projectId: number; document: unknown; revision: number; updatedBy: string },
): Promise<StoryboardDraftRow | undefined> {
  const text = JSON.stringify(document);
  const columns = sql`document, revision, updated_by AS "updatedBy", updated_at AS "updatedAt"`;
  const { rows } =
    revision === 0
      ? await sql<StoryboardDraftRow>`
          INSERT INTO storyboard_drafts (project_id, document, revision, updated_by)
          VALUES (${projectId}::bigint, ${text}::json, 1, ${updatedBy}) ON CONFLICT DO NOTHING
          RETURNING ${columns}`.execute(query)
      : await sql<StoryboardDraftRow>`
          UPDATE storyboard_drafts SET document = ${text}::json, revision = revision + 1, updated_by = ${updatedBy},
            updated_at = now()
          WHERE project_id = ${projectId}::bigint AND revision = ${revision}::int
          RETURNING ${columns}`.execute(query);
  return rows[0];
}

/** A batch whose rows can be read. */
export interface SampledBatch {
  batchId: number;
  tableName: string;
  profileVersion: number;
  fileName: string;
  receivedAt: Date;
  canonical: { blobKey: string; sha256: string };
  index: { blobKey: string; sha256: string };
}

/** One of a project's batches, if it has rows; without a number the newest that has some. */
export async function batchWithRows(
  { query }: Executor,
  { clientId, projectId, batchId }: { clientId: number; projectId: number; batchId: number | null },
): Promise<SampledBatch | undefined> {
  const file = (alias: string) =>
    sql`jsonb_build_object('blobKey', ${sql.ref(alias)}.blob_key, 'sha256', encode(${sql.ref(alias)}.sha256, 'hex'))`;
  const { rows } = await sql<SampledBatch>`
    SELECT b.id AS "batchId", b.table_name AS "tableName", b.profile_version AS "profileVersion",
      b.file_name AS "fileName", b.received_at AS "receivedAt", ${file("c")} AS canonical, ${file("i")} AS index
    FROM batches b
    JOIN artifacts c ON c.batch_id = b.id AND c.kind = 'canonical'
    JOIN artifacts i ON i.batch_id = b.id AND i.kind = 'index'
    WHERE b.client_id = ${clientId}::bigint AND b.project_id = ${projectId}::bigint AND b.valid > 0 AND b.table_name IS NOT NULL
      AND (${batchId}::bigint IS NULL OR b.id = ${batchId}::bigint)
    ORDER BY b.id DESC LIMIT 1`.execute(query);
  return rows[0];
}
