import type { DraftCheck, Reason } from "@inlet/contracts";
import { sql } from "kysely";
import type { Executor } from "../../connection.ts";
import type { DraftCheckFiles } from "./drafts.ts";

/** The right to check a draft, until its lease ends. */
export interface DraftClaim {
  draftId: number;
  epoch: number;
}

/** A draft that is to be checked, claimed. */
export interface ClaimedDraft extends DraftClaim {
  client: string;
  /** How often whoever checked it vanished. */
  losses: number;
}

/**
 * Claims the draft that is to be checked next: of the client of whom the fewest are being checked now, and of several such of
 * the one who has waited longest since one of its own was begun; so a client with many holds nobody up. One whose lease has
 * run out is taken up again. Undefined: there is nothing to do.
 */
export async function claimDraft(
  { query }: Executor,
  { leaseMs }: { leaseMs: number },
): Promise<ClaimedDraft | undefined> {
  const { rows } = await sql<ClaimedDraft>`
    WITH next AS (
      SELECT d.id FROM drafts d
      WHERE d.state = 'checking' AND (d.lease_until IS NULL OR d.lease_until < now())
        AND (d.not_before IS NULL OR d.not_before < now())
      ORDER BY
        (SELECT count(*) FROM drafts r WHERE r.client = d.client AND r.state = 'checking' AND r.lease_until > now()),
        (SELECT max(s.started_at) FROM drafts s WHERE s.client = d.client AND s.id <> d.id
          AND s.started_at > now() - interval '1 hour') NULLS FIRST,
        d.requested_at, d.id
      FOR UPDATE OF d SKIP LOCKED LIMIT 1)
    UPDATE drafts d SET epoch = d.epoch + 1, losses = d.losses + CASE WHEN d.lease_until IS NULL THEN 0 ELSE 1 END,
      lease_until = now() + ${leaseMs}::float8 * interval '1 ms', started_at = now(), phase = 'opening', done_bytes = 0,
      total_bytes = d.size_bytes
    FROM next WHERE d.id = next.id
    RETURNING d.id AS "draftId", d.epoch, d.client, d.losses`.execute(query);
  return rows[0];
}

/** Says that a check goes on, and how far it is. Resolves to false when it is somebody else's by now: then it must stop. */
export async function keepDraft(
  { query }: Executor,
  claim: DraftClaim,
  progress: { leaseMs: number; phase: "opening" | "checking"; doneBytes: number; totalBytes: number },
): Promise<boolean> {
  const { rows } = await sql<{ id: number }>`
    UPDATE drafts SET lease_until = now() + ${progress.leaseMs}::float8 * interval '1 ms', phase = ${progress.phase},
      done_bytes = ${progress.doneBytes}::bigint, total_bytes = ${progress.totalBytes}::bigint
    WHERE id = ${claim.draftId}::bigint AND epoch = ${claim.epoch}::int AND state = 'checking' RETURNING id`.execute(
    query,
  );
  return rows.length === 1;
}

/**
 * Holds a check's claim until the transaction ends: nobody can change the draft meanwhile. Resolves to false when it is
 * somebody else's by now.
 */
export async function holdDraftCheck({ query }: Executor, { draftId, epoch }: DraftClaim): Promise<boolean> {
  const { rows } = await sql<{ id: number }>`
    SELECT id FROM drafts WHERE id = ${draftId}::bigint AND epoch = ${epoch}::int AND state = 'checking'
    FOR SHARE`.execute(query);
  return rows.length === 1;
}

/** Gives a check back undone, to be begun again after a while. */
export async function releaseDraft(
  { query }: Executor,
  claim: DraftClaim,
  { afterMs, isLoss }: { afterMs: number; isLoss: boolean },
): Promise<void> {
  await sql`
    UPDATE drafts SET lease_until = NULL, phase = NULL, losses = losses + ${isLoss ? 1 : 0}::int,
      not_before = now() + ${afterMs}::float8 * interval '1 ms'
    WHERE id = ${claim.draftId}::bigint AND epoch = ${claim.epoch}::int AND state = 'checking'`.execute(query);
}

/** What is known of the upload itself once it was read to its end. */
export async function noteDraftHash({ query }: Executor, claim: DraftClaim, sha256: Buffer): Promise<void> {
  await sql`
    UPDATE drafts SET sha256 = ${sha256}::bytea
    WHERE id = ${claim.draftId}::bigint AND epoch = ${claim.epoch}::int AND state = 'checking'`.execute(query);
}

/** What a check came to. */
export interface DraftOutcome {
  /** The table that the file turned out to belong to, where its name told none. */
  tableName: string | null;
  checked: Omit<DraftCheck, "isCurrent">;
  files: DraftCheckFiles;
}

/** Records what a check found. Resolves to false when it is not wanted any more. */
export async function endDraftCheck(
  { query }: Executor,
  claim: DraftClaim & { version: number },
  { tableName, checked, files }: DraftOutcome,
): Promise<boolean> {
  const { rows } = await sql<{ id: number }>`
    UPDATE drafts SET state = 'checked', lease_until = NULL, phase = NULL, losses = 0, reason = NULL,
      table_name = coalesce(table_name, ${tableName}), verdict = ${checked.verdict},
      checked_version = ${claim.version}::int, checked = ${JSON.stringify(checked)}::json,
      check_files = ${JSON.stringify(files)}::json, updated_at = now()
    WHERE id = ${claim.draftId}::bigint AND epoch = ${claim.epoch}::int AND version = ${claim.version}::int
      AND state = 'checking'
    RETURNING id`.execute(query);
  return rows.length === 1;
}

/** Records that a file cannot be opened or checked, and why. Replacements that it was to apply are forgotten. */
export async function endDraftUnreadable({ query }: Executor, claim: DraftClaim, reason: Reason): Promise<boolean> {
  const { rows } = await sql<{ id: number }>`
    UPDATE drafts SET state = 'unreadable', lease_until = NULL, phase = NULL, pending_fix = NULL, reason = ${JSON.stringify(reason)}::json,
      updated_at = now()
    WHERE id = ${claim.draftId}::bigint AND epoch = ${claim.epoch}::int AND state = 'checking' RETURNING id`.execute(
    query,
  );
  return rows.length === 1;
}
