import type { ApiRole } from "@inlet/contracts";
import { sql } from "kysely";
import type { Executor } from "../../connection.ts";

/** A user as it is stored. */
export interface UserRow {
  id: number;
  login: string;
  name: string;
  role: ApiRole;
  clientId: number | null;
  client: string | null;
  enabled: boolean;
  passwordHash: string | null;
  oidcIssuer: string | null;
  oidcSubject: string | null;
  roleFromClaim: boolean;
  /** Null: there is none, or it is over. */
  invitationUntil: Date | null;
  createdAt: Date;
  lastSignInAt: Date | null;
}

/** Of the tables `u` and `c`. */
export const userColumns = sql`
  u.id, u.login, u.name, u.role, u.client_id AS "clientId", c.slug AS client, u.enabled,
  u.password_hash AS "passwordHash", u.oidc_issuer AS "oidcIssuer", u.oidc_subject AS "oidcSubject",
  u.role_from_claim AS "roleFromClaim", u.created_at AS "createdAt", u.last_sign_in_at AS "lastSignInAt",
  CASE WHEN u.invitation_until > now() THEN u.invitation_until END AS "invitationUntil"`;

/** Taken before users are counted: of two first set-ups at once one makes the first user, and one admin stays. */
export async function lockUsers({ query }: Executor): Promise<void> {
  await sql`SELECT pg_advisory_xact_lock(hashtext('inlet.users'))`.execute(query);
}

/** How many admins there are who can sign in. */
export async function countAdmins({ query }: Executor): Promise<number> {
  const { rows } = await sql<{ admins: number }>`
    SELECT count(*) AS admins FROM users
    WHERE role = 'admin' AND enabled AND (password_hash IS NOT NULL OR oidc_subject IS NOT NULL)`.execute(query);
  return rows[0]!.admins;
}

/** Whether there is any user at all. */
export async function hasUsers({ query }: Executor): Promise<boolean> {
  const { rows } = await sql`SELECT FROM users LIMIT 1`.execute(query);
  return rows.length > 0;
}

/** All users by their logins, with the number of their sessions that are not over. */
export async function listUsers(
  { query }: Executor,
  { idleMs }: { idleMs: number },
): Promise<(UserRow & { sessions: number })[]> {
  const { rows } = await sql<UserRow & { sessions: number }>`
    SELECT ${userColumns}, (
      SELECT count(*) FROM sessions s WHERE s.user_id = u.id AND s.ends_at > now()
        AND s.seen_at > now() - ${idleMs}::float8 * interval '1 millisecond') AS sessions
    FROM users u LEFT JOIN clients c ON c.id = u.client_id ORDER BY u.login`.execute(query);
  return rows;
}

/** Stores a new user. Undefined: the login is taken. */
export async function insertUser(
  { query }: Executor,
  user: Pick<UserRow, "login" | "name" | "role" | "clientId"> &
    Partial<Pick<UserRow, "passwordHash" | "oidcIssuer" | "oidcSubject" | "roleFromClaim">>,
): Promise<UserRow | undefined> {
  const { rows } = await sql<UserRow>`
    WITH u AS (
      INSERT INTO users (login, name, role, client_id, password_hash, oidc_issuer, oidc_subject, role_from_claim)
      VALUES (${user.login}, ${user.name}, ${user.role}, ${user.clientId}::bigint, ${user.passwordHash ?? null},
        ${user.oidcIssuer ?? null}, ${user.oidcSubject ?? null}, ${user.roleFromClaim ?? false})
      ON CONFLICT (login) DO NOTHING RETURNING *
    )
    SELECT ${userColumns} FROM u LEFT JOIN clients c ON c.id = u.client_id`.execute(query);
  return rows[0];
}

/** A user by the number. */
export async function findUser({ query }: Executor, id: number): Promise<UserRow | undefined> {
  const { rows } = await sql<UserRow>`
    SELECT ${userColumns} FROM users u LEFT JOIN clients c ON c.id = u.client_id WHERE u.id = ${id}::bigint
    `.execute(query);
  return rows[0];
}

