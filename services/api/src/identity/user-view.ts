import { CSRF_HEADER, CSRF_VALUE, permissionsOf, type Session, type User } from "@inlet/contracts";
import type { SessionRow, UserRow } from "@inlet/database";
import { iso } from "../views.ts";
import { SESSION_IDLE_MS } from "./session-times.ts";

/** A user as the API shows it. */
export function userView(row: UserRow & { sessions?: number }): User {
  const { oidcIssuer: issuer, oidcSubject: subject } = row;
  return {
    id: row.id,
    login: row.login,
    name: row.name,
    role: row.role,
    client: row.client,
    state: !row.enabled ? "disabled" : canSignIn(row) ? "active" : "invited",
    hasPassword: row.passwordHash !== null,
    oidc: issuer === null || subject === null ? null : { issuer, subject },
    roleFromClaim: row.roleFromClaim,
    invitationUntil: iso(row.invitationUntil),
    createdAt: iso(row.createdAt),
    lastSignInAt: iso(row.lastSignInAt),
    sessions: row.sessions ?? 0,
  };
}

/** Whether there is a way in at all: a password, or a login elsewhere. */
export function canSignIn({ passwordHash, oidcSubject }: Pick<UserRow, "passwordHash" | "oidcSubject">): boolean {
  return passwordHash !== null || oidcSubject !== null;
}

/** A session as the API shows it to its user, who has just used it. */
export function sessionView({
  id,
  login,
  name,
  role,
  client,
  passwordHash,
  signedInBy,
  endsAt,
}: SessionRow & UserRow): Session {
  const idle = new Date(Math.min(Date.now() + SESSION_IDLE_MS, endsAt.getTime()));
  return {
    user: { id, login, name, hasPassword: passwordHash !== null },
    role,
    client,
    permissions: permissionsOf({ role, client }),
    signedInBy,
    csrf: { header: CSRF_HEADER, value: CSRF_VALUE },
    idleExpiresAt: iso(idle),
    expiresAt: iso(endsAt),
  };
}
