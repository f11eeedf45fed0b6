import { type DraftCheck, type DraftState, type Profile, type Reason, readStoredProfile } from "@inlet/contracts";
import { sql } from "kysely";
import type { Executor } from "../../connection.ts";
import type { Scope } from "../batches/batch-views.ts";

/** A label's meaning as a person chose it: the place in the file, from 0, and the table's column; null: none. */
export interface ChosenColumn {
  index: number;
  /** As it stands in the file. */
  label: string;
  column: string | null;
}

/** Suggested replacements that the next check applies before anything else. */
export interface PendingFix {
  code: string;
  column: string | null;
  by: string;
}

/** Where the files of a draft's last check are, in the drafts' store, and how they are to be read. */
export interface DraftCheckFiles {
  /** The data file as it was opened: the upload itself, or what was in it. */
  plain: { key: string; name: string; sizeBytes: number; sha256: string };
  /** What was checked: the plain file, or one with the edits in it. */
  content: { key: string; sizeBytes: number; sha256: string };
  /** The error file; null: there is nothing in it. */
  errors: string | null;
  /** The batch whose mended error file this is; then there are no other files. */
  corrects: number | null;
  /** The claim under which rows, findings and what is needed to read them were kept: the end of their names. */
  epoch: number;
}

/** A draft as it stands in PostgreSQL, without its last check's result. */
export interface DraftRow {
  id: number;
  owner: string;
  createdBy: string;
  clientId: number | null;
  projectId: number | null;
  client: string;
  project: string;
  trialProfile: Profile | null;
  tableName: string | null;
  tableChosen: boolean;
  fileName: string;
  sizeBytes: number;
  receivedBytes: number;
  sha256: Buffer | null;
  declaredRecords: number | null;
  lastModified: Date | null;
  state: DraftState;
  mapping: ChosenColumn[];
  remember: boolean;
  version: number;
  pendingFix: PendingFix | null;
  editCount: number;
  epoch: number;
  phase: "opening" | "checking" | null;
  doneBytes: number;
  totalBytes: number;
  verdict: "pass" | "fail" | null;
  checkedVersion: number | null;
  checkFiles: DraftCheckFiles | null;
  reason: Reason | null;
  arrivalId: number | null;
  batchId: number | null;
  createdAt: Date;
  updatedAt: Date;
}

/** With what the last check said. */
export interface DraftDetailRow extends DraftRow {
  checked: Omit<DraftCheck, "isCurrent"> | null;
}

const COLUMNS = sql`
  d.id, d.owner, d.created_by AS "createdBy", d.client_id AS "clientId", d.project_id AS "projectId", d.client, d.project,
  d.trial_profile AS "trialProfile", d.table_name AS "tableName", d.table_chosen AS "tableChosen",
  d.file_name AS "fileName", d.size_bytes AS "sizeBytes", d.received_bytes AS "receivedBytes", d.sha256,
  d.declared_records AS "declaredRecords", d.last_modified AS "lastModified", d.state, d.mapping, d.remember, d.version,
  d.pending_fix AS "pendingFix",
  (SELECT count(*) FROM draft_edits e WHERE e.draft_id = d.id) AS "editCount",
  d.epoch, d.phase, d.done_bytes AS "doneBytes", d.total_bytes AS "totalBytes", d.verdict,
  d.checked_version AS "checkedVersion", d.check_files AS "checkFiles", d.reason, d.arrival_id AS "arrivalId",
  (SELECT b.id FROM batches b WHERE b.arrival_id = d.arrival_id) AS "batchId",
  d.created_at AS "createdAt", d.updated_at AS "updatedAt"`;

/** What a new draft is made with. */
export interface NewDraft {
  owner: string;
  createdBy: string;
  clientId: number | null;
  projectId: number | null;
  client: string;
  project: string;
  /** Makes it a trial. */
  trialProfile: Profile | null;
  tableName: string | null;
  tableChosen: boolean;
  fileName: string;
  sizeBytes: number;
  declaredRecords: number | null;
  lastModified: Date | null;
}

