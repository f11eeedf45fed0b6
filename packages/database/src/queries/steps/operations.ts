import type { QueueName, StepKind } from "@inlet/contracts";
import { sql } from "kysely";
import type { Executor } from "../../connection.ts";
import type { StoredError } from "../../schema.ts";
import type { Scope } from "../batches/batch-views.ts";
import type { MessageRef } from "../messages/messages.ts";

/** How much of a queue's work stands where. */
export interface QueueRow {
  queue: QueueName;
  waiting: number;
  active: number;
  delayed: number;
  held: number;
  failed: number;
  oldestWaitingAt: Date | null;
}

/**
 * What waits, is worked on, is delayed, held back and failed, of every queue that has any. Reads the open ones through
 * their partial indexes: it takes as long as there are open steps, not as there were ever any.
 */
export async function queueRows({ query }: Executor): Promise<QueueRow[]> {
  const due = sql`not_before <= now()`;
  const { rows } = await sql<QueueRow>`
    SELECT 'arrive' AS queue, count(*) FILTER (WHERE state = 'arrived') AS waiting,
      count(*) FILTER (WHERE state = 'claimed') AS active, 0::bigint AS delayed, 0::bigint AS held, 0::bigint AS failed,
      min(arrived_at) FILTER (WHERE state = 'arrived') AS "oldestWaitingAt"
    FROM arrivals WHERE state IN ('arrived', 'claimed')
    UNION ALL
    SELECT 'pull', count(*) FILTER (WHERE state = 'due' AND ${due}), count(*) FILTER (WHERE state = 'running'),
      count(*) FILTER (WHERE state = 'due' AND NOT ${due}), 0, 0,
      min(greatest(ready_at, not_before)) FILTER (WHERE state = 'due' AND ${due})
    FROM pulls WHERE state IN ('due', 'running')
    UNION ALL
    SELECT 'remake', count(*) FILTER (WHERE lease_until IS NULL AND ${due}), count(*) FILTER (WHERE lease_until IS NOT NULL),
      count(*) FILTER (WHERE lease_until IS NULL AND NOT ${due}), 0, 0,
      min(not_before) FILTER (WHERE lease_until IS NULL AND ${due})
    FROM assets WHERE state = 'processing' AND replaced_at IS NULL
    UNION ALL
    SELECT 'render', count(*) FILTER (WHERE state = 'due' AND ${due}), count(*) FILTER (WHERE state = 'running'),
      count(*) FILTER (WHERE state = 'due' AND NOT ${due}), 0, count(*) FILTER (WHERE state = 'failed'),
      min(greatest(ready_at, not_before)) FILTER (WHERE state = 'due' AND ${due})
    FROM renderings WHERE state IN ('due', 'running', 'failed')
    UNION ALL
    SELECT coalesce(o.kind, f.kind), coalesce(waiting, 0), coalesce(active, 0), coalesce(delayed, 0), coalesce(held, 0),
      coalesce(failed, 0), oldest
    FROM (
      SELECT kind, count(*) FILTER (WHERE state = 'ready' AND ${due}) AS waiting,
        count(*) FILTER (WHERE state = 'running') AS active,
        count(*) FILTER (WHERE state = 'ready' AND NOT ${due}) AS delayed,
        count(*) FILTER (WHERE state = 'waiting') AS held,
        min(greatest(ready_at, not_before)) FILTER (WHERE state = 'ready' AND ${due}) AS oldest
      FROM steps WHERE state IN ('waiting', 'ready', 'running') GROUP BY kind
    ) o FULL JOIN (SELECT kind, count(*) AS failed FROM steps WHERE state = 'failed' GROUP BY kind) f USING (kind)
    UNION ALL
    SELECT CASE coalesce(o.kind, f.kind) WHEN 'webhook' THEN 'notify' ELSE 'send' END, coalesce(waiting, 0),
      coalesce(active, 0), coalesce(delayed, 0), 0, coalesce(failed, 0), oldest
    FROM (
      SELECT kind, count(*) FILTER (WHERE state = 'ready' AND ${due}) AS waiting,
        count(*) FILTER (WHERE state = 'running') AS active,
        count(*) FILTER (WHERE state = 'ready' AND NOT ${due}) AS delayed,
        min(greatest(ready_at, not_before)) FILTER (WHERE state = 'ready' AND ${due}) AS oldest
      FROM messages WHERE state IN ('ready', 'running') GROUP BY kind
    ) o FULL JOIN (SELECT kind, count(*) AS failed FROM messages WHERE state = 'failed' GROUP BY kind) f USING (kind)`.execute(
    query,
  );
  return rows;
}

