import type { OidcRefusal } from "@inlet/contracts";
import {
  bindUser,
  endSessionsOf,
  findClient,
  findUser,
  findUserByLogin,
  findUserBySubject,
  insertUser,
  lockUsers,
  recordAudit,
  type Tx,
  type UserRow,
  updateUser,
} from "@inlet/database";
import type { FastifyRequest } from "fastify";
import type { ConsoleEnv, Grant } from "./identity-env.ts";
import { emailOf, grantOf, nameOf } from "./oidc-claims.ts";
import type { Claims } from "./oidc-issuer.ts";
import { auditOfVisitor } from "./sign-in.ts";

/** The user whom an issuer's claims stand for, or why there is none. */
export type Found = { user: UserRow } | { refused: OidcRefusal };

/**
 * Finds the user of a login elsewhere: by issuer and subject; else by the verified e-mail address, and binds the two for
 * good; else makes the user, where the claims give a role. A role that came from the claims follows them.
 */
export async function userByClaims(
  tx: Tx,
  request: FastifyRequest,
  { claims, env }: { claims: Claims; env: ConsoleEnv },
): Promise<Found> {
  await lockUsers(tx);
  const bound = { issuer: claims.iss, subject: claims.sub };
  const known = await findUserBySubject(tx, bound);
  const grant = grantOf(claims, env);
  if (known !== undefined) return await followClaims(tx, request, known, grant);

  const login = emailOf(claims, env);
  if (login === "unverified") return { refused: "unverified" };
  const named = await findUserByLogin(tx, login);
  if (named !== undefined) {
    if (!named.enabled || !(await bindUser(tx, { userId: named.id, ...bound }))) return { refused: "disabled" };
    const entry = { actor: login, action: "user.bind", outcome: "ok", path: login };
    await recordAudit(tx, auditOfVisitor(request, { ...entry, detail: { userId: named.id, ...bound } }));
    return { user: (await findUser(tx, named.id))! };
  }
  if (grant === undefined) return { refused: env.OIDC_ROLE_CLAIM === undefined ? "unknown" : "no_role" };
  const clientId = await clientIdOf(tx, request, grant);
  if (clientId === undefined) return { refused: "no_role" };
  const made = (await insertUser(tx, {
    login,
    name: nameOf(claims, login),
    role: grant.role,
    clientId,
    oidcIssuer: bound.issuer,
    oidcSubject: bound.subject,
    roleFromClaim: true,
  }))!;
  const entry = { actor: login, action: "user.add", outcome: "ok", path: login };
  const detail = { id: made.id, role: made.role, client: made.client, by: "oidc", ...bound };
  await recordAudit(tx, auditOfVisitor(request, { ...entry, detail }));
  return { user: made };
}

async function followClaims(tx: Tx, request: FastifyRequest, user: UserRow, grant: Grant | undefined): Promise<Found> {
  if (!user.enabled) return { refused: "disabled" };
  if (!user.roleFromClaim) return { user };
  const clientId = grant && (await clientIdOf(tx, request, grant));
  if (grant === undefined || clientId === undefined) {
    await endSessionsOf(tx, { userId: user.id });
    return { refused: "no_role" };
  }
  if (grant.role === user.role && clientId === user.clientId) return { user };
  await updateUser(tx, { ...user, role: grant.role, clientId });
  const ended = await endSessionsOf(tx, { userId: user.id });
  const entry = { actor: user.login, action: "user.change", outcome: "ok", path: user.login };
  const detail = { id: user.id, role: grant.role, client: grant.client, by: "oidc", ended };
  await recordAudit(tx, auditOfVisitor(request, { ...entry, detail }));
  return { user: (await findUser(tx, user.id))! };
}

/** Null: all clients. Undefined: the one that the map names is not there. */
async function clientIdOf(tx: Tx, request: FastifyRequest, { client }: Grant): Promise<number | null | undefined> {
  if (client === undefined) return null;
  const clientId = await findClient(tx, { client, scope: null });
  if (clientId === undefined) request.log.warn({ client }, "OIDC_ROLE_MAP names a client that is not there");
  return clientId;
}
