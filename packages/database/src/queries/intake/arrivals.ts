import { sql } from "kysely";
import type { Executor } from "../../connection.ts";

/** The newest file that came under a path of the gateway, and what became of it. */
export interface LatestArrival {
  id: number;
  projectId: number;
  path: string;
  fileName: string;
  generation: number;
  sizeBytes: number;
  sha256: Buffer | null;
  state: "arrived" | "claimed" | "batched" | "withdrawn" | "lost";
  arrivedAt: Date;
  /** How long ago it arrived, by PostgreSQL's clock. */
  ageMs: number;
  /** Whether its batch has come to an end. False while there is none. */
  ended: boolean;
}

/** One path of one account, in the project that its folder belongs to. */
export interface ArrivalPath {
  projectId: number;
  accountId: number;
  path: string;
}

/** The newest arrival under a path of the gateway; undefined when there was never one. */
export async function latestArrival(
  { query }: Executor,
  { projectId, accountId, path }: ArrivalPath,
): Promise<LatestArrival | undefined> {
  const { rows } = await sql<LatestArrival>`
    SELECT a.id, a.project_id AS "projectId", a.path, a.file_name AS "fileName", a.generation,
      a.size_bytes AS "sizeBytes", a.sha256, a.state, a.arrived_at AS "arrivedAt",
      extract(epoch FROM now() - a.arrived_at)::float8 * 1000 AS "ageMs", b.ended_at IS NOT NULL AS ended
    FROM arrivals a LEFT JOIN batches b ON b.arrival_id = a.id
    WHERE a.project_id = ${projectId}::bigint AND a.account_id = ${accountId}::bigint AND a.source = 'gateway'
      AND a.path = ${path}
    ORDER BY a.generation DESC LIMIT 1`.execute(query);
  return rows[0];
}

/** A file that an account sees although its bytes may have moved on. */
export interface VisibleArrival {
  path: string;
  fileName: string;
  sizeBytes: number;
  arrivedAt: Date;
}

/** An account's files of one project that have arrived or are claimed, and whose batches have not ended. */
export async function visibleArrivals(
  { query }: Executor,
  { projectId, accountId }: { projectId: number; accountId: number },
): Promise<VisibleArrival[]> {
  const { rows } = await sql<VisibleArrival>`
    SELECT path, file_name AS "fileName", size_bytes AS "sizeBytes", arrived_at AS "arrivedAt" FROM arrivals
    WHERE account_id = ${accountId}::bigint AND project_id = ${projectId}::bigint AND source = 'gateway'
      AND state IN ('arrived', 'claimed')
    UNION ALL
    SELECT a.path, a.file_name, a.size_bytes, a.arrived_at FROM batches b JOIN arrivals a ON a.id = b.arrival_id
    WHERE b.project_id = ${projectId}::bigint AND b.status IN ('received', 'running')
      AND a.account_id = ${accountId}::bigint AND a.source = 'gateway' AND a.state = 'batched'`.execute(query);
  return rows;
}

/** The names of an account's files of one project that have arrived and wait for the watcher. */
export async function arrivedPaths(
  { query }: Executor,
  { projectId, accountId }: { projectId: number; accountId: number },
): Promise<string[]> {
  const rows = await query
    .selectFrom("arrivals")
    .select("path")
    .where("account_id", "=", accountId)
    .where("project_id", "=", projectId)
    .where("source", "=", "gateway")
    .where("state", "=", "arrived")
    .execute();
  return rows.map((row) => row.path);
}

/** Bytes of an account's files that are being processed: they are in no Uploads folder any more. */
export async function bytesUnderWay(
  { query }: Executor,
  { accountId, clientId }: { accountId: number; clientId: number },
): Promise<number> {
  const { rows } = await sql<{ bytes: number }>`
    SELECT coalesce(sum(size_bytes), 0)::bigint AS bytes FROM (
      SELECT size_bytes FROM arrivals
      WHERE account_id = ${accountId}::bigint AND source = 'gateway' AND state = 'claimed'
      UNION ALL
      SELECT a.size_bytes FROM projects p JOIN batches b ON b.project_id = p.id JOIN arrivals a ON a.id = b.arrival_id
      WHERE p.client_id = ${clientId}::bigint AND b.status IN ('received', 'running')
        AND a.account_id = ${accountId}::bigint AND a.source = 'gateway' AND a.state = 'batched') AS under_way`.execute(
    query,
  );
  return rows[0]!.bytes;
}

/** A file that the gateway has received whole. */
export interface GatewayArrival extends ArrivalPath {
  fileName: string;
  sizeBytes: number;
  /** Where its bytes are, relative to the data folder. */
  location: string;
  /** Known when the bytes came in order. */
  sha256: Buffer | null;
}

/**
 * Records an arrival under the next generation of its path. The caller holds the right to write that path
 * (`beginUpload`), so that no other takes the same generation.
 */
export async function insertGatewayArrival({ query }: Executor, arrival: GatewayArrival): Promise<number> {
  const { rows } = await sql<{ id: number }>`
    INSERT INTO arrivals (source, project_id, account_id, path, file_name, generation, size_bytes, location, sha256)
    SELECT 'gateway', ${arrival.projectId}::bigint, ${arrival.accountId}::bigint, ${arrival.path}::text,
      ${arrival.fileName}, coalesce(max(generation), 0) + 1, ${arrival.sizeBytes}::bigint, ${arrival.location},
      ${arrival.sha256}::bytea
    FROM arrivals
    WHERE project_id = ${arrival.projectId}::bigint AND account_id = ${arrival.accountId}::bigint
      AND source = 'gateway' AND path = ${arrival.path}::text
    RETURNING id`.execute(query);
  return rows[0]!.id;
}

/** Takes an arrival back before anybody has claimed it. Resolves to false when it is too late. */
export async function withdrawArrival({ query }: Executor, arrivalId: number): Promise<boolean> {
  const { numUpdatedRows } = await query
    .updateTable("arrivals")
    .set({ state: "withdrawn" })
    .where("id", "=", arrivalId)
    .where("state", "=", "arrived")
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

/**
 * The arrival that an upload was recorded as, by the token of its handle: for a writer whose connection broke during
 * COMMIT. The audit's row is of the same transaction.
 */
export async function arrivalOfUpload(
  { query }: Executor,
  { actor, upload }: { actor: string; upload: string },
): Promise<number | undefined> {
  const { rows } = await sql<{ arrivalId: number }>`
    SELECT (detail ->> 'arrivalId')::bigint AS "arrivalId" FROM (
      SELECT detail FROM audit WHERE actor = ${actor} ORDER BY id DESC LIMIT 1000) recent
    WHERE detail ->> 'upload' = ${upload} AND detail ? 'arrivalId'
    LIMIT 1`.execute(query);
  return rows[0]?.arrivalId;
}
