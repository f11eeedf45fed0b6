import type { BatchStatus } from "@inlet/contracts";
import { type RawBuilder, sql } from "kysely";
import type { Executor } from "../../connection.ts";
import { type BatchRow, type Scope, summaryColumns } from "./batch-views.ts";

/** Conditions on batches; absent ones do not count. Names are numbers already, see {@link resolveBatchNames}. */
export interface BatchFilter {
  scope: Scope;
  clientId?: number | undefined;
  projectIds?: readonly number[] | undefined;
  table?: string | undefined;
  statuses?: readonly BatchStatus[] | undefined;
  sources?: readonly string[] | undefined;
  /** See {@link textConditions}. */
  text?: string | undefined;
  /** Logins whose name is the text. */
  accountIds?: readonly number[] | undefined;
  rehearsal?: boolean | undefined;
  /** Whether the check found anything. */
  findings?: boolean | undefined;
  runId?: number | undefined;
  from?: Date | undefined;
  to?: Date | undefined;
  /** Older than this batch. */
  beforeId?: number | undefined;
}

/** What the names of a search stand for. */
export interface BatchNames {
  /** Undefined: no client was named. */
  clientId: number | undefined;
  projectIds: number[] | undefined;
  accountIds: number[];
}

/**
 * Looks up a client, projects of a name, and logins of a name, within a scope. Undefined: a client or project that was named
 * is not there, so no batch meets the search. As numbers PostgreSQL knows how many batches each has.
 */
export async function resolveBatchNames(
  { query }: Executor,
  {
    scope,
    client = null,
    project = null,
    text = null,
  }: { scope: Scope; client?: string | null; project?: string | null; text?: string | null },
): Promise<BatchNames | undefined> {
  const { rows } = await sql<{ clientId: number | null; projectIds: number[]; accountIds: number[] }>`
    SELECT
      (SELECT id FROM clients WHERE slug = ${client}::text AND (${scope}::bigint IS NULL OR id = ${scope}::bigint)) AS "clientId",
      (SELECT coalesce(jsonb_agg(p.id), '[]') FROM projects p JOIN clients c ON c.id = p.client_id
       WHERE p.slug = ${project}::text AND (${client}::text IS NULL OR c.slug = ${client}::text)
         AND (${scope}::bigint IS NULL OR c.id = ${scope}::bigint)) AS "projectIds",
      (SELECT coalesce(jsonb_agg(id), '[]') FROM accounts
       WHERE username = lower(${text}::text) AND (${scope}::bigint IS NULL OR client_id = ${scope}::bigint)) AS "accountIds"
    `.execute(query);
  const { clientId, projectIds, accountIds } = rows[0]!;
  if ((client !== null && clientId === null) || (project !== null && projectIds.length === 0)) return undefined;
  return { clientId: clientId ?? undefined, projectIds: project === null ? undefined : projectIds, accountIds };
}

/**
 * What lists of batches are read with: the plan is made for the very values, because a status that few batches have wants
 * another one than a status that nearly all have; and no search runs for ever.
 */
export const LIST_SETTINGS = { statement_timeout: "15s", plan_cache_mode: "force_custom_plan" } as const;

/**
 * Batches, newest first. The statement's text depends on which conditions there are, not on their values, so that the
 * number of prepared statements is bounded. Run it with {@link LIST_SETTINGS}.
 */
export async function listBatches({ query }: Executor, filter: BatchFilter, limit: number): Promise<BatchRow[]> {
  const { rows } = await sql<BatchRow>`
    SELECT ${summaryColumns}
    FROM batches b JOIN clients c ON c.id = b.client_id JOIN projects p ON p.id = b.project_id
    WHERE ${conditionsOf(filter)}
    ORDER BY b.id DESC LIMIT ${limit}::int`.execute(query);
  return rows;
}

/** Batches that are counted at most, and how far back is looked for them. */
const MOST_COUNTED = 100_000;
const MOST_LOOKED_AT = 1_000_000;

/**
 * How many batches meet a filter, by status: of the newest hundred thousand that do, among the newest million there are.
 * @returns `isExact` is false when there may be more
 */
export async function countBatches(
  { query }: Executor,
  filter: BatchFilter,
): Promise<{ counts: Partial<Record<BatchStatus, number>>; isExact: boolean }> {
  const { rows } = await sql<{ counts: Partial<Record<BatchStatus, number>>; isExact: boolean }>`
    WITH newest AS (SELECT max(id) - ${MOST_LOOKED_AT}::bigint AS after_id FROM batches), met AS MATERIALIZED (
      SELECT b.status FROM batches b
      WHERE ${conditionsOf(filter)} AND b.id > (SELECT after_id FROM newest)
      ORDER BY b.id DESC LIMIT ${MOST_COUNTED + 1}::int
    ), counted AS (SELECT status, count(*) AS batches FROM met GROUP BY status)
    SELECT coalesce(jsonb_object_agg(status, batches), '{}') AS counts,
      coalesce(sum(batches), 0) <= ${MOST_COUNTED}::int
        AND NOT EXISTS (SELECT FROM batches WHERE id <= (SELECT after_id FROM newest)) AS "isExact"
    FROM counted`.execute(query);
  return rows[0]!;
}

