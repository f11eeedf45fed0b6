import { CSRF_HEADER, permissionsOf } from "@inlet/contracts";
import {
  type Database,
  findApiKey,
  findSession,
  type SessionRow,
  touchApiKey,
  touchSession,
  type UserRow,
} from "@inlet/database";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Identify, KeyCaller, UserCaller } from "../access.ts";
import { Refusal } from "../requests/errors.ts";
import { hashApiKey, isSameKey, parseAuthorization } from "./api-key.ts";
import { assertOwnPage, isReading } from "./own-page.ts";
import { clearSessionCookie, sessionTokenOf } from "./session-cookie.ts";
import { SESSION_IDLE_MS } from "./session-times.ts";
import { hashToken } from "./session-token.ts";

interface Parts {
  database: Database;
  env: { CONSOLE_URL?: string | undefined };
}

const TOUCHED_EVERY_MS = 60_000;

/** Hashed against when a prefix is unknown, so that the answer takes the same time. */
const NO_KEY = hashApiKey("");

/** A key stands for itself and wins; else the session's cookie counts, for requests of the console's own page. */
export function identifyBy({ database, env }: Parts): Identify {
  return async (request, reply) => {
    if (request.headers.authorization !== undefined) return await keyCaller(database, request);
    const token = sessionTokenOf(request, env.CONSOLE_URL);
    if (token === undefined) throw nobody(request);
    return await userCaller({ database, env }, request, reply, token);
  };
}

async function keyCaller(database: Database, request: FastifyRequest): Promise<KeyCaller> {
  const given = parseAuthorization(request.headers.authorization);
  const stored = given && (await findApiKey(database, given.prefix));
  const key = given?.key ?? "no key";
  const isPresent = isSameKey(key, stored?.sha256 ?? NO_KEY);
  const isPrevious = isSameKey(key, stored?.previousSha256 ?? NO_KEY);
  if (stored === undefined || !(isPresent || isPrevious)) {
    throw new Refusal(401, "key_invalid", "The API key is unknown or was revoked. Ask an admin for a new one.");
  }
  if (stored.expiresAt !== null && stored.expiresAt.getTime() <= Date.now()) {
    const message = `The API key “${stored.name}” expired at ${stored.expiresAt.toISOString()}. Ask an admin to move its expiry, or for a new one.`;
    throw new Refusal(401, "api_key_expired", message);
  }
  if (stored.lastUsedAt === null || Date.now() - stored.lastUsedAt.getTime() > TOUCHED_EVERY_MS) {
    await touchApiKey(database, { id: stored.id, address: request.ip });
  }
  const { id, name, prefix, role, clientId: scope, client, access } = stored;
  return { kind: "key", id, name, prefix, role, scope, client, permissions: permissionsOf({ role, client, access }) };
}

async function userCaller(
  { database, env }: Parts,
  request: FastifyRequest,
  reply: FastifyReply,
  token: string,
): Promise<UserCaller> {
  const session = await findSession(database, { sha256: hashToken(token), idleMs: SESSION_IDLE_MS });
  if (session === undefined) {
    clearSessionCookie(request, reply, env.CONSOLE_URL);
    throw signedOut();
  }
  if (!isReading(request)) assertOwnPage(request, env.CONSOLE_URL);
  if (Date.now() - session.seenAt.getTime() > TOUCHED_EVERY_MS) await touchSession(database, session.sessionId);
  return callerOfSession(session);
}

/** The caller that a session stands for. */
export function callerOfSession({ id, login, role, clientId, client, sessionId }: SessionRow & UserRow): UserCaller {
  const permissions = permissionsOf({ role, client });
  return { kind: "user", id, name: login, prefix: "", role, scope: clientId, client, permissions, sessionId };
}

/** One answer for a cookie that is over, forged or played back: which of them it was is nobody's business. */
function signedOut(): Refusal {
  return new Refusal(401, "session_over", "You are not signed in any more. Sign in again.");
}

function nobody(request: FastifyRequest): Refusal {
  if (request.headers[CSRF_HEADER] !== undefined)
    return new Refusal(401, "session_over", "You are not signed in. Sign in.");
  return new Refusal(401, "key_invalid", "This needs an API key: send `Authorization: Bearer inlet_…`.");
}
