import { sql } from "kysely";
import type { Database, Executor } from "../../connection.ts";
import {
  type LookFailures,
  type LookOutcome,
  type LookStatus,
  lookStatuses,
  recordLookIn,
  withLookLock,
} from "./looks.ts";

/**
 * Projects whose mailbox is to be looked at now: their time has come, or somebody has changed the profile or the password
 * since the last look.
 */
export async function dueMailboxes({ query }: Executor, { limit }: { limit: number }): Promise<number[]> {
  const { rows } = await sql<{ projectId: number }>`
    SELECT p.id AS "projectId" FROM projects p
    JOIN profiles f ON f.project_id = p.id AND f.version = p.profile_version
    LEFT JOIN mailbox_looks l ON l.project_id = p.id
    WHERE f.document #> '{email,mailbox}' IS NOT NULL
      AND (coalesce(l.next_look_at, '-infinity') <= now() OR f.created_at > l.looked_at
        OR EXISTS (
          SELECT FROM secrets s WHERE s.client_id = p.client_id AND s.updated_at > l.looked_at
            AND s.name = f.document #>> '{email,mailbox,secret}'))
    ORDER BY l.next_look_at NULLS FIRST LIMIT ${limit}::int`.execute(query);
  return rows.map((row) => row.projectId);
}

/** A folder of a mailbox in one of its lives: with another UIDVALIDITY its UIDs name other messages. */
export interface MailFolder {
  projectId: number;
  /** Names host, account and folder. */
  folder: string;
  uidValidity: number;
}

/** Up to which UID a folder has been read: 0 when it is another one than at the last look. */
export async function readMailFolder({ query }: Executor, folder: MailFolder): Promise<{ doneUid: number }> {
  const { rows } = await sql<{ doneUid: number }>`
    INSERT INTO mailbox_looks AS l (project_id, folder, uid_validity)
    VALUES (${folder.projectId}::bigint, ${folder.folder}, ${folder.uidValidity}::bigint)
    ON CONFLICT (project_id) DO UPDATE SET folder = excluded.folder, uid_validity = excluded.uid_validity,
      done_uid = CASE WHEN ${isSame} THEN l.done_uid ELSE 0 END,
      begun_uid = CASE WHEN ${isSame} THEN l.begun_uid END
    RETURNING done_uid AS "doneUid"`.execute(query);
  return rows[0]!;
}

const isSame = sql`(l.folder, l.uid_validity) IS NOT DISTINCT FROM (excluded.folder, excluded.uid_validity)`;

/** How often a message was begun with and not ended. */
export interface MailAttempts {
  /** This time included; without those that were put back. */
  attempts: number;
  /** How often the session broke at it. */
  breaks: number;
}

/** Notes that a message is begun with. */
export async function beginMailMessage(
  { query }: Executor,
  { projectId, uid }: { projectId: number; uid: number },
): Promise<MailAttempts> {
  const { rows } = await sql<MailAttempts>`
    UPDATE mailbox_looks SET begun_uid = ${uid}::bigint,
      attempts = CASE WHEN begun_uid = ${uid}::bigint THEN attempts ELSE 0 END + 1,
      breaks = CASE WHEN begun_uid = ${uid}::bigint THEN breaks ELSE 0 END
    WHERE project_id = ${projectId}::bigint RETURNING attempts, breaks`.execute(query);
  return rows[0] ?? { attempts: 1, breaks: 0 };
}

/**
 * Takes back that a message was begun with: that it was not ended had nothing to do with it, as far as one can tell.
 * @param isBreak the session broke at it
 */
export async function putBackMailMessage(
  { query }: Executor,
  { projectId, uid, isBreak }: { projectId: number; uid: number; isBreak: boolean },
): Promise<void> {
  await sql`
    UPDATE mailbox_looks SET attempts = attempts - 1, breaks = breaks + ${isBreak}::boolean::int
    WHERE project_id = ${projectId}::bigint AND begun_uid = ${uid}::bigint AND attempts > 0`.execute(query);
}

/** Notes that all messages of a folder up to this one are done with. */
export async function finishMailMessage(
  { query }: Executor,
  { uid, ...folder }: MailFolder & { uid: number },
): Promise<void> {
  await sql`
    UPDATE mailbox_looks SET done_uid = greatest(done_uid, ${uid}::bigint)
    WHERE project_id = ${folder.projectId}::bigint AND folder = ${folder.folder}
      AND uid_validity = ${folder.uidValidity}::bigint`.execute(query);
}

/** Records a look at a mailbox. The caller holds its lock. */
export const recordMailboxLook = (executor: Executor, outcome: LookOutcome): Promise<LookFailures> =>
  recordLookIn(executor, "mailbox_looks", outcome);

/** The mailboxes that have been looked at, worst first. */
export const mailboxStatuses = (executor: Executor): Promise<LookStatus[]> => lookStatuses(executor, "mailbox_looks");

/** Runs `work` while this process alone looks at a project's mailbox; undefined when another one does. */
export const withMailboxLock = <T>(database: Database, projectId: number, work: () => Promise<T>) =>
  withLookLock(database, { projectId, place: "mailbox" }, work);
