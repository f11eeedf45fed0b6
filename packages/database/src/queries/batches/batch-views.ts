import type { ArtifactKind, BatchStatus, Counts, StepKind, StepState } from "@inlet/contracts";
import { type RawBuilder, sql } from "kysely";
import type { Executor } from "../../connection.ts";
import type { StoredError } from "../../schema.ts";

/** Whose rows are seen: one client's, or (null) everybody's. */
export type Scope = number | null;

/** A batch as lists show it. Times are read in JSON, so they are ISO texts. */
export interface BatchRow extends Counts {
  id: number;
  client: string;
  project: string;
  tableName: string | null;
  runId: number;
  source: string;
  fileName: string;
  sizeBytes: number;
  status: BatchStatus;
  rehearsal: boolean;
  reasonCode: string | null;
  reasonMessage: string | null;
  issueTotals: Record<string, number>;
  receivedAt: Date;
  startedAt: Date | null;
  endedAt: Date | null;
  /** The step that is not over, where there is one. */
  stage: { kind: StepKind; state: StepState; attempts: number; notBefore: string } | null;
}

/** What of a batch lists show, of the aliases `b`, `c` (its client) and `p` (its project). */
export const summaryColumns = sql`
  b.id, c.slug AS client, p.slug AS project, b.table_name AS "tableName", b.run_id AS "runId", b.source,
  b.file_name AS "fileName", b.size_bytes AS "sizeBytes", b.status, b.rehearsal, b.reason_code AS "reasonCode",
  b.reason_message AS "reasonMessage", b.declared, b.records, b.valid, b.rejected, b.staged, b.imported, b.links,
  b.withheld, b.issue_totals AS "issueTotals", b.received_at AS "receivedAt", b.started_at AS "startedAt",
  b.ended_at AS "endedAt",
  CASE WHEN b.status IN ('received', 'running') THEN
    (SELECT jsonb_build_object('kind', s.kind, 'state', s.state, 'attempts', s.attempts, 'notBefore', s.not_before)
     FROM steps s WHERE s.batch_id = b.id AND s.state IN ('waiting', 'ready', 'running') ORDER BY s.id LIMIT 1)
  END AS stage`;

/** A stage of a batch, with its times as ISO texts. */
export interface StepRow {
  kind: StepKind;
  state: StepState;
  attempts: number;
  losses: number;
  notBefore: string;
  worker: string | null;
  error: StoredError | null;
  createdAt: string;
  readyAt: string | null;
  startedAt: string | null;
  finishedAt: string | null;
}

export interface BatchEventRow {
  at: string;
  event: string;
  actor: string;
  detail: Record<string, unknown>;
}

export interface ArtifactRow {
  kind: ArtifactKind;
  name: string;
  sizeBytes: number;
  sha256: string;
  createdAt: string;
}

export interface DeliveryRow {
  artifact: ArtifactKind;
  destination: string;
  path: string;
  sizeBytes: number;
  sha256: string;
  deliveredAt: string;
}

export interface MessageRow {
  id: number;
  kind: string;
  event: string | null;
  recipient: string;
  state: "ready" | "running" | "sent" | "failed";
  attempts: number;
  notBefore: string;
  response: string | null;
  error: StoredError | null;
  createdAt: string;
  finishedAt: string | null;
}

/** A batch with all that belongs to it. */
export interface BatchDetailRow extends BatchRow {
  clientId: number;
  profileVersion: number;
  sha256: Buffer;
  account: string | null;
  arrivalId: number | null;
  importedAt: Date | null;
  forcedReason: string | null;
  corrects: number | null;
  correctedBy: number[];
  partOf: number | null;
  parts: number[];
  rerunOf: number | null;
  pull: number | null;
  reruns: number[];
  findingsByColumn: { column: string | null; code: string; severity: "error" | "warning"; findings: number }[];
  issuesKept: number;
  neighbours: { older: number | null; newer: number | null };
  linksExpireAt: Date | null;
  filesKeptUntil: Date | null;
  filesDeletedAt: Date | null;
  forgottenAt: Date | null;
  revoked: { all: boolean; records: number };
  steps: StepRow[];
  events: BatchEventRow[];
  artifacts: ArtifactRow[];
  deliveries: DeliveryRow[];
  messages: MessageRow[];
}

/** A message's columns as JSON, of the table alias `m`. */
export const messageJson = sql`
  jsonb_build_object('id', m.id, 'kind', m.kind, 'event', coalesce(m.payload->>'event', m.payload->>'type'), 'recipient', m.recipient,
    'state', m.state, 'attempts', m.attempts, 'notBefore', m.not_before, 'response', m.response, 'error', m.error,
    'createdAt', m.created_at, 'finishedAt', m.finished_at)`;

/** Messages of one batch or run that are shown with it: the newest. */
const MESSAGES_SHOWN = 200;
const EVENTS_SHOWN = 500;