/** Steps of one client that are not admitted yet. */
export interface HeldBack {
  queue: StepKind;
  reason: "limits" | "order";
  client: string;
  steps: number;
  oldestAt: Date;
}

/** What admission holds back, by client: imports for their table's order, other stages for the client's limits. */
export async function heldBackSteps({ query }: Executor, { limit }: { limit: number }): Promise<HeldBack[]> {
  const { rows } = await sql<HeldBack>`
    SELECT s.kind AS queue, CASE s.kind WHEN 'import' THEN 'order' ELSE 'limits' END AS reason, c.slug AS client,
      count(*) AS steps, min(s.created_at) AS "oldestAt"
    FROM steps s JOIN clients c ON c.id = s.client_id WHERE s.state = 'waiting'
    GROUP BY s.kind, c.slug ORDER BY count(*) DESC, c.slug, s.kind LIMIT ${limit}::int`.execute(query);
  return rows;
}

/** A place that is looked at for files, or pulled from, with how the last looks went; all null: not looked at yet. */
export interface WatchedPlace {
  kind: "sftp" | "mailbox" | "pull";
  client: string;
  project: string;
  host: string | null;
  lookedAt: Date | null;
  succeededAt: Date | null;
  nextLookAt: Date | null;
  failures: number;
  errorCode: string | null;
  errorMessage: string | null;
}

/** The servers, mailboxes and systems that live profiles name, worst first. */
export async function watchedPlaces({ query }: Executor): Promise<WatchedPlace[]> {
  const look = sql`l.looked_at AS "lookedAt", l.succeeded_at AS "succeededAt", l.next_look_at AS "nextLookAt",
    coalesce(l.failures, 0) AS failures, l.error_code AS "errorCode", l.error_message AS "errorMessage"`;
  const live = sql`projects p JOIN clients c ON c.id = p.client_id
    JOIN profiles f ON f.project_id = p.id AND f.version = p.profile_version`;
  const { rows } = await sql<WatchedPlace>`
    SELECT 'sftp' AS kind, c.slug AS client, p.slug AS project, f.document #>> '{source,server,host}' AS host, ${look}
    FROM ${live} LEFT JOIN source_looks l ON l.project_id = p.id WHERE f.document #>> '{source,kind}' = 'sftp'
    UNION ALL
    SELECT 'mailbox', c.slug, p.slug, f.document #>> '{email,mailbox,host}', ${look}
    FROM ${live} LEFT JOIN mailbox_looks l ON l.project_id = p.id
    WHERE f.document #> '{email,mailbox}' IS NOT NULL
    UNION ALL
    SELECT 'pull', c.slug, p.slug, substring(f.document #>> '{source,system,url}' FROM '^https?://([^/?#]+)'), l.looked_at,
      l.succeeded_at, d.next_due_at, coalesce(l.failures, 0), l.error ->> 'code', l.error ->> 'message'
    FROM ${live} LEFT JOIN pull_schedules d ON d.project_id = p.id
    CROSS JOIN LATERAL (
      SELECT max(n.started_at) AS looked_at, max(g.finished_at) AS succeeded_at,
        count(*) FILTER (WHERE n.state = 'stopped')::int AS failures,
        (array_agg(n.error ORDER BY n.id DESC) FILTER (WHERE n.state IN ('due', 'stopped') AND n.error IS NOT NULL))[1]
          AS error
      FROM jsonb_array_elements(f.document #> '{source,pulls}') AS t (pull)
      LEFT JOIN LATERAL (SELECT id, state, started_at, error FROM pulls WHERE project_id = p.id
        AND table_name = t.pull ->> 'table' AND purpose = 'import' AND started_at IS NOT NULL
        ORDER BY id DESC LIMIT 1) n ON true
      LEFT JOIN LATERAL (SELECT finished_at FROM pulls WHERE project_id = p.id AND table_name = t.pull ->> 'table'
        AND purpose = 'import' AND state IN ('received', 'unchanged') ORDER BY id DESC LIMIT 1) g ON true) l
    WHERE f.document #>> '{source,kind}' = 'pull'
    ORDER BY failures DESC, client, project, kind`.execute(query);
  return rows;
}