/** A user by the login, as it is stored: in lower case. */
export async function findUserByLogin({ query }: Executor, login: string): Promise<UserRow | undefined> {
  const { rows } = await sql<UserRow>`
    SELECT ${userColumns} FROM users u LEFT JOIN clients c ON c.id = u.client_id WHERE u.login = ${login}
    `.execute(query);
  return rows[0];
}

/** The user who is bound to a login elsewhere. */
export async function findUserBySubject(
  { query }: Executor,
  { issuer, subject }: { issuer: string; subject: string },
): Promise<UserRow | undefined> {
  const { rows } = await sql<UserRow>`
    SELECT ${userColumns} FROM users u LEFT JOIN clients c ON c.id = u.client_id
    WHERE u.oidc_issuer = ${issuer} AND u.oidc_subject = ${subject}`.execute(query);
  return rows[0];
}

/** Whom an invitation is for, as long as it is open and its user may sign in. */
export async function findInvited({ query }: Executor, sha256: Buffer): Promise<UserRow | undefined> {
  const { rows } = await sql<UserRow>`
    SELECT ${userColumns} FROM users u LEFT JOIN clients c ON c.id = u.client_id
    WHERE u.invitation_sha256 = ${sha256} AND u.invitation_until > now() AND u.enabled`.execute(query);
  return rows[0];
}

/** Stores what of a user may change. */
export async function updateUser(
  { query }: Executor,
  user: Pick<UserRow, "id" | "name" | "role" | "clientId" | "enabled" | "roleFromClaim">,
): Promise<void> {
  await sql`
    UPDATE users SET name = ${user.name}, role = ${user.role}, client_id = ${user.clientId}::bigint,
      enabled = ${user.enabled}, role_from_claim = ${user.roleFromClaim}
    WHERE id = ${user.id}::bigint`.execute(query);
}

/** Opens an invitation in place of the one before. Resolves to when it ends. */
export async function putInvitation(
  { query }: Executor,
  { userId, sha256, hours }: { userId: number; sha256: Buffer; hours: number },
): Promise<Date> {
  const { rows } = await sql<{ until: Date }>`
    UPDATE users SET invitation_sha256 = ${sha256}, invitation_until = now() + ${hours}::float8 * interval '1 hour'
    WHERE id = ${userId}::bigint RETURNING invitation_until AS until`.execute(query);
  return rows[0]!.until;
}

/** Uses an invitation up, once: the one of two at once that gets the user back sets the password. */
export async function setPasswordByInvitation(
  { query }: Executor,
  { sha256, passwordHash }: { sha256: Buffer; passwordHash: string },
): Promise<{ id: number } | undefined> {
  const { rows } = await sql<{ id: number }>`
    UPDATE users SET password_hash = ${passwordHash}, invitation_sha256 = NULL, invitation_until = NULL
    WHERE invitation_sha256 = ${sha256} AND invitation_until > now() AND enabled RETURNING id`.execute(query);
  return rows[0];
}

/** Sets a password in place of the one that was checked; an open invitation ends. False: it is another one by now. */
export async function replacePassword(
  { query }: Executor,
  { userId, before, passwordHash }: { userId: number; before: string; passwordHash: string },
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    UPDATE users SET password_hash = ${passwordHash}, invitation_sha256 = NULL, invitation_until = NULL
    WHERE id = ${userId}::bigint AND password_hash = ${before} AND enabled`.execute(query);
  return numAffectedRows === 1n;
}

/** Binds a user to a login elsewhere; an open invitation ends. False: the user is bound already. */
export async function bindUser(
  { query }: Executor,
  { userId, issuer, subject }: { userId: number; issuer: string; subject: string },
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    UPDATE users SET oidc_issuer = ${issuer}, oidc_subject = ${subject}, invitation_sha256 = NULL,
      invitation_until = NULL
    WHERE id = ${userId}::bigint AND oidc_subject IS NULL`.execute(query);
  return numAffectedRows === 1n;
}

/** Removes a user with all sessions. What the audit says of the user stays. */
export async function deleteUser({ query }: Executor, id: number): Promise<void> {
  await sql`DELETE FROM users WHERE id = ${id}::bigint`.execute(query);
}