/** Columns and codes with findings that are shown: a file of 10,000 columns may have some in each. */
const FINDING_GROUPS_SHOWN = 500;

/** The next batch of the same table on one side, found by the index that names both. */
const neighbour = (nearest: RawBuilder<unknown>, side: RawBuilder<unknown>) => sql`
        CASE WHEN b.table_name IS NULL
          THEN (SELECT ${nearest}(x.id) FROM batches x
            WHERE x.project_id = b.project_id AND x.table_name IS NULL AND x.id ${side} b.id)
          ELSE (SELECT ${nearest}(x.id) FROM batches x
            WHERE x.project_id = b.project_id AND x.table_name = b.table_name AND x.id ${side} b.id) END`;

/** One batch as of one moment: a single statement. Undefined: there is none within the scope. */
export async function findBatchDetail(
  { query }: Executor,
  { batchId, scope }: { batchId: number; scope: Scope },
): Promise<BatchDetailRow | undefined> {
  const { rows } = await sql<BatchDetailRow>`
    SELECT ${summaryColumns}, b.client_id AS "clientId", b.profile_version AS "profileVersion", b.sha256,
      a.username AS account, b.arrival_id AS "arrivalId", b.imported_at AS "importedAt",
      b.forced_reason AS "forcedReason", b.corrects,
      (SELECT coalesce(jsonb_agg(x.id ORDER BY x.id), '[]') FROM batches x WHERE x.corrects = b.id) AS "correctedBy",
      b.part_of AS "partOf",
      (SELECT coalesce(jsonb_agg(x.id ORDER BY x.id), '[]') FROM batches x WHERE x.part_of = b.id) AS parts,
      b.rerun_of AS "rerunOf", (SELECT p.id FROM pulls p WHERE p.arrival_id = b.arrival_id) AS pull,
      (SELECT coalesce(jsonb_agg(x.id ORDER BY x.id), '[]') FROM batches x WHERE x.rerun_of = b.id) AS reruns,
      (SELECT coalesce(jsonb_agg(to_jsonb(g) ORDER BY g.findings DESC, g."column" NULLS FIRST, g.code), '[]')
       FROM (SELECT i.column_name AS "column", i.code, i.severity, count(*) AS findings
             FROM issues i WHERE i.batch_id = b.id GROUP BY 1, 2, 3
             ORDER BY 4 DESC LIMIT ${FINDING_GROUPS_SHOWN}::int) g) AS "findingsByColumn",
      (SELECT count(*) FROM issues i WHERE i.batch_id = b.id) AS "issuesKept",
      jsonb_build_object('older', ${neighbour(sql`max`, sql`<`)}, 'newer', ${neighbour(sql`min`, sql`>`)}) AS neighbours,
      b.links_expire_at AS "linksExpireAt", b.files_deleted_at AS "filesDeletedAt", b.forgotten_at AS "forgottenAt",
      (SELECT b.ended_at + (f.document #>> '{retention,batchDays}')::float8 * interval '1 day' FROM profiles f
       WHERE f.project_id = p.id AND f.version = p.profile_version AND b.files_deleted_at IS NULL) AS "filesKeptUntil",
      (SELECT jsonb_build_object('all', coalesce(bool_or(r.record IS NULL), false), 'records', count(r.record))
       FROM revocations r WHERE r.batch_id = b.id) AS revoked,
      (SELECT coalesce(jsonb_agg(jsonb_build_object('kind', s.kind, 'state', s.state, 'attempts', s.attempts,
         'losses', s.losses, 'notBefore', s.not_before, 'worker', s.worker, 'error', s.error,
         'createdAt', s.created_at, 'readyAt', s.ready_at, 'startedAt', s.started_at,
         'finishedAt', s.finished_at) ORDER BY s.id), '[]')
       FROM steps s WHERE s.batch_id = b.id) AS steps,
      (SELECT coalesce(jsonb_agg(jsonb_build_object('at', e.at, 'event', e.event, 'actor', e.actor,
         'detail', e.detail) ORDER BY e.id), '[]')
       FROM (SELECT * FROM batch_events e WHERE e.batch_id = b.id ORDER BY e.id DESC LIMIT ${EVENTS_SHOWN}::int) e)
       AS events,
      (SELECT coalesce(jsonb_agg(jsonb_build_object('kind', f.kind, 'name', f.name, 'sizeBytes', f.size_bytes,
         'sha256', encode(f.sha256, 'hex'), 'createdAt', f.created_at) ORDER BY f.created_at, f.kind), '[]')
       FROM artifacts f WHERE f.batch_id = b.id) AS artifacts,
      (SELECT coalesce(jsonb_agg(jsonb_build_object('artifact', d.artifact, 'destination', d.destination,
         'path', d.path, 'sizeBytes', d.size_bytes, 'sha256', encode(d.sha256, 'hex'),
         'deliveredAt', d.delivered_at) ORDER BY d.id), '[]')
       FROM deliveries d WHERE d.batch_id = b.id) AS deliveries,
      (SELECT coalesce(jsonb_agg(${messageJson} ORDER BY m.id), '[]')
       FROM (SELECT * FROM messages m WHERE m.batch_id = b.id OR m.run_id = b.run_id
             ORDER BY m.id DESC LIMIT ${MESSAGES_SHOWN}::int) m) AS messages
    FROM batches b
    JOIN clients c ON c.id = b.client_id
    JOIN projects p ON p.id = b.project_id
    LEFT JOIN accounts a ON a.id = b.account_id
    WHERE b.id = ${batchId}::bigint AND (${scope}::bigint IS NULL OR b.client_id = ${scope}::bigint)`.execute(query);
  return rows[0];
}

