import type { BatchStatus, Counts, Mapping, Reason } from "@inlet/contracts";
import { sql } from "kysely";
import type { Executor } from "../../connection.ts";

/** What the watcher knows of a batch when it makes it. */
export interface NewBatch {
  clientId: number;
  projectId: number;
  profileVersion: number;
  tableName: string | null;
  runId: number;
  arrivalId: number | null;
  accountId: number | null;
  source: string;
  fileName: string;
  sizeBytes: number;
  sha256: Buffer;
  declared: number | null;
  /** Which label of its file means which column, as its sender chose it. */
  mapping?: Mapping | null;
  /** The batch of the ZIP that it came in with others. */
  partOf?: number | null;
  /** The first batch of the stored file that is received again. */
  rerunOf?: number | null;
  /** Why it is imported although a newer one is: an operator's. */
  forcedReason?: string | null;
  /** Received while its project rehearses. */
  rehearsal?: boolean;
  /** It gets links, under the newest key that its client has at this moment. */
  hasLinks?: boolean;
}

/** What a finished stage adds to its batch. Counts that are absent stay as they are. */
export interface BatchProgress {
  /** Where its name told no table, the one that its content belongs to. */
  tableName?: string | undefined;
  counts?: Partial<Counts> | undefined;
  issueTotals?: Record<string, number> | undefined;
  linkKeyId?: number | undefined;
  linksExpireAt?: Date | undefined;
  storyboardVersion?: number | undefined;
  imported?: boolean | undefined;
}

/** Records a stage's result; the batch counts as running from its first stage on. */
export async function advanceBatch(
  { query }: Executor,
  { batchId, ...progress }: BatchProgress & { batchId: number },
): Promise<void> {
  await sql`
    UPDATE batches SET ${PROGRESS_UPDATE}
    FROM jsonb_to_record(${JSON.stringify(progressRow(progress))}::jsonb) AS g (${PROGRESS_COLUMNS})
    WHERE id = ${batchId}::bigint`.execute(query);
}

/** What a stage adds to its batch, as a JSON object of {@link PROGRESS_COLUMNS}. */
export function progressRow({
  tableName,
  counts = {},
  issueTotals,
  linkKeyId,
  linksExpireAt,
  storyboardVersion,
  imported,
}: BatchProgress) {
  const { declared, records, valid, rejected, staged, links, withheld } = counts;
  return {
    ...{ declared, records, valid, rejected, staged, links, withheld },
    imported_rows: counts.imported,
    issue_totals: issueTotals,
    new_link_key_id: linkKeyId,
    expire_at: linksExpireAt,
    new_storyboard: storyboardVersion,
    is_imported: imported,
    found_table: tableName,
  };
}

/** The columns of a record `g` of what a stage adds. */
export const PROGRESS_COLUMNS = sql`declared bigint, records bigint, valid bigint, rejected bigint, staged bigint,
        links bigint, withheld bigint, imported_rows bigint, issue_totals jsonb, new_link_key_id bigint,
        expire_at timestamptz, new_storyboard int, is_imported boolean, found_table text`;

/** What such a record changes in its batch. */
export const PROGRESS_UPDATE = sql`
        status = CASE WHEN status = 'received' THEN 'running' ELSE status END, started_at = coalesce(started_at, now()),
        table_name = coalesce(batches.table_name, g.found_table),
        declared = coalesce(g.declared, batches.declared), records = coalesce(g.records, batches.records),
        valid = coalesce(g.valid, batches.valid), rejected = coalesce(g.rejected, batches.rejected),
        staged = coalesce(g.staged, batches.staged), imported = coalesce(g.imported_rows, imported),
        links = coalesce(g.links, batches.links), withheld = coalesce(g.withheld, batches.withheld),
        issue_totals = coalesce(g.issue_totals, batches.issue_totals),
        link_key_id = coalesce(g.new_link_key_id, link_key_id), links_expire_at = coalesce(g.expire_at, links_expire_at),
        storyboard_version = coalesce(storyboard_version, g.new_storyboard),
        imported_at = CASE WHEN g.is_imported THEN clock_timestamp() ELSE imported_at END`;

