import type { BatchStatus, Mapping } from "@inlet/contracts";
import { sql } from "kysely";
import type { Executor } from "../../connection.ts";

/** What decides whether a batch's stored file may be received again, or the batch be retried. */
export interface RerunStanding {
  batchId: number;
  /** The first batch of the file: this one, where it is no re-run. */
  firstId: number;
  clientId: number;
  client: string;
  projectId: number;
  accountId: number | null;
  runKey: string;
  source: string;
  fileName: string;
  sizeBytes: number;
  sha256: Buffer;
  declared: number | null;
  profileVersion: number;
  mapping: Mapping | null;
  tableName: string | null;
  status: BatchStatus;
  rehearsal: boolean;
  corrects: number | null;
  /** The file, or a re-run of it, has brought rows into its table. */
  wasImported: boolean;
  /** A re-run of the file that has not ended yet. */
  underWay: number | null;
  /** A recipient in its file was forgotten. */
  forgottenAt: Date | null;
  /** Its files are kept no longer. */
  filesDeletedAt: Date | null;
  /** A newer batch of its table that is imported. */
  overtakenBy: number | null;
  files: { kind: "source" | "flag"; blobKey: string; name: string; sizeBytes: number; sha256: string }[];
}

/** How a batch's stored file stands to all that came after it. Undefined: there is no such batch. */
export async function rerunStanding({ query }: Executor, batchId: number): Promise<RerunStanding | undefined> {
  const { rows } = await sql<RerunStanding>`
    WITH own AS (
      SELECT b.*, f.id AS first_id, o.id AS place_id, coalesce(o.place, o.part_of, o.id) AS place_of_file
      FROM batches b JOIN batches f ON f.id = coalesce(b.rerun_of, b.id) JOIN batches o ON o.id = coalesce(f.original, f.id)
      WHERE b.id = ${batchId}::bigint
    )
    SELECT own.id AS "batchId", own.first_id AS "firstId", own.client_id AS "clientId", c.slug AS client,
      own.project_id AS "projectId", own.account_id AS "accountId", r.key AS "runKey", own.source,
      own.file_name AS "fileName", own.size_bytes AS "sizeBytes", own.sha256, own.declared, own.profile_version AS "profileVersion", own.mapping,
      own.table_name AS "tableName", own.status, own.rehearsal, own.corrects, own.forgotten_at AS "forgottenAt",
      own.files_deleted_at AS "filesDeletedAt",
      (own.imported_at IS NOT NULL OR EXISTS (SELECT FROM batches x
        WHERE (x.id = own.first_id OR x.rerun_of = own.first_id) AND x.imported_at IS NOT NULL)) AS "wasImported",
      (SELECT min(x.id) FROM batches x
       WHERE x.rerun_of = own.first_id AND x.id <> own.id AND x.status IN ('received', 'running')) AS "underWay",
      (SELECT max(x.id) FROM batches x JOIN batches o ON o.id = coalesce(x.original, x.rerun_of, x.id)
       WHERE x.project_id = own.project_id AND x.table_name = own.table_name AND x.imported_at IS NOT NULL
         AND NOT x.rehearsal AND (x.id > own.place_of_file OR x.place > own.place_of_file)
         AND (coalesce(o.place, o.part_of, o.id), o.id) > (own.place_of_file, own.place_id))
       AS "overtakenBy",
      (SELECT coalesce(jsonb_agg(jsonb_build_object('kind', a.kind, 'blobKey', a.blob_key, 'name', a.name,
         'sizeBytes', a.size_bytes, 'sha256', encode(a.sha256, 'hex'))), '[]')
       FROM artifacts a WHERE a.batch_id = own.id AND a.kind IN ('source', 'flag')) AS files
    FROM own JOIN clients c ON c.id = own.client_id JOIN runs r ON r.id = own.run_id`.execute(query);
  return rows[0];
}
