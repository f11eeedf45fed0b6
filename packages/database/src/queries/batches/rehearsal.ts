import type { ArtifactKind, BatchStatus, Issue, StepKind, StepState } from "@inlet/contracts";
import { sql } from "kysely";
import type { Executor } from "../../connection.ts";
import type { StoredError } from "../../schema.ts";
import type { ClientTable } from "../client-tables/client-tables.ts";
import { lockProjectIntake, type ProjectState } from "../projects/projects.ts";

/** Where a project stands between its rehearsal and its life. */
export interface ProjectStanding {
  state: ProjectState;
  /** When the rehearsal began that it is in, or was in last; null: it was never rehearsed. */
  rehearsalAt: Date | null;
  /** Batches up to this one do not count for it. */
  rehearsalAfter: number;
  liveAt: Date | null;
}

/** Where a project stands. */
export async function projectStanding({ query }: Executor, projectId: number): Promise<ProjectStanding> {
  return await query
    .selectFrom("projects")
    .select(["state", "rehearsal_at as rehearsalAt", "rehearsal_after as rehearsalAfter", "live_at as liveAt"])
    .where("id", "=", projectId)
    .executeTakeFirstOrThrow();
}

/**
 * Holds a project's state for the rest of the transaction: no file is received meanwhile, so each is either rehearsed or
 * real, by the state that its reception found.
 */
export async function lockProjectState(executor: Executor, projectId: number): Promise<ProjectStanding> {
  await lockProjectIntake(executor, projectId);
  return await projectStanding(executor, projectId);
}

/** Begins a rehearsal, or begins it anew: what came before does not count for it. The caller holds the state. */
export async function beginRehearsal({ query }: Executor, projectId: number): Promise<void> {
  await sql`
    UPDATE projects SET state = 'rehearsal', rehearsal_at = clock_timestamp(),
      rehearsal_after = (SELECT coalesce(max(id), 0) FROM batches)
    WHERE id = ${projectId}::bigint`.execute(query);
}

/** Makes a project live. Files that were received before stay rehearsed. The caller holds the state. */
export async function makeProjectLive({ query }: Executor, projectId: number): Promise<void> {
  await sql`UPDATE projects SET state = 'live', live_at = clock_timestamp() WHERE id = ${projectId}::bigint`.execute(
    query,
  );
}

/** A rehearsed file, with all that was seen of its way in, through, and back. Times within are ISO texts. */
export interface RehearsedBatch {
  batchId: number;
  /** Null: its name, or what is in it, belongs to no table. */
  tableName: string | null;
  fileName: string;
  source: string;
  status: BatchStatus;
  reasonCode: string | null;
  reasonMessage: string | null;
  profileVersion: number;
  receivedAt: Date;
  /** How many records it should have, by its sender's or system's word. */
  declared: number | null;
  records: number | null;
  valid: number | null;
  rejected: number | null;
  imported: number | null;
  links: number | null;
  issueTotals: Record<string, number>;
  /** Some of its check's findings, errors first. */
  issues: Pick<Issue, "line" | "code" | "message" | "value" | "severity">[];
  /** What its check left for later stages, with what is known of the ZIP that it came in; null: there was none. */
  checked: Record<string, unknown> | null;
  steps: Partial<Record<StepKind, { state: StepState; error: StoredError | null }>>;
  /** The file as it arrived, perhaps a ZIP with others; null for one without an arrival. */
  arrival: { id: number; path: string; arrivedAt: string } | null;
  /** The login that sent it. */
  account: { username: string; cidrs: string[] } | null;
  /** Who sent the e-mail that it came by. */
  mailedFrom: string | null;
  artifacts: ArtifactKind[];
  deliveries: { artifact: ArtifactKind; destination: string; path: string; deliveredAt: string }[];
  /** When one of its links was first opened. */
  viewedAt: string | null;
  /** The e-mails on it and on its run, the newest last. */
  messages: { event: string; recipient: string; state: string; response: string | null; error: StoredError | null }[];
}

const ISSUES_SHOWN = 5;

/**
 * Of the rehearsal that began after this batch the newest file of each table, and the newest that belongs to none. Corrections do not
 * count, nor ZIPs whose files are batches of their own.
 */