/** How a batch ends. */
export interface BatchEnd {
  batchId: number;
  status: BatchStatus;
  reason: Reason | null;
}

/** A batch that has ended. */
export interface EndedBatch {
  status: BatchStatus;
  /** Where its file came from. */
  source: string;
}

/** Ends batches. `completed` becomes `partial` when rows were rejected. Resolves to what became of each. */
export async function endBatches({ query }: Executor, ends: readonly BatchEnd[]): Promise<Map<number, EndedBatch>> {
  const { rows } = await sql<EndedBatch & { id: number }>`
    WITH held AS (
      SELECT id FROM batches WHERE id = ANY(${ends.map(({ batchId }) => batchId)}::bigint[]) ORDER BY id FOR UPDATE
    )
    UPDATE batches SET status = CASE WHEN e.status = 'completed' AND rejected > 0 THEN 'partial' ELSE e.status END,
      reason_code = e.code, reason_message = e.message, started_at = coalesce(started_at, now()),
      ended_at = clock_timestamp()
    FROM held JOIN unnest(${ends.map(({ batchId }) => batchId)}::bigint[], ${ends.map(({ status }) => status)}::text[],
      ${ends.map(({ reason }) => reason?.code ?? null)}::text[],
      ${ends.map(({ reason }) => reason?.message ?? null)}::text[]) AS e (id, status, code, message) ON e.id = held.id
    WHERE batches.id = held.id
    RETURNING batches.id, batches.status, batches.source`.execute(query);
  return new Map(rows.map(({ id, ...ended }) => [id, ended]));
}

/** A batch as operators' commands need it, its row locked. */
export interface LockedBatch {
  id: number;
  runId: number;
  clientId: number;
  projectId: number;
  tableName: string | null;
  fileName: string;
  sizeBytes: number;
  status: BatchStatus;
  importedAt: Date | null;
  profileVersion: number;
  /** A recipient in its file was forgotten. */
  forgottenAt: Date | null;
  /** Its files are kept no longer. */
  filesDeletedAt: Date | null;
}

/** Locks a batch's row. The run's row is locked before it, always. */
export async function lockBatch({ query }: Executor, batchId: number): Promise<LockedBatch | undefined> {
  return await query
    .selectFrom("batches")
    .select([
      "id",
      "run_id as runId",
      "client_id as clientId",
      "project_id as projectId",
      "table_name as tableName",
      "file_name as fileName",
      "size_bytes as sizeBytes",
      "status",
      "imported_at as importedAt",
      "profile_version as profileVersion",
      "forgotten_at as forgottenAt",
      "files_deleted_at as filesDeletedAt",
    ])
    .where("id", "=", batchId)
    .forUpdate()
    .executeTakeFirst();
}

/** The run that a batch belongs to; read without a lock, because it never changes. */
export async function runOfBatch({ query }: Executor, batchId: number): Promise<number | undefined> {
  const row = await query.selectFrom("batches").select("run_id").where("id", "=", batchId).executeTakeFirst();
  return row?.run_id;
}

/** Sets an ended batch under way again. */
export async function reopenBatch(
  { query }: Executor,
  { batchId, forcedReason }: { batchId: number; forcedReason: string | null },
): Promise<void> {
  await query
    .updateTable("batches")
    .set({
      status: "running",
      reason_code: null,
      reason_message: null,
      ended_at: null,
      // Once forced, it stays so: a plain retry after a passing fault is not to find it superseded again.
      ...(forcedReason === null ? {} : { forced_reason: forcedReason }),
    })
    .where("id", "=", batchId)
    .execute();
}

/**
 * The newest batch of the same table that arrived later and is imported already, if there is one. A correction counts as
 * old as the file that it corrects, a re-run as the batch whose file it is, and neither overtakes the other. A file of a ZIP of several arrived with the ZIP. What
 * was rehearsed overtakes nothing.
 */
