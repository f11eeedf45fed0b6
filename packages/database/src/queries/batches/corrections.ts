import type { ArtifactKind, BatchStatus, Mapping } from "@inlet/contracts";
import { sql } from "kysely";
import type { Executor, Tx } from "../../connection.ts";
import { cameToSomething } from "./batches.ts";

/** A stored file, as JSON has it. */
interface StoredFile {
  blobKey: string;
  name: string;
  sizeBytes: number;
  /** Hexadecimal. */
  sha256: string;
}

/** A batch whose error file may come back. */
export interface CorrectableBatch {
  id: number;
  tableName: string | null;
  status: BatchStatus;
  rehearsal: boolean;
  artifacts: Partial<Record<ArtifactKind, StoredFile>>;
  /** What its check left for later stages; null when there was none. */
  checked: Record<string, unknown> | null;
  /** The first file in a row of corrections: itself, where it corrects none. */
  original: { fileName: string; declared: number | null; mapping: Mapping | null; flag: StoredFile | null };
  /** This batch and those that it corrects, the newest first. */
  lineage: {
    id: number;
    status: BatchStatus;
    isImported: boolean;
    /** A recipient in its file was forgotten. */
    isForgotten: boolean;
    /** Its files are kept no longer. */
    isDeleted: boolean;
    /** Its canonical file, where there is one. */
    canonical: string | null;
  }[];
}

const STORED_FILE = sql`jsonb_build_object('blobKey', a.blob_key, 'name', a.name, 'sizeBytes', a.size_bytes,
  'sha256', encode(a.sha256, 'hex'))`;

/** A batch of a project, with all that correcting it takes. Undefined: the project has none of this id. */
export async function findCorrectable(
  { query }: Executor,
  { batchId, projectId }: { batchId: number; projectId: number },
): Promise<CorrectableBatch | undefined> {
  const { rows } = await sql<CorrectableBatch>`
    WITH RECURSIVE lineage AS (
      SELECT id, corrects, status, imported_at, forgotten_at, files_deleted_at FROM batches
      WHERE id = ${batchId}::bigint AND project_id = ${projectId}::bigint
      UNION ALL
      SELECT b.id, b.corrects, b.status, b.imported_at, b.forgotten_at, b.files_deleted_at FROM batches b JOIN lineage l ON b.id = l.corrects
    )
    SELECT b.id, b.table_name AS "tableName", b.status, b.rehearsal,
      (SELECT coalesce(jsonb_object_agg(a.kind, ${STORED_FILE}), '{}') FROM artifacts a WHERE a.batch_id = b.id)
        AS artifacts,
      (SELECT s.result FROM steps s WHERE s.batch_id = b.id AND s.kind = 'validate' AND s.state = 'done') AS checked,
      (SELECT jsonb_build_object('fileName', o.file_name, 'declared', o.declared, 'mapping', o.mapping,
         'flag', (SELECT ${STORED_FILE} FROM artifacts a WHERE a.batch_id = o.id AND a.kind = 'flag'))
       FROM batches o WHERE o.id = coalesce(b.original, b.id)) AS original,
      (SELECT jsonb_agg(jsonb_build_object('id', l.id, 'status', l.status, 'isImported', l.imported_at IS NOT NULL,
         'isForgotten', l.forgotten_at IS NOT NULL, 'isDeleted', l.files_deleted_at IS NOT NULL,
         'canonical', (SELECT blob_key FROM artifacts a WHERE a.batch_id = l.id AND a.kind = 'canonical'))
         ORDER BY l.id DESC) FROM lineage l) AS lineage
    FROM batches b WHERE b.id = ${batchId}::bigint AND b.project_id = ${projectId}::bigint`.execute(query);
  return rows[0];
}

/** Why a batch cannot be corrected just now. */
export type ClaimedCorrection =
  | { claimed: true }
  /** Another correction of the same file, or the file itself sent again, is under way, or its rows are imported. */
  | { claimed: false; by: number }
  /** A recipient in its rows was forgotten. */
  | { claimed: false; isForgotten: true };

/**
 * Makes a batch the correction of another one; doing it twice is the same as once. Of two corrections of one file one is
 * accepted: rows that a correction has brought into the table must not come a second time with the next. One that came to
 * nothing does not count, and one that corrects a correction follows on it.
 * @param byName whether a file of the original's name that came later is that file sent again. Files in ZIPs are often
 *   called the same in each: of those the ZIP's name counts.
 */
export async function claimCorrection(
  tx: Tx,
  { batchId, corrects, byName }: { batchId: number; corrects: number; byName: boolean },
): Promise<ClaimedCorrection> {
  const { rows: originals } = await sql<{ original: number }>`
    SELECT coalesce(original, id) AS original FROM batches WHERE id = ${corrects}::bigint`.execute(tx.query);
  const { original } = originals[0]!;
  // One after the other; in the order of their ids, like everything that locks several batches.
  const { rows: locked } = await sql<{ isForgotten: boolean }>`
    SELECT forgotten_at IS NOT NULL AS "isForgotten" FROM batches
    WHERE id IN (${original}::bigint, ${corrects}::bigint) ORDER BY id FOR UPDATE`.execute(tx.query);
  // Whoever closes one of them from here on finds this batch under way, and waits for its end.
  if (locked.some(({ isForgotten }) => isForgotten)) return { claimed: false, isForgotten: true };
  const { rows: others } = await sql<{ id: number }>`
    WITH RECURSIVE lineage AS (
      SELECT id, corrects FROM batches WHERE id = ${corrects}::bigint
      UNION ALL
      SELECT b.id, b.corrects FROM batches b JOIN lineage l ON b.id = l.corrects
    )
    SELECT id FROM batches
    WHERE original = ${original}::bigint AND id <> ${batchId}::bigint AND id NOT IN (SELECT id FROM lineage)
      AND (status IN ('received', 'running', 'completed', 'partial') OR imported_at IS NOT NULL)
    UNION ALL
    SELECT again.id FROM batches o LEFT JOIN batches whole ON whole.id = o.part_of JOIN batches again
      ON again.project_id = o.project_id AND lower(again.file_name) = lower(coalesce(whole.file_name, o.file_name))
        AND again.id > o.id AND NOT o.rehearsal AND NOT again.rehearsal AND again.part_of IS NULL
    WHERE ${byName}::boolean AND o.id = ${original}::bigint AND again.original IS NULL AND again.id <> ${batchId}::bigint
      AND (again.status IN ('received', 'running', 'completed', 'partial', 'unpacked') OR again.imported_at IS NOT NULL)
      AND ${cameToSomething("again")}
    ORDER BY id DESC LIMIT 1`.execute(tx.query);
  if (others[0] !== undefined) return { claimed: false, by: others[0].id };
  await sql`
    UPDATE batches SET corrects = ${corrects}::bigint, original = ${original}::bigint
    WHERE id = ${batchId}::bigint`.execute(tx.query);
  return { claimed: true };
}
