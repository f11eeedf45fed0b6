import { loginSchema } from "@inlet/contracts";
import {
  type AuditEntry,
  type Database,
  endSession,
  findUserByLogin,
  insertSession,
  recordAudit,
  type SessionRow,
  type Tx,
  type UserRow,
} from "@inlet/database";
import type { FastifyRequest } from "fastify";
import { Refusal } from "../requests/errors.ts";
import { countGuess, forgiveGuess } from "./guesses.ts";
import { isPasswordOf } from "./password-check.ts";
import { sessionTokenOf } from "./session-cookie.ts";
import { SESSION_IDLE_MS, SESSION_LONGEST_MS } from "./session-times.ts";
import { hashToken, newToken } from "./session-token.ts";

/** The audit's line for what somebody did who is not known as a caller. */
export function auditOfVisitor(
  request: FastifyRequest,
  entry: Pick<AuditEntry, "actor" | "action" | "outcome"> & { path?: string; detail?: Record<string, unknown> },
): AuditEntry {
  return { address: request.ip, session: request.id, ...entry };
}

/** A login as it is stored and counted: without case and surrounding space. */
const normalised = (login: string) => login.normalize("NFC").trim().toLowerCase();

/** A login that somebody may have; what is no address is nobody's, and may be a password in the wrong field. */
const addressOf = (login: string) => loginSchema.safeParse(login).data;

/** What the audit calls somebody who gave this login. */
const actorOf = (login: string) => addressOf(login) ?? "(no e-mail address)";

/**
 * The user whose login and password these are. Whatever is wrong, the answer is the same and takes as long; guesses are
 * counted before they are tried, by login and by address.
 * @throws Refusal 401 `sign_in_failed`, 429 `sign_in_locked`
 */
export async function userByPassword(
  database: Database,
  request: FastifyRequest,
  given: { login: string; password: string },
): Promise<UserRow & { passwordHash: string }> {
  const login = normalised(given.login);
  const guess = { login, address: request.ip };
  await admitGuess(database, request, guess);
  const address = addressOf(login);
  const user = address === undefined ? undefined : await findUserByLogin(database, address);
  const matches = await isPasswordOf(user?.passwordHash, given.password);
  if (user === undefined || !matches || user.passwordHash === null || !user.enabled) {
    await recordAudit(
      database,
      auditOfVisitor(request, { actor: actorOf(login), action: "sign-in", outcome: "failed" }),
    );
    throw new Refusal(
      401,
      "sign_in_failed",
      "The e-mail address or the password is wrong. Try again; an admin can give you a new invitation.",
    );
  }
  await forgiveGuess(database, guess);
  return { ...user, passwordHash: user.passwordHash };
}

/** Counts a guess. @throws Refusal when no more may be tried for now */
async function admitGuess(
  database: Database,
  request: FastifyRequest,
  guess: { login: string; address: string },
): Promise<void> {
  const { lockedMs, locks } = await countGuess(database, guess);
  if (lockedMs === 0) return;
  const seconds = Math.ceil(lockedMs / 1_000);
  if (locks.length > 0) {
    const detail = { locked: locks, seconds };
    const entry = { actor: actorOf(guess.login), action: "sign-in", outcome: "locked", detail };
    await recordAudit(database, auditOfVisitor(request, entry));
    request.log.warn({ address: request.ip, locked: locks, seconds }, "signing in is locked for failed attempts");
  }
  const message = `Too many attempts. Nothing more is tried for ${inWords(seconds)}.`;
  throw new Refusal(429, "sign_in_locked", message, undefined, { retryAfterSeconds: seconds });
}

function inWords(seconds: number): string {
  if (seconds < 100) return `${seconds} seconds`;
  return `${Math.ceil(seconds / 60)} minutes`;
}

/**
 * Opens a session under a new token, whatever cookie came with the request; the session of that cookie ends. Writes the
 * audit's line. To be called in the transaction that found the user fit to sign in.
 */
export async function openSession(
  tx: Tx,
  request: FastifyRequest,
  { user, by, told }: { user: UserRow; by: SessionRow["signedInBy"]; told: string | undefined },
): Promise<{ session: SessionRow & UserRow; token: string }> {
  const present = sessionTokenOf(request, told);
  if (present) await endSession(tx, hashToken(present));
  const { token, sha256 } = newToken();
  const session = await insertSession(tx, {
    userId: user.id,
    sha256,
    signedInBy: by,
    address: request.ip,
    idleMs: SESSION_IDLE_MS,
    longestMs: SESSION_LONGEST_MS,
  });
  const detail = { userId: user.id, by };
  await recordAudit(tx, auditOfVisitor(request, { actor: user.login, action: "sign-in", outcome: "ok", detail }));
  return { session: { ...user, ...session }, token };
}