export async function rehearsedBatches(
  { query }: Executor,
  { projectId, after }: { projectId: number; after: number },
): Promise<RehearsedBatch[]> {
  const { rows } = await sql<RehearsedBatch>`
    WITH newest AS (
      SELECT DISTINCT ON (table_name) * FROM batches
      WHERE project_id = ${projectId}::bigint AND rehearsal AND id > ${after}::bigint
        AND corrects IS NULL AND status <> 'unpacked'
      ORDER BY table_name, id DESC
    )
    SELECT b.id AS "batchId", b.table_name AS "tableName", b.file_name AS "fileName", b.source, b.status,
      b.reason_code AS "reasonCode", b.reason_message AS "reasonMessage", b.profile_version AS "profileVersion",
      b.received_at AS "receivedAt", b.declared, b.records, b.valid, b.rejected, b.imported, b.links,
      b.issue_totals AS "issueTotals",
      (SELECT coalesce(jsonb_agg(jsonb_build_object('line', i.line, 'code', i.code, 'message', i.message,
         'value', i.value, 'severity', i.severity)), '[]')
       FROM (SELECT * FROM issues WHERE batch_id = b.id ORDER BY severity = 'warning', ordinal
             LIMIT ${ISSUES_SHOWN}::int) i) AS issues,
      (SELECT s.result FROM steps s WHERE s.batch_id = b.id AND s.kind = 'validate')
        || coalesce((SELECT jsonb_build_object('wrapping', s.result -> 'wrapping') FROM steps s
           WHERE s.batch_id = b.part_of AND s.kind = 'validate' AND s.result ? 'wrapping'), '{}') AS checked,
      (SELECT coalesce(jsonb_object_agg(s.kind, jsonb_build_object('state', s.state, 'error', s.error)), '{}')
       FROM steps s WHERE s.batch_id = b.id) AS steps,
      CASE WHEN a.id IS NOT NULL THEN jsonb_build_object('id', a.id, 'path', a.path, 'arrivedAt', a.arrived_at) END
        AS arrival,
      CASE WHEN c.id IS NOT NULL THEN jsonb_build_object('username', c.username, 'cidrs', c.cidrs) END AS account,
      (SELECT l.from_address FROM mails l WHERE l.arrival_id = a.id) AS "mailedFrom",
      (SELECT coalesce(jsonb_agg(f.kind), '[]') FROM artifacts f WHERE f.batch_id = b.id) AS artifacts,
      (SELECT coalesce(jsonb_agg(jsonb_build_object('artifact', d.artifact, 'destination', d.destination,
         'path', d.path, 'deliveredAt', d.delivered_at) ORDER BY d.id), '[]')
       FROM deliveries d WHERE d.batch_id = b.id) AS deliveries,
      (SELECT v.viewed_at FROM rehearsal_views v WHERE v.batch_id = b.id)::text AS "viewedAt",
      (SELECT coalesce(jsonb_agg(jsonb_build_object('event', m.payload ->> 'event', 'recipient', m.recipient,
         'state', m.state, 'response', m.response, 'error', m.error) ORDER BY m.id), '[]')
       FROM messages m WHERE m.batch_id = b.id OR m.run_id = b.run_id) AS messages
    FROM newest b
    LEFT JOIN batches w ON w.id = b.part_of
    LEFT JOIN arrivals a ON a.id = coalesce(b.arrival_id, w.arrival_id)
    LEFT JOIN accounts c ON c.id = coalesce(b.account_id, w.account_id)
    ORDER BY b.id`.execute(query);
  return rows;
}

/** Who sent a file, by the audit's word. */
export interface SeenSender {
  arrivalId: number;
  /** An SFTP login (`sftp:name`) or the name of an API key. */
  actor: string;
  address: string | null;
  /** How the login was let in: `password` or `publickey`; null for one by API, or that the audit could not be told. */
  method: string | null;
  /** The role of the API key, where it came by one. */
  role: string | null;
}

/**
 * Looks up in the audit who sent these arrivals. Its line on a file was written with the arrival's row, in one transaction;
 * sessions live for days at most.
 */
export async function sendersOf({ query }: Executor, arrivalIds: readonly number[]): Promise<SeenSender[]> {
  const { rows } = await sql<SeenSender>`
    SELECT a.id AS "arrivalId", u.actor, u.address,
      (SELECT l.detail ->> 'method' FROM audit l
       WHERE l.session = u.session AND l.actor = u.actor AND l.action = 'login' AND l.outcome = 'ok'
         AND l.at BETWEEN a.arrived_at - interval '7 days' AND a.arrived_at ORDER BY l.id LIMIT 1) AS method,
      coalesce((SELECT k.role FROM api_keys k WHERE k.prefix = u.detail ->> 'apiKey'),
        (SELECT p.role FROM users p WHERE p.id = (u.detail ->> 'userId')::bigint)) AS role
    FROM arrivals a JOIN audit u ON u.at BETWEEN a.arrived_at - interval '1 minute' AND a.arrived_at + interval '1 minute'
      AND u.action IN ('upload', 'rename', 'file.upload') AND u.outcome = 'ok'
      AND (u.detail ->> 'arrivalId')::bigint = a.id
    WHERE a.id = ANY(${[...arrivalIds]}::bigint[])`.execute(query);
  return rows;
}

