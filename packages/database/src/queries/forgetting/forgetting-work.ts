import type { Mapping } from "@inlet/contracts";
import { sql } from "kysely";
import type { Executor, Tx } from "../../connection.ts";
import type { StoredError } from "../../schema.ts";

/** An order and the epoch under which it may be worked on. */
export interface ForgettingRef {
  forgettingId: number;
  epoch: number;
}

/** All that whoever works on an order needs to know of it. */
export interface ClaimedForgetting extends ForgettingRef {
  projectId: number;
  client: string;
  project: string;
  state: "searching" | "removing";
  batchId: number | null;
  record: number | null;
  column: string | null;
  value: string | null;
  preview: boolean;
  actor: string;
  searchedTo: number;
  searchUntil: number;
  tablesDone: boolean;
  attempts: number;
}

/**
 * Claims the oldest order that is due, under a lease; also one whose worker has not been heard of since its lease ran out. The
 * epoch rises with every claim: nobody else can write under it. Undefined: there is nothing to do.
 */
export async function claimForgetting(
  { query }: Tx,
  { worker, leaseMs }: { worker: string; leaseMs: number },
): Promise<ClaimedForgetting | undefined> {
  // One order of a project at a time: two of them would measure the same files while the other writes. Claims wait for each other.
  await sql`SELECT pg_advisory_xact_lock(hashtext('inlet forgettings'))`.execute(query);
  const { rows } = await sql<ClaimedForgetting>`
    WITH claimed AS (
      UPDATE forgettings SET epoch = epoch + 1, attempts = attempts + 1, worker = ${worker},
        lease_until = now() + ${leaseMs}::float8 * interval '1 ms'
      WHERE id = (SELECT f.id FROM forgettings f WHERE f.state IN ('searching', 'removing') AND f.not_before <= now()
        AND (f.lease_until IS NULL OR f.lease_until < now())
        AND NOT EXISTS (SELECT FROM forgettings o WHERE o.project_id = f.project_id AND o.id <> f.id
          AND o.state IN ('searching', 'removing') AND o.lease_until > now())
        ORDER BY f.not_before, f.id LIMIT 1 FOR UPDATE SKIP LOCKED)
      RETURNING *
    )
    SELECT f.id AS "forgettingId", f.epoch, f.project_id AS "projectId", c.slug AS client, p.slug AS project, f.state,
      f.batch_id AS "batchId", f.record, f.column_name AS "column", f.value, f.preview, f.actor, f.searched_to AS "searchedTo",
      f.search_until AS "searchUntil", f.tables_done AS "tablesDone", f.attempts
    FROM claimed f JOIN projects p ON p.id = f.project_id JOIN clients c ON c.id = p.client_id`.execute(query);
  return rows[0];
}

const isOurs = ({ forgettingId, epoch }: ForgettingRef) => sql`
  id = ${forgettingId}::bigint AND epoch = ${epoch}::int AND state IN ('searching', 'removing') AND lease_until IS NOT NULL`;

