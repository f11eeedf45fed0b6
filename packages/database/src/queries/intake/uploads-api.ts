import type { BatchStatus, Mapping } from "@inlet/contracts";
import { sql } from "kysely";
import type { Executor } from "../../connection.ts";
import type { Scope } from "../batches/batch-views.ts";

/** What happened to a file before it arrived. */
export interface EarlierEvent {
  event: string;
  actor: string;
  /** ISO 8601. */
  at: string;
  detail: Record<string, unknown>;
}

/** Records a file that came through the API, whole and on disk. Takes the project's next generation of that name. */
export async function insertUpload(
  { query }: Executor,
  upload: {
    projectId: number;
    fileName: string;
    sizeBytes: number;
    /** Relative to the data folder. */
    location: string;
    sha256: Buffer;
    declaredRecords: number | null;
    /** The table that its sender chose, whatever the file is called. */
    tableName?: string | null;
    /** Which label means which column, as its sender chose it. */
    mapping?: Mapping | null;
    /** What happened to the file before it came: lines of its batch's history. */
    history?: readonly EarlierEvent[];
  },
): Promise<number> {
  await sql`SELECT pg_advisory_xact_lock(${upload.projectId}::int, hashtext('upload'))`.execute(query);
  const { rows } = await sql<{ id: number }>`
    INSERT INTO arrivals (source, project_id, path, file_name, generation, size_bytes, location, sha256,
      declared_records, table_name, mapping, history)
    SELECT 'upload', ${upload.projectId}::bigint, ${upload.fileName}, ${upload.fileName},
      coalesce(max(generation), 0) + 1, ${upload.sizeBytes}::bigint, ${upload.location}, ${upload.sha256}::bytea,
      ${upload.declaredRecords}::bigint, ${upload.tableName ?? null},
      ${upload.mapping ? JSON.stringify(upload.mapping) : null}::jsonb,
      ${upload.history?.length ? JSON.stringify(upload.history) : null}::jsonb
    FROM arrivals WHERE source = 'upload' AND project_id = ${upload.projectId}::bigint AND account_id IS NULL
      AND path = ${upload.fileName}
    RETURNING id`.execute(query);
  return rows[0]!.id;
}

/** What became of an arrival. */
export interface ArrivalRow {
  id: number;
  client: string;
  project: string;
  source: string;
  fileName: string;
  sizeBytes: number;
  state: "arrived" | "claimed" | "batched" | "withdrawn" | "lost";
  arrivedAt: Date;
  batchId: number | null;
  status: BatchStatus | null;
}

/** One arrival with its batch, if there is one within the scope. */
export async function findArrival(
  { query }: Executor,
  { arrivalId, scope }: { arrivalId: number; scope: Scope },
): Promise<ArrivalRow | undefined> {
  const { rows } = await sql<ArrivalRow>`
    SELECT a.id, c.slug AS client, p.slug AS project, a.source, a.file_name AS "fileName",
      a.size_bytes AS "sizeBytes", a.state, a.arrived_at AS "arrivedAt", b.id AS "batchId", b.status
    FROM arrivals a JOIN projects p ON p.id = a.project_id JOIN clients c ON c.id = p.client_id
    LEFT JOIN batches b ON b.arrival_id = a.id
    WHERE a.id = ${arrivalId}::bigint AND (${scope}::bigint IS NULL OR c.id = ${scope}::bigint)`.execute(query);
  return rows[0];
}

/** Of these locations, the ones that an arrival names. */
export async function arrivedLocations({ query }: Executor, locations: readonly string[]): Promise<Set<string>> {
  const { rows } = await sql<{ location: string }>`
    SELECT location FROM arrivals WHERE source = 'upload' AND location = ANY(${locations as string[]}::text[])`.execute(
    query,
  );
  return new Set(rows.map((row) => row.location));
}
