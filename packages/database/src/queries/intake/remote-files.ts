import { sql } from "kysely";
import type { Database, Executor } from "../../connection.ts";
import {
  type LookFailures,
  type LookOutcome,
  type LookStatus,
  lookStatuses,
  recordLookIn,
  withLookLock,
} from "./looks.ts";

/** A file as a remote server's listing shows it. Times of SFTP have whole seconds. */
export interface RemoteSighting {
  path: string;
  sizeBytes: number;
  modifiedMs: number;
}

/** What is known of a remote file. */
export interface RememberedFile extends RemoteSighting {
  /** How long it has been seen at this very size and time. */
  unchangedMs: number;
  /** Set when this very file was fetched. */
  arrivalId: number | null;
}

/**
 * Records what a listing shows, and returns what is known of those files as of before this look. A file of another size
 * or time is another file: its clock starts again, and it counts as not fetched. What the listing does not show any more
 * is forgotten, so that a file that comes back is fetched again.
 */
export async function recordSightings(
  { query }: Executor,
  { projectId, files }: { projectId: number; files: readonly RemoteSighting[] },
): Promise<Map<string, RememberedFile>> {
  const listed = JSON.stringify(
    files.map((file) => ({ path: file.path, size_bytes: file.sizeBytes, modified_ms: file.modifiedMs })),
  );
  const { rows } = await sql<RememberedFile>`
    SELECT r.path, r.size_bytes AS "sizeBytes", r.modified_ms AS "modifiedMs", r.arrival_id AS "arrivalId",
      (extract(epoch FROM clock_timestamp() - r.seen_at) * 1000)::float8 AS "unchangedMs"
    FROM remote_files r
    JOIN jsonb_to_recordset(${listed}::jsonb) AS f (path text, size_bytes bigint, modified_ms bigint)
      USING (path, size_bytes, modified_ms)
    WHERE r.project_id = ${projectId}::bigint`.execute(query);
  await sql`
    DELETE FROM remote_files r WHERE project_id = ${projectId}::bigint
      AND NOT EXISTS (SELECT FROM jsonb_to_recordset(${listed}::jsonb) AS f (path text) WHERE f.path = r.path)`.execute(
    query,
  );
  await sql`
    INSERT INTO remote_files (project_id, path, size_bytes, modified_ms, seen_at)
    SELECT ${projectId}::bigint, f.path, f.size_bytes, f.modified_ms, clock_timestamp()
    FROM jsonb_to_recordset(${listed}::jsonb) AS f (path text, size_bytes bigint, modified_ms bigint)
    ON CONFLICT (project_id, path) DO UPDATE SET size_bytes = excluded.size_bytes, modified_ms = excluded.modified_ms,
      seen_at = excluded.seen_at, arrival_id = NULL
    WHERE (remote_files.size_bytes, remote_files.modified_ms) <> (excluded.size_bytes, excluded.modified_ms)`.execute(
    query,
  );
  return new Map(rows.map((row) => [row.path, row]));
}

/** A fetched file, on disk and hashed. */
export interface FetchedFile extends RemoteSighting {
  fileName: string;
  location: string;
  sha256: Buffer;
  /** The flag file that declared it complete: spent now. */
  flag?: (RemoteSighting & { name: string }) | undefined;
  /** What that says, where it was not spent on another file before. */
  flagContent?: Buffer | undefined;
}

/**
 * Makes the arrival of a fetched file and remembers that this very file was fetched. Undefined when it was fetched
 * already, or has changed since it was sighted: then nothing is written. Call in a transaction.
 */
export async function insertRemoteArrival(
  { query }: Executor,
  { projectId, ...file }: FetchedFile & { projectId: number },
): Promise<number | undefined> {
  const { rows: open } = await sql`
    SELECT FROM remote_files WHERE project_id = ${projectId}::bigint AND path = ${file.path}
      AND size_bytes = ${file.sizeBytes}::bigint AND modified_ms = ${file.modifiedMs}::bigint AND arrival_id IS NULL
    FOR UPDATE`.execute(query);
  if (open.length === 0) return undefined;
  const { rows } = await sql<{ id: number }>`
    INSERT INTO arrivals (source, project_id, account_id, path, file_name, generation, size_bytes, location, sha256,
      flag_name, flag)
    SELECT 'sftp', ${projectId}::bigint, NULL, ${file.path}, ${file.fileName}, coalesce(max(generation), 0) + 1,
      ${file.sizeBytes}::bigint, ${file.location}, ${file.sha256}::bytea,
      ${file.flagContent ? (file.flag?.name ?? null) : null}::text, ${file.flagContent ?? null}::bytea
    FROM arrivals WHERE project_id = ${projectId}::bigint AND account_id IS NULL AND source = 'sftp'
      AND path = ${file.path}
    RETURNING id`.execute(query);
  const arrivalId = rows[0]!.id;
  const paths = [file.path, ...(file.flag ? [file.flag.path] : [])];
  await sql`
    UPDATE remote_files SET arrival_id = ${arrivalId}::bigint
    WHERE project_id = ${projectId}::bigint AND path = ANY(${paths}::text[])`.execute(query);
  return arrivalId;
}

/** Forgets files that were moved aside: others may come under their names. */
export async function forgetRemoteFiles(
  { query }: Executor,
  { projectId, paths }: { projectId: number; paths: readonly string[] },
): Promise<void> {
  await sql`
    DELETE FROM remote_files WHERE project_id = ${projectId}::bigint AND path = ANY(${paths}::text[])`.execute(query);
}

/**
 * Projects whose remote source is to be looked at now: their time has come, or somebody has changed the profile or the
 * secret since the last look.
 */
export async function dueSources({ query }: Executor, { limit }: { limit: number }): Promise<number[]> {
  const { rows } = await sql<{ projectId: number }>`
    SELECT p.id AS "projectId" FROM projects p
    JOIN profiles f ON f.project_id = p.id AND f.version = p.profile_version
    LEFT JOIN source_looks l ON l.project_id = p.id
    WHERE f.document -> 'source' ->> 'kind' = 'sftp'
      AND (coalesce(l.next_look_at, '-infinity') <= now() OR f.created_at > l.looked_at
        OR EXISTS (
          SELECT FROM secrets s WHERE s.client_id = p.client_id AND s.updated_at > l.looked_at
            AND s.name = f.document -> 'source' -> 'server' ->> 'secret'))
    ORDER BY l.next_look_at NULLS FIRST LIMIT ${limit}::int`.execute(query);
  return rows.map((row) => row.projectId);
}

/** Records a look at a remote source. The caller holds its lock. */
export const recordLook = (executor: Executor, outcome: LookOutcome): Promise<LookFailures> =>
  recordLookIn(executor, "source_looks", outcome);

/** The remote sources that have been looked at, worst first. */
export const sourceStatuses = (executor: Executor): Promise<LookStatus[]> => lookStatuses(executor, "source_looks");

/**
 * Runs `work` while this process alone looks at a project's remote source; undefined when another one does. Should the lock
 * be lost under way, {@link insertRemoteArrival} still takes each file once.
 */
export const withSourceLock = <T>(database: Database, projectId: number, work: () => Promise<T>) =>
  withLookLock(database, { projectId, place: "source" }, work);