/**
 * Begins a draft. Resolves to undefined when its owner has `mostOpen` already. Two requests of one owner are counted one after
 * the other. Call in a transaction.
 */
export async function insertDraft(
  { query }: Executor,
  draft: NewDraft,
  { mostOpen }: { mostOpen: number },
): Promise<number | undefined> {
  await sql`SELECT pg_advisory_xact_lock(hashtext('inlet.drafts'), hashtext(${draft.owner}))`.execute(query);
  const { rows } = await sql<{ id: number }>`
    INSERT INTO drafts (owner, created_by, client_id, project_id, client, project, trial_profile, table_name, table_chosen,
      file_name, size_bytes, declared_records, last_modified)
    SELECT ${draft.owner}, ${draft.createdBy}, ${draft.clientId}::bigint, ${draft.projectId}::bigint, ${draft.client},
      ${draft.project}, ${draft.trialProfile && JSON.stringify(draft.trialProfile)}::jsonb, ${draft.tableName},
      ${draft.tableChosen}::boolean, ${draft.fileName}, ${draft.sizeBytes}::bigint, ${draft.declaredRecords}::bigint,
      ${draft.lastModified}::timestamptz
    WHERE (SELECT count(*) FROM drafts WHERE owner = ${draft.owner}
      AND state IN ('uploading', 'checking', 'checked', 'unreadable')) < ${mostOpen}::int
    RETURNING id`.execute(query);
  return rows[0]?.id;
}

/**
 * Who may see a draft: those of its client, and those who see all clients. A trial concerns the whole hub.
 * @param scope null: all clients
 */
export interface DraftPlace {
  draftId: number;
  scope: Scope;
}

/** What a caller of this scope may see of `drafts d`. */
const within = (scope: Scope) =>
  sql<boolean>`(${scope}::bigint IS NULL OR (d.client_id = ${scope}::bigint AND d.trial_profile IS NULL))`;

/** One draft within the scope, with what its last check said. */
export async function findDraft(
  { query }: Executor,
  { draftId, scope }: DraftPlace,
): Promise<DraftDetailRow | undefined> {
  const { rows } = await sql<DraftDetailRow>`
    SELECT ${COLUMNS}, d.checked FROM drafts d
    WHERE d.id = ${draftId}::bigint AND ${within(scope)}`.execute(query);
  return rows[0] && withProfile(rows[0]);
}

/** The same without what its check said, for those who only need its files. */
export async function findDraftFiles(
  { query }: Executor,
  { draftId, scope }: DraftPlace,
): Promise<DraftRow | undefined> {
  const { rows } = await sql<DraftRow>`
    SELECT ${COLUMNS} FROM drafts d
    WHERE d.id = ${draftId}::bigint AND ${within(scope)}`.execute(query);
  return rows[0] && withProfile(rows[0]);
}

/** Locks a draft for a change of its state. Call in a transaction. */
export async function lockDraft(
  { query }: Executor,
  { draftId, scope }: DraftPlace,
): Promise<DraftDetailRow | undefined> {
  const { rows } = await sql<DraftDetailRow>`
    SELECT ${COLUMNS}, d.checked FROM drafts d
    WHERE d.id = ${draftId}::bigint AND ${within(scope)}
    FOR UPDATE OF d`.execute(query);
  return rows[0] && withProfile(rows[0]);
}

function withProfile<Row extends DraftRow>(row: Row): Row {
  return row.trialProfile === null ? row : { ...row, trialProfile: readStoredProfile(row.trialProfile) };
}

/** Which of an owner's drafts are listed. */
export interface DraftsWanted {
  owner: string;
  /** What the owner may see by now: it may have been another client's when they were begun. */
  scope: Scope;
  client: string | null;
  project: string | null;
  /** Only those before this one. */
  before: number | null;
  limit: number;
}

