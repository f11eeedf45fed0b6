import { sql } from "kysely";
import type { Executor } from "../connection.ts";

/** An arrival that is not a batch yet, its row locked. */
export interface OpenArrival {
  id: number;
  source: "gateway" | "sftp" | "upload";
  accountId: number | null;
  /** As the sender sees it. */
  path: string;
  fileName: string;
  sizeBytes: number;
  /** Relative to the data folder; where the bytes are until the claim. */
  location: string;
  sha256: Buffer | null;
  declared: number | null;
  ageMs: number;
}

/** A write handle that its gateway has not touched for this long is left over from a crash and holds up nothing. */
const STALE_HANDLE_MS = 120_000;

/**
 * Locks a project's oldest arrivals, in order of arrival. One that is being written to again is left out: it is about to
 * be withdrawn or to arrive anew. A sender who takes a file back locks the same row, so a file is either taken back or
 * claimed.
 */
export async function lockOldestArrivals(
  { query }: Executor,
  { projectId, limit }: { projectId: number; limit: number },
): Promise<OpenArrival[]> {
  const { rows } = await sql<OpenArrival>`
    SELECT a.id, a.source, a.account_id AS "accountId", a.path, a.file_name AS "fileName", a.size_bytes AS "sizeBytes",
      a.location, a.sha256, a.declared_records AS declared,
      (extract(epoch FROM clock_timestamp() - a.arrived_at) * 1000)::float8 AS "ageMs"
    FROM arrivals a
    WHERE a.project_id = ${projectId}::bigint AND a.state IN ('arrived', 'claimed')
      AND NOT EXISTS (
        SELECT FROM uploads u WHERE u.account_id = a.account_id AND u.path = a.path
          AND u.touched_at > now() - ${STALE_HANDLE_MS}::float8 * interval '1 ms')
    ORDER BY a.id LIMIT ${limit}::int
    FOR UPDATE OF a`.execute(query);
  return rows;
}

/** Marks arrivals as claimed: their files are in the claims folder and their senders cannot change them any more. */
export async function markArrivalsClaimed({ query }: Executor, arrivalIds: readonly number[]): Promise<void> {
  await sql`UPDATE arrivals SET state = 'claimed' WHERE id = ANY(${arrivalIds}::bigint[])`.execute(query);
}

/** Ends arrivals: each is a batch now. `lost` ones are batches without a source file. */
export async function endArrivals(
  { query }: Executor,
  { batched, lost }: { batched: readonly number[]; lost: readonly number[] },
): Promise<void> {
  await sql`
    UPDATE arrivals SET state = CASE WHEN id = ANY(${lost}::bigint[]) THEN 'lost' ELSE 'batched' END
    WHERE id = ANY(${[...batched, ...lost]}::bigint[])`.execute(query);
}

/** Keeps the hash of a file that did not come in order. */
export async function putArrivalHash(
  { query }: Executor,
  { arrivalId, sha256 }: { arrivalId: number; sha256: Buffer },
): Promise<void> {
  await sql`UPDATE arrivals SET sha256 = ${sha256}::bytea WHERE id = ${arrivalId}::bigint`.execute(query);
}

/** The projects of those arrivals that are not batches yet. */
export async function projectsOfArrivals(
  { query }: Executor,
  arrivalIds: readonly number[],
): Promise<Map<number, number>> {
  const { rows } = await sql<{ id: number; projectId: number }>`
    SELECT id, project_id AS "projectId" FROM arrivals
    WHERE id = ANY(${arrivalIds}::bigint[]) AND state IN ('arrived', 'claimed')`.execute(query);
  return new Map(rows.map(({ id, projectId }) => [id, projectId]));
}

/** Projects with arrivals that have waited for a while: their jobs may be lost, or a watcher died over them. */
export async function projectsWithWaitingArrivals(
  { query }: Executor,
  { olderThanMs }: { olderThanMs: number },
): Promise<number[]> {
  const { rows } = await sql<{ projectId: number }>`
    SELECT DISTINCT project_id AS "projectId" FROM arrivals
    WHERE state IN ('arrived', 'claimed') AND arrived_at < now() - ${olderThanMs}::float8 * interval '1 ms'`.execute(
    query,
  );
  return rows.map((row) => row.projectId);
}

/** Of these arrivals, those whose claimed files nobody needs any more: their batches hold the bytes, or they are gone. */
export async function endedArrivals({ query }: Executor, arrivalIds: readonly number[]): Promise<Set<number>> {
  const { rows } = await sql<{ id: number }>`
    SELECT id FROM arrivals WHERE id = ANY(${arrivalIds}::bigint[]) AND state NOT IN ('arrived', 'claimed')`.execute(
    query,
  );
  return new Set(rows.map((row) => row.id));
}

/** Of these places, those that arrivals name. */
export async function knownLocations({ query }: Executor, locations: readonly string[]): Promise<Set<string>> {
  const { rows } = await sql<{ location: string }>`
    SELECT location FROM arrivals WHERE location = ANY(${locations}::text[])`.execute(query);
  return new Set(rows.map((row) => row.location));
}

/** The version of the profile under which a project's next file is received. */
export async function liveVersion({ query }: Executor, projectId: number): Promise<number | undefined> {
  const row = await query
    .selectFrom("projects")
    .select("profile_version")
    .where("id", "=", projectId)
    .executeTakeFirst();
  return row?.profile_version;
}

/** An account whose Downloads folder a result goes into. */
export interface ReceivingAccount {
  accountId: number;
  username: string;
  /** The account's folder on disk. */
  jail: string;
}

/**
 * Who gets a result: the account that sent the file; for a file that came another way, every enabled account of the
 * client that sees the project.
 */
export async function receivingAccounts(
  { query }: Executor,
  { accountId, clientId, project }: { accountId: number | null; clientId: number; project: string },
): Promise<ReceivingAccount[]> {
  const { rows } = await sql<ReceivingAccount>`
    SELECT id AS "accountId", username, jail FROM accounts
    WHERE CASE WHEN ${accountId}::bigint IS NOT NULL THEN id = ${accountId}::bigint
      ELSE client_id = ${clientId}::bigint AND enabled AND (projects IS NULL OR ${project} = ANY(projects)) END
    ORDER BY id`.execute(query);
  return rows;
}