/** A file of a Downloads folder that was fetched. */
export interface SeenDownload {
  username: string;
  path: string;
  /** To its end; else the client gave up in between. */
  isWhole: boolean;
  at: Date;
}

/** The downloads of these files since then, by anybody. */
export async function downloadsOf(
  { query }: Executor,
  { paths, since }: { paths: readonly string[]; since: Date },
): Promise<SeenDownload[]> {
  const { rows } = await sql<SeenDownload>`
    SELECT substr(actor, 6) AS username, path, outcome = 'ok' AS "isWhole", at FROM audit
    WHERE at >= ${since}::timestamptz AND action = 'download' AND actor LIKE 'sftp:%'
      AND path = ANY(${[...paths]}::text[])
    ORDER BY id`.execute(query);
  return rows;
}

/** The results that clients got by the API, with keys or users of their own, since then: who it was. */
export async function resultsTakenOf(
  { query }: Executor,
  { batchIds, since }: { batchIds: readonly number[]; since: Date },
): Promise<{ batchId: number; actor: string }[]> {
  const { rows } = await sql<{ batchId: number; actor: string }>`
    SELECT (u.detail ->> 'batchId')::bigint AS "batchId", u.actor
    FROM audit u
    WHERE u.at >= ${since}::timestamptz AND u.action = 'artifact.download'
      AND (EXISTS (SELECT FROM api_keys k WHERE k.prefix = u.detail ->> 'apiKey' AND k.role = 'client')
        OR EXISTS (SELECT FROM users p WHERE p.id = (u.detail ->> 'userId')::bigint AND p.role = 'client'))
      AND u.detail ->> 'kind' IN ('result', 'wrapped_result')
      AND (u.detail ->> 'batchId')::bigint = ANY(${[...batchIds]}::bigint[])
    ORDER BY u.id`.execute(query);
  return rows;
}

/** A login that failed, or a request that was refused. */
export interface SeenRefusal {
  username: string;
  address: string | null;
  action: "login" | "refuse";
  path: string | null;
  reason: string | null;
  at: Date;
}

/** The newest refusals that a client's logins, those which see the project, met with since then: the newest first. */
export async function refusalsOf(
  { query }: Executor,
  { clientId, project, since, limit }: { clientId: number; project: string; since: Date; limit: number },
): Promise<SeenRefusal[]> {
  const { rows } = await sql<SeenRefusal>`
    SELECT c.username, u.address, u.action, u.path, u.detail ->> 'reason' AS reason, u.at
    FROM accounts c JOIN audit u ON u.actor = 'sftp:' || c.username
    WHERE c.client_id = ${clientId}::bigint AND (c.projects IS NULL OR ${project} = ANY(c.projects))
      AND u.at >= ${since}::timestamptz AND u.action IN ('login', 'refuse') AND u.outcome <> 'ok'
    ORDER BY u.id DESC LIMIT ${limit}::int`.execute(query);
  return rows;
}

/** Of a client's tables those that are not there, or lack one of these columns. */
export async function unmadeTables(
  { query }: Executor,
  tables: readonly (ClientTable & { columns: readonly string[] })[],
): Promise<ClientTable[]> {
  const { rows } = await sql<ClientTable>`
    SELECT DISTINCT t.schema, t.name
    FROM jsonb_to_recordset(${JSON.stringify(tables)}::jsonb) AS t (schema text, name text, columns text[])
    WHERE NOT t.columns <@ ARRAY(
      SELECT a.attname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
      WHERE n.nspname = t.schema AND c.relname = t.name)`.execute(query);
  return rows;
}

/** The newest e-mail of a known sender that no file was taken from, since then. */
export async function refusedMailOf(
  { query }: Executor,
  { projectId, since }: { projectId: number; since: Date },
): Promise<{ from: string; code: string } | undefined> {
  const { rows } = await sql<{ from: string; code: string }>`
    SELECT from_address AS "from", refusal_code AS code FROM mails
    WHERE project_id = ${projectId}::bigint AND refusal_code IS NOT NULL AND received_at >= ${since}::timestamptz
    ORDER BY id DESC LIMIT 1`.execute(query);
  return rows[0];
}

/** Notes that a link of a rehearsed file was opened; the first time counts. */
export async function recordRehearsalView({ query }: Executor, batchId: number): Promise<void> {
  // Without a target, so that a role that may only insert can do it.
  await sql`INSERT INTO rehearsal_views (batch_id) VALUES (${batchId}::bigint) ON CONFLICT DO NOTHING`.execute(query);
}
