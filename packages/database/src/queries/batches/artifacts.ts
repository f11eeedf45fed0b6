import type { ArtifactKind, Issue } from "@inlet/contracts";
import { sql } from "kysely";
import type { Executor, Tx } from "../../connection.ts";

/** A stored file of a batch. */
export interface Artifact {
  kind: ArtifactKind;
  blobKey: string;
  name: string;
  sizeBytes: number;
  /** 32 bytes. */
  sha256: Buffer;
}

/** Records a batch's stored files; a step that ran twice wrote the same bytes and overwrites its rows. */
export async function putArtifacts(
  { query }: Executor,
  { batchId, artifacts }: { batchId: number; artifacts: readonly Artifact[] },
): Promise<void> {
  await sql`
    INSERT INTO artifacts (batch_id, kind, blob_key, name, size_bytes, sha256)
    SELECT ${batchId}::bigint, a.kind, a.blob_key, a.name, a.size_bytes, decode(a.sha256, 'hex')
    FROM jsonb_to_recordset(${JSON.stringify(artifacts.map(artifactRow))}::jsonb) AS ${ARTIFACT_RECORD}
    ${KEEP_ARTIFACT}`.execute(query);
}

/** A stored file as a JSON object for {@link ARTIFACT_RECORD}. */
export function artifactRow({ kind, blobKey, name, sizeBytes, sha256 }: Artifact) {
  return { kind, blob_key: blobKey, name, size_bytes: sizeBytes, sha256: sha256.toString("hex") };
}

/** The alias `a` of a `jsonb_to_recordset` of stored files. */
export const ARTIFACT_RECORD = sql`a (kind text, blob_key text, name text, size_bytes bigint, sha256 text)`;

/** How a step that ran twice overwrites the rows of its first run. */
export const KEEP_ARTIFACT = sql`ON CONFLICT (batch_id, kind) DO UPDATE SET blob_key = excluded.blob_key,
      name = excluded.name, size_bytes = excluded.size_bytes, sha256 = excluded.sha256`;

/** PostgreSQL's text holds neither NUL nor half a surrogate pair: they are shown by their signs. */
function storable(issue: Issue, index: number) {
  const shown = (text: string | null) => text?.toWellFormed().replaceAll("\0", "␀") ?? null;
  const { column, message, value, fix } = issue;
  return {
    ...issue,
    ordinal: index + 1,
    column: shown(column),
    message: shown(message),
    value: shown(value),
    fix: shown(fix),
  };
}

/** Replaces a batch's sample of findings. */
export async function putIssues(
  { query }: Executor,
  { batchId, issues }: { batchId: number; issues: readonly Issue[] },
): Promise<void> {
  await query.deleteFrom("issues").where("batch_id", "=", batchId).execute();
  if (issues.length === 0) return;
  await sql`
    INSERT INTO issues (batch_id, ordinal, line, record, byte_offset, column_name, code, message, value, severity, fix)
    SELECT ${batchId}::bigint, i.ordinal, i.line, i.record, i."offset", i."column", i.code, i.message, i.value, i.severity,
      i.fix
    FROM jsonb_to_recordset(${JSON.stringify(issues.map(storable))}::jsonb)
      AS i (ordinal int, line bigint, record bigint, "offset" bigint, "column" text, code text, message text, value text,
        severity text, fix text)`.execute(query);
}

/** A file of a batch in its place outside. */
export interface PlacedFile {
  artifact: ArtifactKind;
  destination: string;
  path: string;
  sizeBytes: number;
  /** 32 bytes. */
  sha256: Buffer;
}

/** What of a batch has been put into its place so far. */
export async function placedFiles({ query }: Executor, batchId: number): Promise<PlacedFile[]> {
  return (await query
    .selectFrom("deliveries")
    .select(["artifact", "destination", "path", "size_bytes as sizeBytes", "sha256"])
    .where("batch_id", "=", batchId)
    .orderBy("id")
    .execute()) as PlacedFile[];
}

/** Holds a place outside for the rest of the transaction. */
export async function lockPlace(
  { query }: Tx,
  { destination, path }: Pick<PlacedFile, "destination" | "path">,
): Promise<void> {
  await sql`SELECT pg_advisory_xact_lock(hashtextextended(${`${destination} ${path}`}, 0))`.execute(query);
}

/**
 * Whether a newer batch of the project has put a file into this very place; to a rehearsed batch every real one counts as newer,
 * and to a real one no rehearsed one does.
 */
export async function isPlaceOvertaken(
  { query }: Executor,
  {
    projectId,
    batchId,
    destination,
    path,
  }: Pick<PlacedFile, "destination" | "path"> & {
    projectId: number;
    batchId: number;
  },
): Promise<boolean> {
  const { rows } = await sql<{ found: boolean }>`
    SELECT EXISTS (
      SELECT FROM batches b JOIN deliveries d ON d.batch_id = b.id
      WHERE b.project_id = ${projectId}::bigint AND d.batch_id > ${batchId}::bigint
        AND d.destination = ${destination} AND d.path = ${path} AND b.rehearsal = ours.rehearsal
    ) OR (ours.rehearsal AND EXISTS (
      SELECT FROM batches b JOIN deliveries d ON d.batch_id = b.id
      WHERE b.project_id = ${projectId}::bigint AND NOT b.rehearsal
        AND d.destination = ${destination} AND d.path = ${path})) AS found
    FROM batches ours WHERE ours.id = ${batchId}::bigint`.execute(query);
  return rows[0]!.found;
}

/** Files of a running step's batch that lie in their place by now. */
export interface Placing {
  stepId: number;
  epoch: number;
  files: readonly PlacedFile[];
}

/**
 * Records files that lie in their place by now, all in one statement. Resolves to the ids of the steps that are still ours;
 * nothing was recorded of the others. It locks nothing: a step that is lost this very moment did place them.
 */
export async function putPlacedFiles({ query }: Executor, placings: readonly Placing[]): Promise<Set<number>> {
  const files = placings.flatMap((placing) =>
    placing.files.map(({ artifact, destination, path, sizeBytes, sha256 }) => ({
      step_id: placing.stepId,
      epoch: placing.epoch,
      artifact,
      destination,
      path,
      size_bytes: sizeBytes,
      sha256: sha256.toString("hex"),
    })),
  );
  const { rows } = await sql<{ id: number }>`
    WITH files AS (
      SELECT s.id, s.batch_id, f.artifact, f.destination, f.path, f.size_bytes, decode(f.sha256, 'hex') AS sha256
      FROM jsonb_to_recordset(${JSON.stringify(files)}::jsonb) AS f (step_id bigint, epoch int, artifact text,
        destination text, path text, size_bytes bigint, sha256 text)
      JOIN steps s ON s.id = f.step_id AND s.epoch = f.epoch AND s.state = 'running'
      WHERE s.id = ANY(${placings.map(({ stepId }) => stepId)}::bigint[])
    ), put AS (
      INSERT INTO deliveries (batch_id, artifact, destination, path, size_bytes, sha256)
      SELECT batch_id, artifact, destination, path, size_bytes, sha256 FROM files
      ON CONFLICT (batch_id, artifact, destination) DO UPDATE SET path = excluded.path,
        size_bytes = excluded.size_bytes, sha256 = excluded.sha256
    )
    SELECT DISTINCT id FROM files`.execute(query);
  return new Set(rows.map(({ id }) => id));
}
