import { sql } from "kysely";
import type { Executor } from "../../connection.ts";
import type { StoredError } from "../../schema.ts";

/** What tells one film from all others: of which recipient, and what is seen and heard in it. */
export interface RenderingKey {
  batchId: number;
  recordNumber: number;
  /** 32 bytes. */
  filmSha256: Buffer;
}

/** Renderers listen here: a rendering became due. */
export const RENDERINGS_CHANNEL = "inlet_renderings";

/** What its video is called in the batch's folder, before the number of the attempt. */
export const videoName = (renderingId: number): string => `video-${renderingId}`;

/** The video that a rendering made. */
export interface RenderedVideo {
  blobKey: string;
  sizeBytes: number;
  /** 32 bytes. */
  sha256: Buffer;
}

/** How far a rendering is. `failed`: it could not be made, and is not tried by itself any more. */
export type Rendering = { renderingId: number } & (
  | { state: "due" | "running" }
  | ({ state: "done" } & RenderedVideo)
  | { state: "failed"; error: StoredError; finishedAt: Date }
);

interface RenderingRow {
  renderingId: number;
  state: Rendering["state"];
  blobKey: string | null;
  sizeBytes: number | null;
  sha256: Buffer | null;
  error: StoredError | null;
  finishedAt: Date | null;
}

const columns = sql`id AS "renderingId", state, blob_key AS "blobKey", size_bytes AS "sizeBytes", sha256, error,
  finished_at AS "finishedAt"`;

function renderingOf({ renderingId, state, ...row }: RenderingRow): Rendering {
  if (state === "done")
    return { renderingId, state, blobKey: row.blobKey!, sizeBytes: row.sizeBytes!, sha256: row.sha256! };
  if (state === "failed") return { renderingId, state, error: row.error!, finishedAt: row.finishedAt! };
  return { renderingId, state };
}

/** The rendering of a film; undefined: nobody has asked for it yet, or it is gone again. */
export async function findRendering(
  { query }: Executor,
  { batchId, recordNumber, filmSha256 }: RenderingKey,
): Promise<Rendering | undefined> {
  const { rows } = await sql<RenderingRow>`
    SELECT ${columns} FROM renderings WHERE batch_id = ${batchId}::bigint
      AND record_number = ${recordNumber}::bigint AND film_sha256 = ${filmSha256}`.execute(query);
  return rows[0] && renderingOf(rows[0]);
}

/** How many renderings may be under way: of one batch, and in all. */
export interface RenderingRoom {
  ofBatch: number;
  inAll: number;
}

/**
 * Asks for a film, unless somebody has already, and wakes the renderers. Undefined: there is no room for another one now, or
 * somebody else asked for this very film in the same moment: look again. Nobody asks for one any more whose link was taken back
 * or whose files were deleted a moment ago: it would lie there for ever.
 */
export async function insertRendering(
  { query }: Executor,
  { batchId, recordNumber, filmSha256, film, room }: RenderingKey & { film: object; room: RenderingRoom },
): Promise<number | undefined> {
  const { rows } = await sql<{ id: number }>`
    WITH added AS (
      INSERT INTO renderings (batch_id, record_number, film_sha256, film)
      SELECT ${batchId}::bigint, ${recordNumber}::bigint, ${filmSha256}, ${JSON.stringify(film)}::json
      WHERE (SELECT count(*) FROM renderings WHERE state IN ('due', 'running')) < ${room.inAll}::int
        AND (SELECT count(*) FROM renderings WHERE state IN ('due', 'running') AND batch_id = ${batchId}::bigint)
          < ${room.ofBatch}::int
        AND EXISTS (SELECT FROM batches WHERE id = ${batchId}::bigint AND files_deleted_at IS NULL)
        AND NOT EXISTS (SELECT FROM revocations WHERE batch_id = ${batchId}::bigint
          AND (record IS NULL OR record = ${recordNumber}::bigint))
      ON CONFLICT DO NOTHING RETURNING id
    )
    SELECT id, pg_notify(${RENDERINGS_CHANNEL}, '') FROM added`.execute(query);
  return rows[0]?.id;
}

/**
 * Asks once more for a film whose file is gone, or that could not be made: under the next epoch, and with all attempts before
 * it. False: it is under way, or there is no room, or no such rendering any more.
 */
export async function renewRendering(
  { query }: Executor,
  { renderingId, film, room }: { renderingId: number; film: object; room: RenderingRoom },
): Promise<boolean> {
  const { rows } = await sql`
    WITH renewed AS (
      UPDATE renderings SET state = 'due', epoch = epoch + 1, attempts = 0, losses = 0, film = ${JSON.stringify(film)}::json,
        not_before = now(), ready_at = now(), finished_at = NULL, error = NULL
      WHERE id = ${renderingId}::bigint AND state IN ('done', 'failed')
        AND (SELECT count(*) FROM renderings WHERE state IN ('due', 'running')) < ${room.inAll}::int
        AND (SELECT count(*) FROM renderings o WHERE o.state IN ('due', 'running') AND o.batch_id = renderings.batch_id)
          < ${room.ofBatch}::int
      RETURNING id
    )
    SELECT pg_notify(${RENDERINGS_CHANNEL}, '') FROM renewed`.execute(query);
  return rows.length > 0;
}

/** How far these renderings are. One that is gone is missing from the answer. */
export async function findRenderings(
  { query }: Executor,
  renderingIds: readonly number[],
): Promise<Map<number, Rendering>> {
  const { rows } = await sql<RenderingRow>`
    SELECT ${columns} FROM renderings WHERE id = ANY(${[...renderingIds]}::bigint[])`.execute(query);
  return new Map(rows.map((row) => [row.renderingId, renderingOf(row)]));
}

/** Notes that a video was fetched; at most once a minute for each. */
export async function noteRenderingUse({ query }: Executor, renderingId: number): Promise<void> {
  await sql`
    UPDATE renderings SET used_at = now()
    WHERE id = ${renderingId}::bigint AND used_at < now() - interval '1 minute'`.execute(query);
}

/**
 * Forgets the renderings of a batch, or of single records of it. Returns the keys of all videos that may be there, also of attempts
 * that were broken off; the caller removes them. Who is still rendering one of them finds at the end that it is not wanted any more.
 */
export async function forgetRenderings(
  { query }: Executor,
  { batchId, records }: { batchId: number; records?: readonly number[] },
): Promise<string[]> {
  const which = records === undefined ? null : [...records];
  const { rows } = await sql<{ renderingId: number; epoch: number; client: string }>`
    WITH gone AS (
      DELETE FROM renderings WHERE batch_id = ${batchId}::bigint
        AND (${which}::bigint[] IS NULL OR record_number = ANY(${which}::bigint[]))
      RETURNING id, epoch
    )
    SELECT g.id AS "renderingId", g.epoch, c.slug AS client
    FROM gone g, batches b JOIN clients c ON c.id = b.client_id WHERE b.id = ${batchId}::bigint`.execute(query);
  return rows.flatMap(({ renderingId, epoch, client }) =>
    Array.from({ length: epoch }, (_, earlier) => `${client}/${batchId}/${videoName(renderingId)}-${earlier + 1}`),
  );
}
