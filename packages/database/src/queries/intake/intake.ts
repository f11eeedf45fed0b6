import type { Mapping, StepKind } from "@inlet/contracts";
import { sql } from "kysely";
import type { Executor } from "../../connection.ts";
import type { Artifact } from "../batches/artifacts.ts";
import { cameToSomething, type NewBatch } from "../batches/batches.ts";
import type { ProjectState } from "../projects/projects.ts";
import { type LockedRun, lockedRunColumns, SETTLE_WHEN_GATHERED } from "../runs/runs.ts";
import { GIANT_BYTES } from "../steps/steps.ts";

/** An arrival that is not a batch yet, its row locked. */
export interface OpenArrival {
  id: number;
  source: "gateway" | "sftp" | "upload" | "email" | "pull";
  accountId: number | null;
  /** As the sender sees it. */
  path: string;
  fileName: string;
  sizeBytes: number;
  /** Relative to the data folder; where the bytes are until the claim. */
  location: string;
  sha256: Buffer | null;
  declared: number | null;
  /** What the flag file says that came with it, and is called; null: there was none. */
  flag: Buffer | null;
  flagName: string | null;
  /** The table that its sender chose, whatever the file is called. */
  tableName: string | null;
  /** Which label means which column, as its sender chose it. */
  mapping: Mapping | null;
  /** Something happened to the file before it came: see {@link recordEarlierEvents}. */
  hasHistory: boolean;
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
      a.location, a.sha256, a.declared_records AS declared, a.flag, a.flag_name AS "flagName",
      a.table_name AS "tableName", a.mapping, a.history IS NOT NULL AS "hasHistory",
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

/** Ends arrivals: each is a batch now, which holds its flag, too. `lost` ones are batches without a source file. */
export async function endArrivals(
  { query }: Executor,
  { arrivalIds, lost }: { arrivalIds: readonly number[]; lost: readonly number[] },
): Promise<void> {
  await sql`
    UPDATE arrivals SET state = CASE WHEN id = ANY(${lost}::bigint[]) THEN 'lost' ELSE 'batched' END,
      flag = NULL, flag_name = NULL
    WHERE id = ANY(${arrivalIds}::bigint[])`.execute(query);
}

/** Puts what happened to files before they came into the histories of their batches. Call it for those that have some. */
export async function recordEarlierEvents({ query }: Executor, arrivalIds: readonly number[]): Promise<void> {
  await sql`
    INSERT INTO batch_events (batch_id, at, event, actor, detail)
    SELECT b.id, (e.entry ->> 'at')::timestamptz, e.entry ->> 'event', e.entry ->> 'actor', e.entry -> 'detail'
    FROM arrivals a JOIN batches b ON b.arrival_id = a.id,
      jsonb_array_elements(a.history) WITH ORDINALITY AS e (entry, place)
    WHERE a.id = ANY(${arrivalIds}::bigint[])
    ORDER BY a.id, e.place`.execute(query);
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

/** Of these numbers below that of the newest batch, those that no batch has. */
export async function forgottenBatches({ query }: Executor, batchIds: readonly number[]): Promise<number[]> {
  const { rows } = await sql<{ id: number }>`
    SELECT given.id FROM unnest(${batchIds}::bigint[]) AS given (id)
    WHERE given.id < (SELECT max(id) FROM batches) AND NOT EXISTS (SELECT FROM batches b WHERE b.id = given.id)`.execute(
    query,
  );
  return rows.map((row) => row.id);
}

/** Of these places, those that arrivals name. */
export async function knownLocations({ query }: Executor, locations: readonly string[]): Promise<Set<string>> {
  const { rows } = await sql<{ location: string }>`
    SELECT location FROM arrivals WHERE location = ANY(${locations}::text[])`.execute(query);
  return new Set(rows.map((row) => row.location));
}

/** A project's arrival that is to be taken next. */
export async function oldestArrival(
  { query }: Executor,
  projectId: number,
): Promise<{ arrivalId: number; path: string; client: string; project: string } | undefined> {
  const { rows } = await sql<{ arrivalId: number; path: string; client: string; project: string }>`
    SELECT a.id AS "arrivalId", a.path, c.slug AS client, p.slug AS project
    FROM arrivals a JOIN projects p ON p.id = a.project_id JOIN clients c ON c.id = p.client_id
    WHERE a.project_id = ${projectId}::bigint AND a.state IN ('arrived', 'claimed')
      AND NOT EXISTS (
        SELECT FROM uploads u WHERE u.account_id = a.account_id AND u.path = a.path
          AND u.touched_at > now() - ${STALE_HANDLE_MS}::float8 * interval '1 ms')
    ORDER BY a.id LIMIT 1`.execute(query);
  return rows[0];
}

/** How a project's next file is received: under which version of the profile, and whether as a rehearsal. */
export async function receivingState(
  { query }: Executor,
  projectId: number,
): Promise<{ profileVersion: number; state: ProjectState } | undefined> {
  return await query
    .selectFrom("projects")
    .select(["profile_version as profileVersion", "state"])
    .where("id", "=", projectId)
    .executeTakeFirst();
}

/** An accepted batch that makes a file a duplicate. */
export interface EarlierBatch {
  id: number;
  receivedAt: Date;
  /** The names are the same, without regard to case; else the bytes are. */
  sameName: boolean;
}

/**
 * For each file the newest accepted batch of the project with its name or, where wanted, its bytes; a correction has the name
 * of the file that it corrects, too. Of files that came together in a ZIP the ZIP's name alone counts. Rejected, cancelled
 * and duplicate batches do not count, nor do rehearsed ones, those that failed before their rows were imported, and ZIPs
 * none of whose files counts. Keys are places in `files`.
 */
export async function findEarlierBatches(
  { query }: Executor,
  {
    projectId,
    files,
    byName,
    byContent,
  }: {
    projectId: number;
    files: readonly { fileName: string; sha256: Buffer; partOf?: number | null }[];
    byName: boolean;
    byContent: boolean;
  },
): Promise<Map<number, EarlierBatch>> {
  // A look for each file, the newest alone (`+ 0`: by its own index, not down the ids): joined as a whole, they read all
  // of a project's batches for each few files.
  const accepted = sql`b.status NOT IN ('rejected', 'cancelled', 'duplicate') AND NOT b.rehearsal
          AND (b.status <> 'failed' OR b.imported_at IS NOT NULL) AND ${cameToSomething("b")}
        ORDER BY b.id + 0 DESC LIMIT 1`;
  const { rows } = await sql<EarlierBatch & { place: number }>`
    WITH files AS (
      SELECT place - 1 AS place, lower(name) AS name, sha256
      FROM unnest(${files.map(ownName)}::text[], ${files.map((file) => file.sha256)}::bytea[])
        WITH ORDINALITY AS f (name, sha256, place)
    ), found AS (
      SELECT f.place, e.* FROM files f, LATERAL (
        SELECT b.id, b.received_at, true AS same_name FROM batches b
        WHERE b.project_id = ${projectId}::bigint AND lower(b.file_name) = f.name AND b.part_of IS NULL
          AND ${accepted}
      ) AS e WHERE ${byName}
      UNION ALL
      SELECT f.place, e.* FROM files f, LATERAL (
        SELECT b.id, b.received_at, true FROM batches o JOIN batches b ON b.original = o.id
        WHERE o.project_id = ${projectId}::bigint AND lower(o.file_name) = f.name AND o.part_of IS NULL
          AND ${accepted}
      ) AS e WHERE ${byName}
      UNION ALL
      SELECT f.place, e.* FROM files f, LATERAL (
        SELECT b.id, b.received_at, coalesce(lower(b.file_name) = f.name, false) FROM batches b
        WHERE b.project_id = ${projectId}::bigint AND b.sha256 = f.sha256 AND ${accepted}
      ) AS e WHERE ${byContent}
    )
    SELECT DISTINCT ON (place) place, id, received_at AS "receivedAt", same_name AS "sameName"
    FROM found ORDER BY place, id DESC, same_name DESC`.execute(query);
  return new Map(rows.map(({ place, ...earlier }) => [place, earlier]));
}

/** The name that a file came under; null: it came in a ZIP with others. */
const ownName = ({ fileName, partOf = null }: { fileName: string; partOf?: number | null }) =>
  partOf === null ? fileName : null;

/** Finds or opens the runs of these keys, and locks their rows. */
export async function openRuns(
  { query }: Executor,
  { projectId, keys }: { projectId: number; keys: readonly string[] },
): Promise<Map<string, LockedRun>> {
  const { rows } = await sql<LockedRun>`
    INSERT INTO runs (project_id, key)
    SELECT ${projectId}::bigint, key FROM (SELECT DISTINCT key FROM unnest(${keys}::text[]) AS k (key) ORDER BY key) AS k
    ON CONFLICT (project_id, key) DO UPDATE SET state = 'open', settle_at = ${SETTLE_WHEN_GATHERED}
    RETURNING ${lockedRunColumns}`.execute(query);
  return new Map(rows.map((run) => [run.key, run]));
}

/** Inserts batches. Their ids ascend in the order given: the order of arrival, because the caller holds the intake lock. */
export async function insertBatches({ query }: Executor, batches: readonly NewBatch[]): Promise<number[]> {
  const { rows } = await sql<{ id: number }>`
    INSERT INTO batches (client_id, project_id, profile_version, table_name, run_id, arrival_id, account_id, source,
      file_name, size_bytes, sha256, declared, mapping, part_of, rerun_of, forced_reason, rehearsal, link_key_id,
      place)
    SELECT client_id, project_id, profile_version, table_name, run_id, arrival_id, account_id, source, file_name,
      size_bytes, decode(sha256, 'hex'), declared, mapping, part_of, rerun_of, forced_reason, rehearsal,
      CASE WHEN has_links THEN (SELECT max(id) FROM link_keys k WHERE k.client_id = b.client_id) END,
      CASE WHEN part_of IS NOT NULL THEN (SELECT w.place FROM batches w WHERE w.id = b.part_of) END
    FROM jsonb_to_recordset(${JSON.stringify(
      batches.map((batch, ordinal) => ({
        ordinal,
        client_id: batch.clientId,
        project_id: batch.projectId,
        profile_version: batch.profileVersion,
        table_name: batch.tableName,
        run_id: batch.runId,
        arrival_id: batch.arrivalId,
        account_id: batch.accountId,
        source: batch.source,
        file_name: batch.fileName,
        size_bytes: batch.sizeBytes,
        sha256: batch.sha256.toString("hex"),
        declared: batch.declared,
        mapping: batch.mapping ?? undefined,
        part_of: batch.partOf ?? null,
        rerun_of: batch.rerunOf ?? null,
        forced_reason: batch.forcedReason ?? null,
        rehearsal: batch.rehearsal ?? false,
        has_links: batch.hasLinks ?? false,
      })),
    )}::jsonb) AS b (ordinal int, client_id bigint, project_id bigint, profile_version int, table_name text, run_id bigint,
      arrival_id bigint, account_id bigint, source text, file_name text, size_bytes bigint, sha256 text, declared bigint,
      mapping jsonb, part_of bigint, rerun_of bigint, forced_reason text, rehearsal boolean, has_links boolean)
    ORDER BY ordinal
    RETURNING id`.execute(query);
  return rows.map((row) => row.id).sort((a, b) => a - b);
}

/** Records the stored files that new batches came with. */
export async function insertSources(
  { query }: Executor,
  sources: readonly (Artifact & { batchId: number })[],
): Promise<void> {
  await sql`
    INSERT INTO artifacts (batch_id, kind, blob_key, name, size_bytes, sha256)
    SELECT a.batch_id, a.kind, a.blob_key, a.name, a.size_bytes, decode(a.sha256, 'hex')
    FROM jsonb_to_recordset(${JSON.stringify(
      sources.map((source) => ({
        batch_id: source.batchId,
        kind: source.kind,
        blob_key: source.blobKey,
        name: source.name,
        size_bytes: source.sizeBytes,
        sha256: source.sha256.toString("hex"),
      })),
    )}::jsonb) AS a (batch_id bigint, kind text, blob_key text, name text, size_bytes bigint, sha256 text)`.execute(
    query,
  );
}

/** Adds the first steps of new batches, not admitted yet. */
export async function insertFirstSteps(
  { query }: Executor,
  {
    clientId,
    kind,
    batches,
  }: { clientId: number; kind: StepKind; batches: readonly { batchId: number; sizeBytes: number }[] },
): Promise<void> {
  await sql`
    INSERT INTO steps (batch_id, client_id, kind, lane)
    SELECT batch_id, ${clientId}::bigint, ${kind},
      CASE WHEN size_bytes >= ${GIANT_BYTES}::bigint THEN 'giant' ELSE 'small' END
    FROM unnest(${batches.map((batch) => batch.batchId)}::bigint[], ${batches.map((batch) => batch.sizeBytes)}::bigint[])
      AS b (batch_id, size_bytes)
    ORDER BY batch_id`.execute(query);
}

/** An account whose Downloads folder a result goes into. */
export interface ReceivingAccount {
  accountId: number;
  username: string;
  /** The account's folder on disk. */
  jail: string;
}

/** The accounts of these ids that there are, by id. */
export async function accountsById(
  { query }: Executor,
  accountIds: readonly number[],
): Promise<Map<number, ReceivingAccount>> {
  const { rows } = await sql<ReceivingAccount>`
    SELECT id AS "accountId", username, jail FROM accounts WHERE id = ANY(${accountIds}::bigint[])`.execute(query);
  return new Map(rows.map((account) => [account.accountId, account]));
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