/** An owner's drafts, newest first; those that were discarded are not listed. */
export async function listDrafts({ query }: Executor, wanted: DraftsWanted): Promise<DraftRow[]> {
  const { rows } = await sql<DraftRow>`
    SELECT ${COLUMNS} FROM drafts d
    WHERE d.owner = ${wanted.owner} AND d.state <> 'discarded'
      AND ${within(wanted.scope)}
      AND (${wanted.client}::text IS NULL OR d.client = ${wanted.client})
      AND (${wanted.project}::text IS NULL OR d.project = ${wanted.project})
      AND (${wanted.before}::bigint IS NULL OR d.id < ${wanted.before}::bigint)
    ORDER BY d.id DESC LIMIT ${wanted.limit}::int`.execute(query);
  return rows.map(withProfile);
}

/** Takes the sole right to append to a draft. Resolves to how far it is, or to undefined while another one writes. */
export async function beginDraftContent(
  { query }: Executor,
  { draftId, writer, takeOverAfterMs }: { draftId: number; writer: string; takeOverAfterMs: number },
): Promise<{ receivedBytes: number; sizeBytes: number } | undefined> {
  const { rows } = await sql<{ receivedBytes: number; sizeBytes: number }>`
    UPDATE drafts SET writer = ${writer}, writer_at = now()
    WHERE id = ${draftId}::bigint AND state = 'uploading'
      AND (writer IS NULL OR writer_at < now() - ${takeOverAfterMs}::float8 * interval '1 ms')
    RETURNING received_bytes AS "receivedBytes", size_bytes AS "sizeBytes"`.execute(query);
  return rows[0];
}

/** Says how much of a draft is on the disk, synced. Resolves to false when its writer is another one by now. */
export async function noteDraftContent(
  { query }: Executor,
  { draftId, writer, receivedBytes }: { draftId: number; writer: string; receivedBytes: number },
): Promise<boolean> {
  const { rows } = await sql<{ id: number }>`
    UPDATE drafts SET received_bytes = ${receivedBytes}::bigint, writer_at = now(), updated_at = now()
    WHERE id = ${draftId}::bigint AND state = 'uploading' AND writer = ${writer} RETURNING id`.execute(query);
  return rows.length === 1;
}

/** The same at the end of a writer's work, who gives the right back. What is complete goes to the check. */
export async function endDraftContent(
  { query }: Executor,
  { draftId, writer, receivedBytes }: { draftId: number; writer: string; receivedBytes: number },
): Promise<{ isComplete: boolean } | undefined> {
  const { rows } = await sql<{ isComplete: boolean }>`
    UPDATE drafts SET received_bytes = ${receivedBytes}::bigint, writer = NULL, writer_at = NULL, updated_at = now(),
      state = CASE WHEN size_bytes = ${receivedBytes}::bigint THEN 'checking' ELSE state END,
      requested_at = CASE WHEN size_bytes = ${receivedBytes}::bigint THEN now() END
    WHERE id = ${draftId}::bigint AND state = 'uploading' AND writer = ${writer}
    RETURNING state = 'checking' AS "isComplete"`.execute(query);
  return rows[0];
}

/** Has a draft checked again as a new version; whoever checks it now stops. Call in the transaction that locked it. */
export async function requestDraftCheck(
  { query }: Executor,
  {
    draftId,
    pendingFix = null,
    mapping,
  }: {
    draftId: number;
    pendingFix?: PendingFix | null;
    mapping?: { columns: readonly ChosenColumn[]; remember: boolean };
  },
): Promise<void> {
  await sql`
    UPDATE drafts SET state = 'checking', version = version + 1, epoch = epoch + 1, losses = 0, lease_until = NULL,
      not_before = NULL, requested_at = now(), phase = NULL, done_bytes = 0, reason = NULL, updated_at = now(),
      pending_fix = coalesce(${pendingFix && JSON.stringify(pendingFix)}::jsonb, pending_fix),
      mapping = coalesce(${mapping ? JSON.stringify(mapping.columns) : null}::jsonb, mapping),
      remember = coalesce(${mapping?.remember ?? null}::boolean, remember)
    WHERE id = ${draftId}::bigint`.execute(query);
}

