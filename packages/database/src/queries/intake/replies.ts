import type { ArtifactKind } from "@inlet/contracts";
import { sql } from "kysely";
import type { Executor } from "../../connection.ts";
import type { RunBatch } from "../runs/runs.ts";

/** A batch that came by e-mail and has ended: what its sender is told, and where. */
export interface AnsweredBatch extends RunBatch {
  projectId: number;
  client: string;
  project: string;
  /** The address that the file came from. */
  sender: string;
  /** The address of ours that it came to; null where nobody knows. */
  sentTo: string | null;
  /** Of the sender's e-mail. */
  subject: string;
  messageId: string | null;
  /** Which of its ends this is: an operator's retry makes the next. */
  ends: number;
  findings: { line: number | null; column: string | null; code: string; message: string }[];
  files: { kind: ArtifactKind; blobKey: string; name: string; sizeBytes: number; sha256: string }[];
  placed: { kind: ArtifactKind; destination: string; path: string }[];
}

/**
 * Reads what is to be answered of batches that came by e-mail; of others nothing. A file of a ZIP of several is answered
 * where the ZIP came from, and the ZIP itself is not; a re-run, where its file came from.
 * @param mostFindings so many of each batch's first errors are read, without their values
 */
export async function answeredBatches(
  { query }: Executor,
  { batchIds, mostFindings }: { batchIds: readonly number[]; mostFindings: number },
): Promise<AnsweredBatch[]> {
  if (batchIds.length === 0) return [];
  const { rows } = await sql<AnsweredBatch>`
    SELECT b.id AS "batchId", b.project_id AS "projectId", c.slug AS client, p.slug AS project,
      b.table_name AS "tableName", b.file_name AS "fileName", b.status, b.reason_code AS "reasonCode",
      b.reason_message AS "reasonMessage", b.records, b.valid, b.rejected, b.imported, b.links,
      b.issue_totals AS "issueTotals", b.rehearsal, b.part_of AS "partOf",
      m.from_address AS sender, m.to_address AS "sentTo", m.subject, m.message_id AS "messageId",
      (SELECT count(*) FROM batch_events e WHERE e.batch_id = b.id AND e.event = 'retried') + 1 AS ends,
      coalesce((
        SELECT jsonb_agg(jsonb_build_object('line', i.line, 'column', i.column_name, 'code', i.code, 'message', i.message)
          ORDER BY i.ordinal)
        FROM (SELECT * FROM issues WHERE batch_id = b.id AND severity = 'error'
          ORDER BY ordinal LIMIT ${mostFindings}::int) AS i), '[]') AS findings,
      coalesce((
        SELECT jsonb_agg(jsonb_build_object('kind', a.kind, 'blobKey', a.blob_key, 'name', a.name,
          'sizeBytes', a.size_bytes, 'sha256', encode(a.sha256, 'hex')) ORDER BY a.kind)
        FROM artifacts a WHERE a.batch_id = b.id
          AND a.kind IN ('result', 'errors', 'wrapped_result', 'wrapped_errors')), '[]') AS files,
      coalesce((
        SELECT jsonb_agg(jsonb_build_object('kind', d.artifact, 'destination', d.destination, 'path', d.path) ORDER BY d.id)
        FROM deliveries d WHERE d.batch_id = b.id
          AND d.artifact IN ('result', 'errors', 'wrapped_result', 'wrapped_errors')), '[]') AS placed
    FROM batches b
    JOIN clients c ON c.id = b.client_id
    JOIN projects p ON p.id = b.project_id
    LEFT JOIN batches first ON first.id = b.rerun_of
    LEFT JOIN batches whole ON whole.id = coalesce(b.part_of, first.part_of)
    JOIN mails m ON m.arrival_id = coalesce(b.arrival_id, first.arrival_id, whole.arrival_id)
    WHERE b.id = ANY(${batchIds}::bigint[]) AND b.status <> 'unpacked'
    ORDER BY b.id`.execute(query);
  return rows;
}