/** What PostgreSQL says of itself. */
export interface DatabaseState {
  version: string;
  sizeBytes: number;
  connections: number;
  mostConnections: number;
}

/** Version, room and connections. */
export async function databaseState({ query }: Executor): Promise<DatabaseState> {
  const { rows } = await sql<DatabaseState>`
    SELECT split_part(current_setting('server_version'), ' ', 1) AS version,
      pg_database_size(current_database()) AS "sizeBytes",
      (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend') AS connections,
      current_setting('max_connections')::int AS "mostConnections"`.execute(query);
  return rows[0]!;
}

/** Which failed steps are asked for; absent conditions do not count. */
export interface FailedStepFilter {
  queue?: StepKind | undefined;
  code?: string | undefined;
  client?: string | undefined;
  project?: string | undefined;
}

/** A step that failed for good. */
export interface FailedStepRow {
  stepId: number;
  batchId: number;
  queue: StepKind;
  client: string;
  project: string;
  table: string | null;
  fileName: string;
  error: StoredError | null;
  attempts: number;
  failedAt: Date | null;
}

const failedSteps = ({ queue, code, client, project }: FailedStepFilter) => {
  const conditions = [
    queue && sql`s.kind = ${queue}`,
    code && sql`s.error ->> 'code' = ${code}`,
    client && sql`s.client_id = (SELECT id FROM clients WHERE slug = ${client})`,
    project && sql`p.slug = ${project}`,
  ].filter((condition) => typeof condition === "object");
  return sql`steps s JOIN batches b ON b.id = s.batch_id JOIN projects p ON p.id = b.project_id
    JOIN clients c ON c.id = b.client_id
    WHERE s.state = 'failed' AND ${conditions.length === 0 ? sql`true` : sql.join(conditions, sql` AND `)}`;
};

/** Steps that failed for good, newest step first. */
export async function listFailedSteps(
  { query }: Executor,
  filter: FailedStepFilter,
  { beforeId, limit }: { beforeId: number | null; limit: number },
): Promise<FailedStepRow[]> {
  const { rows } = await sql<FailedStepRow>`
    SELECT s.id AS "stepId", s.batch_id AS "batchId", s.kind AS queue, c.slug AS client, p.slug AS project,
      b.table_name AS "table", b.file_name AS "fileName", s.error, s.attempts, s.finished_at AS "failedAt"
    FROM ${failedSteps(filter)} AND (${beforeId}::bigint IS NULL OR s.id < ${beforeId}::bigint)
    ORDER BY s.id DESC LIMIT ${limit}::int`.execute(query);
  return rows;
}

/** Failed steps of one reason. */
export interface FailureReason {
  queue: StepKind;
  code: string;
  message: string;
  steps: number;
  lastAt: Date | null;
  batchIds: number[];
}

