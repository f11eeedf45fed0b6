import { sql } from "kysely";
import type { Executor, Tx } from "../../connection.ts";

/** What stands in the place of a finding's message that quoted a cell. */
const BLANKED = "What was found here is kept no longer.";

/**
 * Closes a batch for good in which a recipient is forgotten: their links are taken back, and it cannot be run again. False: it is
 * under way (again); nothing was changed.
 */
export async function closeForForgetting(
  { query }: Tx,
  { batchId, records }: { batchId: number; records: readonly number[] },
): Promise<boolean> {
  const { rows } = await sql<{ isUnderWay: boolean }>`
    SELECT (b.status IN ('received', 'running')
      OR EXISTS (SELECT FROM steps s WHERE s.batch_id = b.id AND s.state IN ('waiting', 'ready', 'running'))) AS "isUnderWay"
    FROM batches b WHERE b.id = ${batchId}::bigint FOR UPDATE`.execute(query);
  if (rows[0]?.isUnderWay !== false) return false;
  await sql`
    UPDATE batches SET forgotten_at = coalesce(forgotten_at, now()) WHERE id = ${batchId}::bigint`.execute(query);
  await sql`
    INSERT INTO revocations (batch_id, record) SELECT ${batchId}::bigint, unnest(${[...records]}::bigint[])
    ON CONFLICT DO NOTHING`.execute(query);
  return true;
}

/** A stored file as it is after its bytes were changed. */
export interface ChangedFile {
  kind: string;
  sizeBytes: number;
  /** 32 bytes. */
  sha256: Buffer;
}

/** Says of stored files what they are now, and that others are gone. */
export async function noteChangedFiles(
  { query }: Tx,
  { batchId, changed, gone }: { batchId: number; changed: readonly ChangedFile[]; gone: readonly string[] },
): Promise<void> {
  const rows = changed.map(({ kind, sizeBytes, sha256 }) => ({
    kind,
    size_bytes: sizeBytes,
    sha256: sha256.toString("hex"),
  }));
  await sql`
    UPDATE artifacts a SET size_bytes = n.size_bytes, sha256 = decode(n.sha256, 'hex')
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS n (kind text, size_bytes bigint, sha256 text)
    WHERE a.batch_id = ${batchId}::bigint AND a.kind = n.kind`.execute(query);
  await sql`
    DELETE FROM artifacts WHERE batch_id = ${batchId}::bigint AND kind = ANY(${[...gone]}::text[])`.execute(query);
}

/** Blanks what findings of a batch quote: of some records, or (null) of all. Where they are and what kind they are stays. */
export async function blankFindings(
  { query }: Tx,
  { batchId, records }: { batchId: number; records: readonly number[] | null },
): Promise<void> {
  const which = records === null ? null : [...records];
  await sql`
    UPDATE issues SET value = NULL, fix = NULL, message = ${BLANKED}
    WHERE batch_id = ${batchId}::bigint AND (${which}::bigint[] IS NULL OR record = ANY(${which}::bigint[]))`.execute(
    query,
  );
}

/**
 * Takes the first finding's sentence out of why a batch ended as it did, and out of what people and programs were told of it: rules of
 * the platform's own may quote a cell in theirs. `judgeOutcome` of packages/delimited puts it there.
 */
export async function blankReason({ query }: Tx, batchId: number): Promise<void> {
  await sql`
    UPDATE batches SET reason_message = regexp_replace(reason_message, ' The first: .*$', '')
    WHERE id = ${batchId}::bigint AND strpos(reason_message, ' The first: ') > 0`.execute(query);
  // Within a string of JSON, to its end.
  const sentence = String.raw` The first: ([^"\\]|\\.)*`;
  await sql`
    UPDATE steps SET error = regexp_replace(error::text, ${sentence}, '', 'g')::jsonb
    WHERE batch_id = ${batchId}::bigint AND strpos(error::text, ' The first: ') > 0`.execute(query);
  await sql`
    UPDATE messages SET payload = regexp_replace(payload::text, ${sentence}, '', 'g')::jsonb
    WHERE (batch_id = ${batchId}::bigint OR run_id = (SELECT run_id FROM batches WHERE id = ${batchId}::bigint))
      AND strpos(payload::text, ' The first: ') > 0`.execute(query);
}

/** Forgets what happened to the links of some records. What was counted by the hour stays: it tells nobody from another. */
export async function forgetLinkEvents(
  { query }: Tx,
  { batchId, records }: { batchId: number; records: readonly number[] },
): Promise<void> {
  await sql`
    DELETE FROM link_events WHERE batch_id = ${batchId}::bigint AND record = ANY(${[...records]}::bigint[])`.execute(
    query,
  );
  await sql`
    DELETE FROM link_tallies WHERE batch_id = ${batchId}::bigint AND record = ANY(${[...records]}::bigint[])`.execute(
    query,
  );
}

/** Forgets what drafts that became this batch have shown, and what its pull quoted. Returns the drafts, whose files the caller removes. */
export async function forgetDraftsOf({ query }: Tx, batchId: number): Promise<{ id: number; client: string }[]> {
  const { rows } = await sql<{ id: number; client: string }>`
    UPDATE drafts SET checked = NULL, check_files = NULL, files_removed = true
    WHERE arrival_id = (SELECT arrival_id FROM batches WHERE id = ${batchId}::bigint) RETURNING id, client`.execute(
    query,
  );
  await sql`
    DELETE FROM draft_edits WHERE draft_id = ANY(${rows.map(({ id }) => id)}::bigint[])`.execute(query);
  await sql`
    UPDATE pulls SET duplicate_samples = '[]'
    WHERE arrival_id = (SELECT arrival_id FROM batches WHERE id = ${batchId}::bigint)`.execute(query);
  return rows;
}

/** The drafts that became this batch. */
export async function draftsOfBatch({ query }: Executor, batchId: number): Promise<{ id: number; client: string }[]> {
  const { rows } = await sql<{ id: number; client: string }>`
    SELECT id, client FROM drafts
    WHERE arrival_id = (SELECT arrival_id FROM batches WHERE id = ${batchId}::bigint)`.execute(query);
  return rows;
}
