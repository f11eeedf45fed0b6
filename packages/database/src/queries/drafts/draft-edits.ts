import { sql } from "kysely";
import type { Executor } from "../../connection.ts";
import type { DraftClaim } from "./draft-checks.ts";

/** One cell of a draft and what it is to hold. */
export interface DraftEdit {
  /** Record number in the file, from 1. */
  record: number;
  /** The place of its column in the file, from 0; -1: the whole record, as the file's dialect writes it. */
  columnIndex: number;
  /** What the file held there at first. */
  before: string;
  value: string;
}

/** In the place of a column: the whole record. */
export const WHOLE_RECORD = -1;

/** The same with who mended it. */
export interface DraftEditRow extends DraftEdit {
  id: number;
  by: string;
  at: Date;
}

/**
 * Mends cells. A cell that was mended before keeps what the file held at first; the last hand on it counts. A whole record takes
 * the place of its cells' edits: they are in it.
 */
export async function putDraftEdits(
  { query }: Executor,
  { draftId, by, edits }: { draftId: number; by: string; edits: readonly DraftEdit[] },
): Promise<void> {
  const whole = edits.filter(({ columnIndex }) => columnIndex === WHOLE_RECORD).map(({ record }) => record);
  if (whole.length > 0) {
    await sql`
      DELETE FROM draft_edits WHERE draft_id = ${draftId}::bigint AND record = ANY(${whole}::bigint[])`.execute(query);
  }
  await sql`
    INSERT INTO draft_edits (draft_id, record, column_index, before, value, by)
    SELECT ${draftId}::bigint, e.record, e.column_index, e.before, e.value, ${by}
    FROM unnest(${edits.map(({ record }) => record)}::bigint[], ${edits.map(({ columnIndex }) => columnIndex)}::int[],
      ${edits.map(({ before }) => before)}::text[], ${edits.map(({ value }) => value)}::text[])
      AS e (record, column_index, before, value)
    ON CONFLICT (draft_id, record, column_index) DO UPDATE SET value = excluded.value, by = excluded.by, at = now()`.execute(
    query,
  );
}

/** How many cells of a draft are mended. */
export async function countDraftEdits({ query }: Executor, draftId: number): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    SELECT count(*) AS count FROM draft_edits WHERE draft_id = ${draftId}::bigint`.execute(query);
  return rows[0]!.count;
}

/** Takes edits back: one cell's, or all. Resolves to how many. */
export async function removeDraftEdits(
  { query }: Executor,
  { draftId, cell }: { draftId: number; cell: { record: number; columnIndex: number } | null },
): Promise<number> {
  const { numAffectedRows } = await sql`
    DELETE FROM draft_edits WHERE draft_id = ${draftId}::bigint
      AND (${cell?.record ?? null}::bigint IS NULL
        OR (record = ${cell?.record ?? null}::bigint AND column_index = ${cell?.columnIndex ?? null}::int))`.execute(
    query,
  );
  return Number(numAffectedRows ?? 0);
}

/** A draft's edits in the order of the file, some after a place. */
export async function draftEditsAfter(
  { query }: Executor,
  { draftId, after, limit }: { draftId: number; after: { record: number; columnIndex: number }; limit: number },
): Promise<DraftEdit[]> {
  const { rows } = await sql<DraftEdit>`
    SELECT record, column_index AS "columnIndex", before, value FROM draft_edits
    WHERE draft_id = ${draftId}::bigint
      AND (record, column_index) > (${after.record}::bigint, ${after.columnIndex}::int)
    ORDER BY record, column_index LIMIT ${limit}::int`.execute(query);
  return rows;
}

/** The cells that are mended in a run of records. */
export async function draftEditsOf(
  { query }: Executor,
  { draftId, records }: { draftId: number; records: readonly number[] },
): Promise<DraftEdit[]> {
  const { rows } = await sql<DraftEdit>`
    SELECT record, column_index AS "columnIndex", before, value FROM draft_edits
    WHERE draft_id = ${draftId}::bigint AND record = ANY(${records as number[]}::bigint[])`.execute(query);
  return rows;
}

/** A draft's edits, the last first. */
export async function listDraftEdits(
  { query }: Executor,
  { draftId, before, limit }: { draftId: number; before: number | null; limit: number },
): Promise<DraftEditRow[]> {
  const { rows } = await sql<DraftEditRow>`
    SELECT id, record, column_index AS "columnIndex", before, value, by, at FROM draft_edits
    WHERE draft_id = ${draftId}::bigint AND (${before}::bigint IS NULL OR id < ${before}::bigint)
    ORDER BY id DESC LIMIT ${limit}::int`.execute(query);
  return rows;
}

/** The replacements that were asked for are edits now. Resolves to false when the check is not wanted any more. */
export async function clearPendingFix({ query }: Executor, claim: DraftClaim): Promise<boolean> {
  const { rows } = await sql<{ id: number }>`
    UPDATE drafts SET pending_fix = NULL
    WHERE id = ${claim.draftId}::bigint AND epoch = ${claim.epoch}::int AND state = 'checking' RETURNING id`.execute(
    query,
  );
  return rows.length === 1;
}

/** Who mended how many cells of a draft, when last, and which: the first `shown` of them, in the order of the file. */
export interface DraftEditor {
  by: string;
  at: Date;
  cells: number;
  first: { record: number; columnIndex: number }[];
}

/** Everybody who mended cells of a draft. */
export async function draftEditors(
  { query }: Executor,
  { draftId, shown }: { draftId: number; shown: number },
): Promise<DraftEditor[]> {
  const { rows } = await sql<DraftEditor>`
    SELECT e.by, max(e.at) AS at, count(*) AS cells,
      (SELECT json_agg(json_build_object('record', f.record, 'columnIndex', f.column_index))
       FROM (SELECT g.record, g.column_index FROM draft_edits g WHERE g.draft_id = ${draftId}::bigint AND g.by = e.by
         ORDER BY g.record, g.column_index LIMIT ${shown}::int) f) AS first
    FROM draft_edits e WHERE e.draft_id = ${draftId}::bigint GROUP BY e.by ORDER BY at`.execute(query);
  return rows;
}