/** Why steps failed, the most frequent reason first; of the newest `among` that fit. */
export async function failureReasons(
  { query }: Executor,
  filter: FailedStepFilter,
  { among, batches, limit }: { among: number; batches: number; limit: number },
): Promise<FailureReason[]> {
  const { rows } = await sql<FailureReason>`
    WITH failed AS (
      SELECT s.id, s.batch_id, s.kind, s.error, s.finished_at FROM ${failedSteps(filter)}
      ORDER BY s.id DESC LIMIT ${among}::int
    )
    SELECT kind AS queue, coalesce(error ->> 'code', 'unknown') AS code,
      (array_agg(coalesce(error ->> 'message', '') ORDER BY id DESC))[1] AS message, count(*) AS steps,
      max(finished_at) AS "lastAt",
      to_jsonb((array_agg(batch_id ORDER BY id DESC))[1:${batches}::int]) AS "batchIds"
    FROM failed GROUP BY kind, coalesce(error ->> 'code', 'unknown')
    ORDER BY count(*) DESC, max(id) DESC LIMIT ${limit}::int`.execute(query);
  return rows;
}

/** Which dead letters are meant; absent conditions do not count. */
export interface DeadLetterFilter {
  scope: Scope;
  ids?: readonly number[] | undefined;
  client?: string | undefined;
  project?: string | undefined;
  code?: string | undefined;
}

const deadLetters = ({ scope, ids, client, project, code }: DeadLetterFilter) => {
  const conditions = [
    scope === null ? undefined : sql`c.id = ${scope}::bigint`,
    ids && sql`m.id = ANY(${ids as number[]}::bigint[])`,
    client && sql`c.slug = ${client}`,
    project && sql`p.slug = ${project}`,
    code && sql`m.error ->> 'code' = ${code}`,
  ].filter((condition) => typeof condition === "object");
  // A message that tries a webhook out belongs to no project.
  return sql`messages m LEFT JOIN projects p ON p.id = m.project_id LEFT JOIN webhooks h ON h.id = m.webhook_id
    JOIN clients c ON c.id = coalesce(p.client_id, h.client_id)
    WHERE m.state = 'failed' AND ${conditions.length === 0 ? sql`true` : sql.join(conditions, sql` AND `)}`;
};

/** Makes dead letters due again, oldest first, as if they had never been tried. Returns them. */
export async function reviveMessages(
  { query }: Executor,
  filter: DeadLetterFilter,
  { limit }: { limit: number },
): Promise<MessageRef[]> {
  const { rows } = await sql<MessageRef>`
    WITH chosen AS (SELECT m.id FROM ${deadLetters(filter)} ORDER BY m.id LIMIT ${limit}::int FOR UPDATE OF m SKIP LOCKED)
    UPDATE messages SET state = 'ready', epoch = epoch + 1, attempts = 0, losses = 0, not_before = now(),
      ready_at = now(), finished_at = NULL, lease_until = NULL
    FROM chosen WHERE messages.id = chosen.id
    RETURNING messages.id AS "messageId", epoch, webhook_id AS "webhookId"`.execute(query);
  return rows;
}

/** How many dead letters fit. */
export async function countDeadLetters({ query }: Executor, filter: DeadLetterFilter): Promise<number> {
  const { rows } = await sql<{ messages: number }>`
    SELECT count(*) AS messages FROM ${deadLetters(filter)}`.execute(query);
  return rows[0]!.messages;
}

/** The state of a message, if there is one within the scope. */
export async function findMessageState(
  { query }: Executor,
  { messageId, scope }: { messageId: number; scope: Scope },
): Promise<string | undefined> {
  const { rows } = await sql<{ state: string }>`
    SELECT m.state FROM messages m LEFT JOIN projects p ON p.id = m.project_id LEFT JOIN webhooks h ON h.id = m.webhook_id
    WHERE m.id = ${messageId}::bigint
      AND (${scope}::bigint IS NULL OR coalesce(p.client_id, h.client_id) = ${scope}::bigint)`.execute(query);
  return rows[0]?.state;
}