/** Extends a lease. False: the order is not ours any more. */
export async function renewForgettingLease(
  { query }: Executor,
  { leaseMs, ...ref }: ForgettingRef & { leaseMs: number },
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    UPDATE forgettings SET lease_until = now() + ${leaseMs}::float8 * interval '1 ms' WHERE ${isOurs(ref)}`.execute(
    query,
  );
  return numAffectedRows === 1n;
}

/** Holds an order that is ours until the transaction ends. False: it is not ours any more, so roll back. */
export async function holdForgetting({ query }: Tx, ref: ForgettingRef): Promise<boolean> {
  const { rows } = await sql`SELECT FROM forgettings WHERE ${isOurs(ref)} FOR UPDATE`.execute(query);
  return rows.length === 1;
}

/** What a batch's files were found to hold. */
export interface SearchedBatch {
  batchId: number;
  /** Rising. */
  records: readonly number[];
  /** Its file as it was sent has to go, though no record was counted in it. */
  hasSource: boolean;
  /** Nobody knows what is in it. */
  isUnknown: boolean;
}

/** Notes what was found in a batch. Call in a transaction that holds the order. */
export async function noteSearched(
  { query }: Tx,
  { forgettingId, batchId, records, hasSource, isUnknown }: SearchedBatch & { forgettingId: number },
): Promise<void> {
  if (records.length > 0 || hasSource) {
    await sql`
      INSERT INTO forgetting_batches (forgetting_id, batch_id) VALUES (${forgettingId}::bigint, ${batchId}::bigint)
      ON CONFLICT DO NOTHING`.execute(query);
    await sql`
      INSERT INTO forgotten_records (forgetting_id, batch_id, record)
      SELECT ${forgettingId}::bigint, ${batchId}::bigint, unnest(${[...records]}::bigint[])
      ON CONFLICT DO NOTHING`.execute(query);
  }
  await sql`
    UPDATE forgettings SET waits_for = NULL, searched_to = greatest(searched_to, ${batchId}::bigint),
      unsearched = array_remove(unsearched, ${batchId}::bigint) || CASE WHEN ${isUnknown} THEN ARRAY[${batchId}::bigint] ELSE '{}' END
    WHERE id = ${forgettingId}::bigint`.execute(query);
}

/**
 * The search is over: the order goes on, or waits for a word. So does one by value that more records have than one person may be
 * in, though nobody asked for a preview. Call in a transaction that holds it.
 */
export async function endSearch(
  { query }: Tx,
  { forgettingId, mostRecords }: { forgettingId: number; mostRecords: number },
): Promise<void> {
  await sql`
    UPDATE forgettings SET state = CASE WHEN preview OR (batch_id IS NULL
        AND (SELECT count(*) FROM forgotten_records WHERE forgetting_id = ${forgettingId}::bigint) > ${mostRecords}::bigint)
      THEN 'found' ELSE 'removing' END, found_at = now(), attempts = 0,
      waits_for = NULL, error = NULL, lease_until = NULL, not_before = now()
    WHERE id = ${forgettingId}::bigint`.execute(query);
}

/** Counts rows that are gone from tables. */
export async function countTableRows(
  { query }: Tx,
  { forgettingId, rows, isLast }: { forgettingId: number; rows: number; isLast: boolean },
): Promise<void> {
  await sql`
    UPDATE forgettings SET table_rows = table_rows + ${rows}::bigint, tables_done = tables_done OR ${isLast}
    WHERE id = ${forgettingId}::bigint`.execute(query);
}

/** Ends an order; what was asked for is gone with it. Call in a transaction that holds it. */
export async function endForgetting({ query }: Tx, forgettingId: number): Promise<void> {
  await sql`
    UPDATE forgettings SET state = 'done', value = NULL, error = NULL, waits_for = NULL, lease_until = NULL,
      finished_at = now() WHERE id = ${forgettingId}::bigint`.execute(query);
}

/** Gives an order on, to be taken up later. `waitsFor`: the batch under way that it waits for, which is no failed attempt. */
export async function postponeForgetting(
  { query }: Executor,
  {
    delayMs,
    waitsFor,
    error,
    ...ref
  }: ForgettingRef & { delayMs: number; waitsFor: number | null; error: StoredError | null },
): Promise<void> {
  await sql`
    UPDATE forgettings SET lease_until = NULL, waits_for = ${waitsFor}::bigint,
      attempts = CASE WHEN ${error === null} THEN 0 ELSE attempts END,
      error = ${error === null ? null : JSON.stringify(error)}::jsonb,
      not_before = now() + ${delayMs}::float8 * interval '1 ms'
    WHERE ${isOurs(ref)}`.execute(query);
}

/** Gives an order up. Its value is kept for a retry. */
export async function failForgetting(
  { query }: Executor,
  { error, ...ref }: ForgettingRef & { error: StoredError },
): Promise<void> {
  await sql`
    UPDATE forgettings SET state = 'failed', error = ${JSON.stringify(error)}::jsonb, lease_until = NULL, finished_at = now()
    WHERE ${isOurs(ref)}`.execute(query);
}

/** A batch as whoever forgets a recipient looks at it. */
export interface ForgetfulBatch {
  batchId: number;
  client: string;
  project: string;
  projectId: number;
  profileVersion: number;
  tableName: string | null;
  fileName: string;
  isUnderWay: boolean;
  /** It is what several files came in. */
  isContainer: boolean;
  partOf: number | null;
  arrivalId: number | null;
  rehearsal: boolean;
  wasImported: boolean;
  mapping: Mapping | null;
  /** Of its last check: how it was read, and which field is which column. Null: it was not read. */
  checked: { scan?: object | null; columns?: { index: number; label: string; column: string | null }[] } | null;
  files: { kind: string; blobKey: string; sizeBytes: number; sha256: string }[];
}

const FORGETFUL = sql`
  b.id AS "batchId", c.slug AS client, p.slug AS project, b.project_id AS "projectId", b.profile_version AS "profileVersion",
  b.table_name AS "tableName", b.file_name AS "fileName", b.part_of AS "partOf", b.arrival_id AS "arrivalId", b.rehearsal,
  b.imported_at IS NOT NULL AS "wasImported", b.mapping,
  b.status = 'unpacked' AS "isContainer",
  (b.status IN ('received', 'running')
    OR EXISTS (SELECT FROM steps s WHERE s.batch_id = b.id AND s.state IN ('waiting', 'ready', 'running'))) AS "isUnderWay",
  (SELECT s.result FROM steps s WHERE s.batch_id = b.id AND s.kind = 'validate' ORDER BY s.id DESC LIMIT 1) AS checked,
  (SELECT coalesce(jsonb_agg(jsonb_build_object('kind', a.kind, 'blobKey', a.blob_key, 'sizeBytes', a.size_bytes,
     'sha256', encode(a.sha256, 'hex'))), '[]') FROM artifacts a WHERE a.batch_id = b.id) AS files
  FROM batches b JOIN clients c ON c.id = b.client_id JOIN projects p ON p.id = b.project_id`;

/** One batch. */
export async function forgetfulBatch({ query }: Executor, batchId: number): Promise<ForgetfulBatch | undefined> {
  const { rows } = await sql<ForgetfulBatch>`SELECT ${FORGETFUL} WHERE b.id = ${batchId}::bigint`.execute(query);
  return rows[0];
}

/** The next batches of a project that have files, in their order. */
export async function nextForgetfulBatches(
  { query }: Executor,
  { projectId, after, upTo, limit }: { projectId: number; after: number; upTo: number; limit: number },
): Promise<ForgetfulBatch[]> {
  const { rows } = await sql<ForgetfulBatch>`
    SELECT ${FORGETFUL} WHERE b.project_id = ${projectId}::bigint AND b.id > ${after}::bigint AND b.id <= ${upTo}::bigint
      AND b.files_deleted_at IS NULL
    ORDER BY b.id LIMIT ${limit}::int`.execute(query);
  return rows;
}

/**
 * The other batches that hold the bytes of this one's file, or are made of it: the same file received again, what it came in, and
 * what it was corrected by. In their order.
 */
export async function batchesOfSameFile({ query }: Executor, batchId: number): Promise<number[]> {
  const { rows } = await sql<{ id: number }>`
    WITH RECURSIVE own AS (SELECT * FROM batches WHERE id = ${batchId}::bigint),
    known AS (
      SELECT id, sha256, corrects, original, rerun_of, part_of FROM own
      UNION
      SELECT b.id, b.sha256, b.corrects, b.original, b.rerun_of, b.part_of FROM known k, batches b
      WHERE b.project_id = (SELECT project_id FROM own) AND b.files_deleted_at IS NULL AND b.id IS DISTINCT FROM k.part_of
        AND (b.sha256 = k.sha256 OR b.id IN (k.corrects, k.original, k.rerun_of) OR b.corrects = k.id OR b.original = k.id
          OR b.rerun_of = k.id)
    )
    SELECT DISTINCT id FROM known WHERE id <> ${batchId}::bigint ORDER BY id`.execute(query);
  return rows.map(({ id }) => id);
}

/** The batches of an order that are not done, in their order, each with its records. */
export async function openForgettingBatches(
  { query }: Executor,
  forgettingId: number,
): Promise<{ batchId: number; phase: "found" | "rows"; records: number[] }[]> {
  const { rows } = await sql<{ batchId: number; phase: "found" | "rows"; records: number[] }>`
    SELECT b.batch_id AS "batchId", b.phase,
      (SELECT coalesce(json_agg(r.record ORDER BY r.record), '[]') FROM forgotten_records r
       WHERE r.forgetting_id = b.forgetting_id AND r.batch_id = b.batch_id) AS records
    FROM forgetting_batches b WHERE b.forgetting_id = ${forgettingId}::bigint AND b.phase <> 'done'
    ORDER BY b.batch_id`.execute(query);
  return rows;
}

/** Those of a batch's records of which nothing is left but blanks, because another order was done on them. */
export async function recordsBlankedBefore(
  { query }: Executor,
  { batchId, records }: { batchId: number; records: readonly number[] },
): Promise<number[]> {
  const { rows } = await sql<{ record: number }>`
    SELECT DISTINCT r.record FROM forgetting_batches b JOIN forgotten_records r USING (forgetting_id, batch_id)
    WHERE b.batch_id = ${batchId}::bigint AND b.phase = 'done' AND r.record = ANY(${[...records]}::bigint[])`.execute(
    query,
  );
  return rows.map(({ record }) => record);
}

/** How far an order is with one batch. */
export async function noteForgettingPhase(
  { query }: Tx,
  { forgettingId, batchId, phase }: { forgettingId: number; batchId: number; phase: "rows" | "done" },
): Promise<void> {
  await sql`
    UPDATE forgetting_batches SET phase = ${phase}
    WHERE forgetting_id = ${forgettingId}::bigint AND batch_id = ${batchId}::bigint`.execute(query);
}