/** A draft is an arrival now. Call in the transaction that recorded it. */
export async function submitDraft(
  { query }: Executor,
  { draftId, arrivalId }: { draftId: number; arrivalId: number },
): Promise<void> {
  await sql`
    UPDATE drafts SET state = 'submitted', arrival_id = ${arrivalId}::bigint, updated_at = now()
    WHERE id = ${draftId}::bigint`.execute(query);
  // What the cells held is in the file; that they were mended, by whom and when, is in the batch's history.
  await sql`UPDATE draft_edits SET before = '', value = '' WHERE draft_id = ${draftId}::bigint`.execute(query);
}

/** Gives a draft up; what shows that somebody still writes its files stays, see `draftsToRemove`. Resolves to false when it is submitted, or was given up before. */
export async function discardDraft({ query }: Executor, draftId: number): Promise<boolean> {
  const { rows } = await sql<{ id: number }>`
    UPDATE drafts SET state = 'discarded', epoch = epoch + 1, writer = NULL, updated_at = now()
    WHERE id = ${draftId}::bigint AND state NOT IN ('submitted', 'discarded') RETURNING id`.execute(query);
  return rows.length === 1;
}

/** Gives up what nobody touched for a while. Resolves to their numbers. Safe with several who do this at once. */
export async function discardUntouchedDrafts(
  { query }: Executor,
  { untouchedForMs }: { untouchedForMs: number },
): Promise<number[]> {
  const { rows } = await sql<{ id: number }>`
    UPDATE drafts SET state = 'discarded', epoch = epoch + 1, writer = NULL
    WHERE NOT files_removed AND state IN ('uploading', 'checking', 'checked', 'unreadable')
      AND updated_at < now() - ${untouchedForMs}::float8 * interval '1 ms'
      AND (lease_until IS NULL OR lease_until < now())
      AND (writer_at IS NULL OR writer_at < now() - interval '1 minute')
    RETURNING id`.execute(query);
  return rows.map(({ id }) => id);
}

/** Drafts whose files nobody needs any more, and nobody writes any more: a check or an upload may notice later. */
export async function draftsToRemove(
  { query }: Executor,
  { limit }: { limit: number },
): Promise<{ id: number; client: string }[]> {
  const { rows } = await sql<{ id: number; client: string }>`
    SELECT id, client FROM drafts WHERE NOT files_removed AND state IN ('submitted', 'discarded')
      AND (lease_until IS NULL OR lease_until < now())
      AND (writer_at IS NULL OR writer_at < now() - interval '1 minute')
    ORDER BY updated_at LIMIT ${limit}::int`.execute(query);
  return rows;
}

/** Nothing of these drafts is on the disk any more. What was mended in those that were not submitted goes, too. */
export async function markDraftsRemoved({ query }: Executor, draftIds: readonly number[]): Promise<void> {
  await sql`
    WITH gone AS (
      DELETE FROM draft_edits WHERE draft_id IN (
        SELECT id FROM drafts WHERE id = ANY(${draftIds as number[]}::bigint[]) AND state = 'discarded'))
    UPDATE drafts SET files_removed = true, checked = NULL, check_files = NULL
    WHERE id = ANY(${draftIds as number[]}::bigint[])`.execute(query);
}

/** Forgets drafts that ended long ago. Resolves to how many. */
export async function forgetDrafts({ query }: Executor, { endedForMs }: { endedForMs: number }): Promise<number> {
  const { numAffectedRows } = await sql`
    DELETE FROM drafts WHERE files_removed AND state IN ('submitted', 'discarded')
      AND updated_at < now() - ${endedForMs}::float8 * interval '1 ms'`.execute(query);
  return Number(numAffectedRows ?? 0);
}

/** What a submitted draft became, for those who submit it once more. */
export async function submittedArrival(
  { query }: Executor,
  arrivalId: number,
): Promise<{ arrivalId: number; fileName: string; sizeBytes: number; sha256: Buffer } | undefined> {
  const { rows } = await sql<{ arrivalId: number; fileName: string; sizeBytes: number; sha256: Buffer }>`
    SELECT id AS "arrivalId", file_name AS "fileName", size_bytes AS "sizeBytes", sha256 FROM arrivals
    WHERE id = ${arrivalId}::bigint`.execute(query);
  return rows[0];
}