/** The failed batches that meet a filter, oldest first. */
export async function failedBatches({ query }: Executor, filter: BatchFilter, limit: number): Promise<number[]> {
  const { rows } = await sql<{ id: number }>`
    SELECT b.id FROM batches b WHERE ${conditionsOf(filter)} AND b.status = 'failed'
    ORDER BY b.id LIMIT ${limit}::int`.execute(query);
  return rows.map(({ id }) => id);
}

type Condition = RawBuilder<unknown> | undefined;

function conditionsOf(filter: BatchFilter): RawBuilder<unknown> {
  const { table, statuses, sources, projectIds, rehearsal, findings, runId, from, to, beforeId } = filter;
  const conditions: Condition[] = [
    ...clientConditions(filter.scope),
    ...clientConditions(filter.clientId ?? null),
    projectIds && sql`b.project_id = ANY(${projectIds}::bigint[])`,
    table === undefined ? undefined : sql`b.table_name = ${table}`,
    statuses && sql`b.status = ANY(${statuses as string[]}::text[])`,
    sources && sql`b.source = ANY(${sources}::text[])`,
    ...textConditions(filter),
    rehearsal === undefined ? undefined : rehearsal ? sql`b.rehearsal` : sql`NOT b.rehearsal`,
    findings === undefined ? undefined : findings ? sql`b.issue_totals <> '{}'` : sql`b.issue_totals = '{}'`,
    runId === undefined ? undefined : sql`b.run_id = ${runId}::bigint`,
    from && sql`b.received_at >= ${from}::timestamptz AND b.id >= ${firstIdAt(from, -RECEIPT_SLACK_MS)}`,
    to && sql`b.received_at < ${to}::timestamptz AND b.id < ${firstIdAt(to, RECEIPT_SLACK_MS)}`,
    beforeId === undefined ? undefined : sql`b.id < ${beforeId}::bigint`,
  ];
  const present = conditions.filter((condition) => condition !== undefined);
  return present.length === 0 ? sql`true` : sql.join(present, sql` AND `);
}

/** A client that has sent nothing for long is not looked for among the newest batches of others. */
function clientConditions(clientId: number | null): Condition[] {
  if (clientId === null) return [];
  return [
    sql`b.client_id = ${clientId}::bigint`,
    sql`b.id <= (SELECT max(x.id) FROM batches x WHERE x.client_id = ${clientId}::bigint)`,
  ];
}

const ILIKE_SPECIAL = /[\\%_]/g;
const BATCH_NUMBER = /^#(\d{1,15})$/;
const SHA256_PREFIX = /^[0-9a-f]{8,64}$/i;
/** From so many hexadecimal digits on it is a hash and no part of a name: no date and time has as many. */
const SURELY_A_HASH = 16;

/**
 * What a person types into the one field: `#123` is a batch; many hexadecimal digits are the beginning of a file's SHA-256,
 * found by the index on it; all else is part of a file's name, a login's whole name, or a shorter beginning of a hash. Names are
 * looked at one by one, newest first, until a page is full: half a second for a million of them.
 */
function textConditions({ text, accountIds = [], scope }: BatchFilter): Condition[] {
  if (text === undefined) return [];
  const number = BATCH_NUMBER.exec(text)?.[1];
  if (number !== undefined) return [sql`b.id = ${Number(number)}::bigint`];
  const isHash = SHA256_PREFIX.test(text);
  const between = sql`b.sha256 BETWEEN decode(${text.padEnd(64, "0")}, 'hex') AND decode(${text.padEnd(64, "f")}, 'hex')`;
  if (isHash && text.length >= SURELY_A_HASH) {
    const projects = sql`ARRAY(SELECT id FROM projects WHERE ${scope}::bigint IS NULL OR client_id = ${scope}::bigint)`;
    return [sql`b.project_id = ANY(${projects})`, between];
  }
  const either = [
    sql`b.file_name ILIKE ${`%${text.replace(ILIKE_SPECIAL, "\\$&")}%`}`,
    ...(accountIds.length > 0 ? [sql`b.account_id = ANY(${accountIds}::bigint[])`] : []),
    ...(isHash ? [between] : []),
  ];
  return [sql`(${sql.join(either, sql` OR `)})`];
}

/** Batches are numbered as they come, but for those that were received at the same time; a clock may be set back a little. */
const RECEIPT_SLACK_MS = 6 * 3_600_000;

/**
 * The number of the first batch that was received at a time or later, by halves along the primary key: twenty looks, where
 * all newer batches would be read otherwise.
 */
const firstIdAt = (time: Date, slackMs: number) => sql`(
      WITH RECURSIVE halves (low, high) AS (
        SELECT coalesce(min(id), 0), coalesce(max(id), 0) + 1 FROM batches
        UNION ALL
        SELECT CASE WHEN m.is_before THEN m.id + 1 ELSE h.low END, CASE WHEN m.is_before THEN h.high ELSE m.middle END
        FROM halves h, LATERAL (
          SELECT (h.low + h.high) / 2 AS middle, x.id,
            x.received_at < ${new Date(time.getTime() + slackMs)}::timestamptz AS is_before
          FROM batches x WHERE x.id >= (h.low + h.high) / 2 ORDER BY x.id LIMIT 1) AS m
        WHERE h.low < h.high
      ) SELECT max(low) FROM halves)`;
