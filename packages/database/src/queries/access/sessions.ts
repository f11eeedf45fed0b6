import { sql } from "kysely";
import type { Executor } from "../../connection.ts";
import { type UserRow, userColumns } from "./users.ts";

/** A session with its user. */
export interface SessionRow {
  sessionId: number;
  signedInBy: "password" | "oidc";
  seenAt: Date;
  endsAt: Date;
}

/**
 * The session of a token's hash, as long as it is not over and its user may sign in. The hash of 256 random bits is looked
 * up by an index: how long that takes tells nothing that helps to find the bits.
 */
export async function findSession(
  { query }: Executor,
  { sha256, idleMs }: { sha256: Buffer; idleMs: number },
): Promise<(SessionRow & UserRow) | undefined> {
  const { rows } = await sql<SessionRow & UserRow>`
    SELECT s.id AS "sessionId", s.signed_in_by AS "signedInBy", s.seen_at AS "seenAt", s.ends_at AS "endsAt",
      ${userColumns}
    FROM sessions s JOIN users u ON u.id = s.user_id LEFT JOIN clients c ON c.id = u.client_id
    WHERE s.sha256 = ${sha256} AND s.ends_at > now() AND u.enabled
      AND s.seen_at > now() - ${idleMs}::float8 * interval '1 millisecond'`.execute(query);
  return rows[0];
}

/** Notes that a session is in use. */
export async function touchSession({ query }: Executor, sessionId: number): Promise<void> {
  await sql`UPDATE sessions SET seen_at = now() WHERE id = ${sessionId}::bigint`.execute(query);
}

/** Opens a session, notes the sign-in with its user, and removes the sessions of everybody that are over. */
export async function insertSession(
  { query }: Executor,
  session: {
    userId: number;
    sha256: Buffer;
    signedInBy: SessionRow["signedInBy"];
    address: string;
    idleMs: number;
    longestMs: number;
  },
): Promise<SessionRow> {
  await sql`
    DELETE FROM sessions
    WHERE ends_at < now() OR seen_at < now() - ${session.idleMs}::float8 * interval '1 millisecond'`.execute(query);
  const { rows } = await sql<SessionRow>`
    WITH signed_in AS (UPDATE users SET last_sign_in_at = now() WHERE id = ${session.userId}::bigint)
    INSERT INTO sessions (user_id, sha256, signed_in_by, address, ends_at)
    VALUES (${session.userId}::bigint, ${session.sha256}, ${session.signedInBy}, ${session.address},
      now() + ${session.longestMs}::float8 * interval '1 millisecond')
    RETURNING id AS "sessionId", signed_in_by AS "signedInBy", seen_at AS "seenAt", ends_at AS "endsAt"`.execute(query);
  return rows[0]!;
}

/** Ends the session of a token's hash. Resolves to whose it was. */
export async function endSession({ query }: Executor, sha256: Buffer): Promise<{ userId: number } | undefined> {
  const { rows } = await sql<{ userId: number }>`
    DELETE FROM sessions WHERE sha256 = ${sha256} RETURNING user_id AS "userId"`.execute(query);
  return rows[0];
}

/** Ends all sessions of a user, but the one that is to stay. Returns how many. */
export async function endSessionsOf(
  { query }: Executor,
  { userId, butId }: { userId: number; butId?: number | undefined },
): Promise<number> {
  const { numAffectedRows } = await sql`
    DELETE FROM sessions WHERE user_id = ${userId}::bigint AND id IS DISTINCT FROM ${butId ?? null}::bigint
    `.execute(query);
  return Number(numAffectedRows ?? 0);
}