export async function findOvertaking(
  { query }: Executor,
  { projectId, tableName, batchId }: { projectId: number; tableName: string; batchId: number },
): Promise<{ id: number; fileName: string; importedAt: Date } | undefined> {
  const { rows } = await sql<{ id: number; fileName: string; importedAt: Date }>`
    WITH own AS (
      SELECT o.id, coalesce(o.place, o.part_of, o.id) AS place
      FROM batches b JOIN batches o ON o.id = coalesce(b.original, b.rerun_of, b.id)
      WHERE b.id = ${batchId}::bigint
    )
    SELECT b.id, b.file_name AS "fileName", b.imported_at AS "importedAt"
    FROM batches b JOIN batches o ON o.id = coalesce(b.original, b.rerun_of, b.id)
    WHERE b.project_id = ${projectId}::bigint AND b.table_name = ${tableName} AND b.imported_at IS NOT NULL AND NOT b.rehearsal
      AND (b.id > (SELECT place FROM own) OR b.place > (SELECT place FROM own))
      AND (coalesce(o.place, o.part_of, o.id), o.id) > (SELECT place, id FROM own)
    ORDER BY b.id DESC LIMIT 1`.execute(query);
  return rows[0];
}

/** Adds a line to a batch's history. */
export async function recordBatchEvent(
  { query }: Executor,
  {
    batchId,
    event,
    actor,
    detail = {},
  }: {
    batchId: number;
    event: string;
    actor: string;
    detail?: Record<string, unknown>;
  },
): Promise<void> {
  await query
    .insertInto("batch_events")
    .values({ batch_id: batchId, event, actor, detail: JSON.stringify(detail) })
    .execute();
}

/** Marks a batch as under way when its first stage begins. */
export async function startBatch({ query }: Executor, batchId: number): Promise<void> {
  await sql`UPDATE batches SET status = 'running', started_at = now()
    WHERE id = ${batchId}::bigint AND status = 'received'`.execute(query);
}

/**
 * Whether of the files of a ZIP of several one was accepted, or a correction of one: else the ZIP came to nothing, and counts
 * as little as a file that was rejected. True of any other batch.
 * @param batch the alias of the ZIP's row
 */
export const cameToSomething = (batch: string) => sql`(${sql.ref(`${batch}.status`)} <> 'unpacked' OR EXISTS (
        SELECT FROM batches part JOIN batches taken ON taken.id = part.id OR taken.original = part.id
        WHERE part.part_of = ${sql.ref(`${batch}.id`)}
          AND (taken.status NOT IN ('rejected', 'cancelled', 'duplicate', 'failed') OR taken.imported_at IS NOT NULL)))`;

/**
 * A later batch of the same project that is the same file sent again, by name or by content, or a correction of it, and was
 * accepted: under way, ended well, or imported. A rehearsed file may be sent again and again; a file in a ZIP may be called
 * like that of another ZIP, so it is the ZIP's name that counts.
 */
export async function findResent(
  { query }: Executor,
  { batchId, byName, byContent }: { batchId: number; byName: boolean; byContent: boolean },
): Promise<number | undefined> {
  const { rows } = await sql<{ id: number }>`
    SELECT later.id FROM batches AS own LEFT JOIN batches AS whole ON whole.id = own.part_of
    JOIN batches AS later ON later.project_id = own.project_id AND later.id > own.id
    WHERE own.id = ${batchId}::bigint AND NOT own.rehearsal AND NOT later.rehearsal
      AND ((${byName}::boolean AND lower(later.file_name) = lower(coalesce(whole.file_name, own.file_name))
          AND later.part_of IS NULL)
        OR (${byContent}::boolean AND later.sha256 = own.sha256)
        OR later.original = coalesce(own.original, own.id))
      AND (later.status IN ('received', 'running', 'completed', 'partial', 'unpacked') OR later.imported_at IS NOT NULL)
      AND ${cameToSomething("later")}
    ORDER BY later.id DESC LIMIT 1`.execute(query);
  return rows[0]?.id;
}
