import { type EmailIntake, type Profile, readStoredProfile } from "@inlet/contracts";
import { sql } from "kysely";
import type { Executor } from "../../connection.ts";
import type { ProjectState } from "../projects/projects.ts";

/** A project that takes files by e-mail. */
export interface EmailProject {
  projectId: number;
  client: string;
  project: string;
  state: ProjectState;
  profile: Profile & { email: EmailIntake };
}

/** All projects that take files by e-mail, with their live profiles. */
export async function emailProjects({ query }: Executor): Promise<EmailProject[]> {
  const { rows } = await sql<EmailProject>`
    SELECT p.id AS "projectId", c.slug AS client, p.slug AS project, p.state, f.document AS profile
    FROM projects p JOIN clients c ON c.id = p.client_id
    JOIN profiles f ON f.project_id = p.id AND f.version = p.profile_version
    WHERE f.document ? 'email' ORDER BY p.id`.execute(query);
  return rows.map((row) => ({ ...row, profile: readStoredProfile(row.profile) as EmailProject["profile"] }));
}

/** Whether a project has this local part as an address of its own. It is in lower case. */
export async function isEmailAddress({ query }: Executor, localPart: string): Promise<boolean> {
  const { rows } = await sql<{ found: boolean }>`
    SELECT EXISTS (
      SELECT FROM projects p JOIN profiles f ON f.project_id = p.id AND f.version = p.profile_version
      WHERE f.document #>> '{email,address}' = ${localPart}) AS found`.execute(query);
  return rows[0]!.found;
}

/** Taken while a message's files become arrivals of a project, so that of two deliveries one is first. */
export async function lockProjectMail({ query }: Executor, projectId: number): Promise<void> {
  await sql`SELECT pg_advisory_xact_lock(${projectId}::int, hashtext('mail'))`.execute(query);
}

/** A file that came with a message, or the message itself where both are null. */
export interface MailFile {
  attachmentName: string | null;
  attachmentSha256: Buffer | null;
}

/**
 * What a project has of a message already. One whose Message-ID is not signed may have come by another way, where it was known
 * by that and not by its signature, or the other way round.
 */
export async function knownMailFiles(
  { query }: Executor,
  { projectId, identity, messageId }: { projectId: number; identity: Buffer; messageId: string | null },
): Promise<MailFile[]> {
  return await query
    .selectFrom("mails")
    .select(["attachment_name as attachmentName", "attachment_sha256 as attachmentSha256"])
    .where("project_id", "=", projectId)
    .where((mail) => mail.or([mail("identity", "=", identity), mail("message_id", "=", messageId)]))
    .execute();
}

/** A message, or a file of it, that is dealt with. */
export interface NewMail extends MailFile {
  projectId: number;
  identity: Buffer;
  via: "smtp" | "imap";
  fromAddress: string;
  /** Which address of ours it came to; null where nobody knows. */
  toAddress: string | null;
  subject: string;
  messageId: string | null;
  /** One of the two is null. */
  arrivalId: number | null;
  refusalCode: string | null;
}

/** Remembers a message, or a file of it. The caller holds `lockProjectMail` and knows that it is new. */
export async function insertMail({ query }: Executor, mail: NewMail): Promise<number> {
  const { id } = await query
    .insertInto("mails")
    .values({
      project_id: mail.projectId,
      identity: mail.identity,
      attachment_name: mail.attachmentName,
      attachment_sha256: mail.attachmentSha256,
      arrival_id: mail.arrivalId,
      via: mail.via,
      from_address: mail.fromAddress,
      to_address: mail.toAddress,
      subject: mail.subject,
      message_id: mail.messageId,
      refusal_code: mail.refusalCode,
    })
    .returning("id")
    .executeTakeFirstOrThrow();
  return id;
}

/** How many messages of a sender's were refused within some time, by one project. */
export async function countRefusedMails(
  { query }: Executor,
  { projectId, fromAddress, withinMs }: { projectId: number; fromAddress: string; withinMs: number },
): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    SELECT count(*)::int AS count FROM mails
    WHERE project_id = ${projectId}::bigint AND from_address = ${fromAddress} AND refusal_code IS NOT NULL
      AND received_at > now() - ${withinMs}::float8 * interval '1 ms'`.execute(query);
  return rows[0]!.count;
}

/** Records a file that came by e-mail, whole and on disk. The caller holds `lockProjectMail`. */
export async function insertMailArrival(
  { query }: Executor,
  file: { projectId: number; fileName: string; sizeBytes: number; location: string; sha256: Buffer },
): Promise<number> {
  const { rows } = await sql<{ id: number }>`
    INSERT INTO arrivals (source, project_id, path, file_name, generation, size_bytes, location, sha256)
    SELECT 'email', ${file.projectId}::bigint, ${file.fileName}, ${file.fileName}, coalesce(max(generation), 0) + 1,
      ${file.sizeBytes}::bigint, ${file.location}, ${file.sha256}::bytea
    FROM arrivals WHERE source = 'email' AND project_id = ${file.projectId}::bigint AND account_id IS NULL
      AND path = ${file.fileName}
    RETURNING id`.execute(query);
  return rows[0]!.id;
}