/** A batch's owner, if it lies within the scope. */
export async function findBatchClient(
  { query }: Executor,
  { batchId, scope }: { batchId: number; scope: Scope },
): Promise<
  | { clientId: number; issueTotals: Record<string, number>; forgottenAt: Date | null; filesDeletedAt: Date | null }
  | undefined
> {
  const { rows } = await sql<{
    clientId: number;
    issueTotals: Record<string, number>;
    forgottenAt: Date | null;
    filesDeletedAt: Date | null;
  }>`
    SELECT client_id AS "clientId", issue_totals AS "issueTotals", forgotten_at AS "forgottenAt",
      files_deleted_at AS "filesDeletedAt" FROM batches
    WHERE id = ${batchId}::bigint AND (${scope}::bigint IS NULL OR client_id = ${scope}::bigint)`.execute(query);
  return rows[0];
}

/** One stored file of a batch. */
export async function findArtifact(
  { query }: Executor,
  { batchId, kind }: { batchId: number; kind: ArtifactKind },
): Promise<{ blobKey: string; name: string; sizeBytes: number; sha256: Buffer } | undefined> {
  return await query
    .selectFrom("artifacts")
    .select(["blob_key as blobKey", "name", "size_bytes as sizeBytes", "sha256"])
    .where("batch_id", "=", batchId)
    .where("kind", "=", kind)
    .executeTakeFirst();
}

export interface IssueRow {
  ordinal: number;
  line: number | null;
  record: number | null;
  offset: number | null;
  column: string | null;
  code: string;
  message: string;
  value: string | null;
  severity: "error" | "warning";
  fix: string | null;
}

/** Conditions on a batch's kept findings. */
export interface IssueFilter {
  batchId: number;
  code: string | null;
  column: string | null;
  severity: string | null;
}

const issueConditions = ({ batchId, code, column, severity }: IssueFilter) => sql`
  batch_id = ${batchId}::bigint AND (${code}::text IS NULL OR code = ${code}::text)
  AND (${column}::text IS NULL OR column_name = ${column}::text)
  AND (${severity}::text IS NULL OR severity = ${severity}::text)`;

/** The kept findings of a batch, in the order of the file. */
export async function listIssues(
  { query }: Executor,
  filter: IssueFilter,
  { afterOrdinal, limit }: { afterOrdinal: number; limit: number },
): Promise<IssueRow[]> {
  const { rows } = await sql<IssueRow>`
    SELECT ordinal, line, record, byte_offset AS "offset", column_name AS "column", code, message, value, severity, fix
    FROM issues WHERE ${issueConditions(filter)} AND ordinal > ${afterOrdinal}::int
    ORDER BY ordinal LIMIT ${limit}::int`.execute(query);
  return rows;
}

/** How many findings of a batch are kept, and how many of those meet the conditions. */
export async function countIssues(
  { query }: Executor,
  filter: IssueFilter,
): Promise<{ kept: number; matching: number }> {
  const { rows } = await sql<{ kept: number; matching: number }>`
    SELECT count(*) AS kept, count(*) FILTER (WHERE ${issueConditions(filter)}) AS matching
    FROM issues WHERE batch_id = ${filter.batchId}::bigint`.execute(query);
  return rows[0]!;
}

/** Takes links back: one record's, or (null) all of the batch. False: that was done before. */
export async function insertRevocation(
  { query }: Executor,
  { batchId, record }: { batchId: number; record: number | null },
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    INSERT INTO revocations (batch_id, record) VALUES (${batchId}::bigint, ${record}::bigint)
    ON CONFLICT DO NOTHING`.execute(query);
  return numAffectedRows === 1n;
}

/** How many batches stand where: all that are under way, and those received within the last 24 hours that have ended. */
export async function countBatchesByStatus({ query }: Executor): Promise<{ status: BatchStatus; batches: number }[]> {
  const { rows } = await sql<{ status: BatchStatus; batches: number }>`
    SELECT status, count(*) AS batches FROM batches WHERE status IN ('received', 'running') GROUP BY status
    UNION ALL
    SELECT status, count(*) FROM batches
    WHERE received_at > now() - interval '24 hours' AND status NOT IN ('received', 'running') GROUP BY status`.execute(
    query,
  );
  return rows;
}
