import { createHash } from "node:crypto";
import { AppError } from "@inlet/contracts";

/** What a login brought. */
export interface LoggedIn {
  /** The header `set-cookie`, one a line. */
  cookies: readonly string[];
  sessionId: string;
  timeoutMs: number;
}

/** A session as one request uses it. */
export interface Session {
  /** The header `cookie`. */
  cookie(): string;
  timeoutMs: number;
}

interface OpenSession extends Session {
  jar: Map<string, string>;
  usedMs: number;
}

interface Shared {
  holders: number;
  session: OpenSession | null;
  loggingIn: Promise<OpenSession> | null;
  refused: { error: AppError; untilMs: number } | null;
}

/**
 * After so long a login that was refused is tried again. A schedule pulls ten tables at a time, and SAP locks a user after a few
 * wrong passwords.
 */
const REFUSED_FOR_MS = 60_000;

/** All sessions of this process, by who logs in to what. */
const sessions = new Map<string, Shared>();

/** One holder's part in the session that all pulls of a system share. */
export interface SessionHold {
  /**
   * The session, logged in to when there is none, or when it is about to end by not having been used.
   * @throws what `logIn` throws; a refusal also when another holder met it a moment ago
   */
  take(logIn: () => Promise<LoggedIn>): Promise<Session>;
  /** Notes an answer: the session lives on from now, and the load balancer may have set another `ROUTEID`. */
  used(session: Session, cookies: readonly string[]): void;
  /** The system does not know it any more. Who comes next logs in, once for all. */
  lost(session: Session): void;
  /** Gives it back. The last holder gets the session, to log out of it. */
  release(): Session | null;
}

/**
 * The session of a login, shared by all who hold it in this process: SAP counts sessions against licences and memory.
 * @param login what makes two logins the same, the password among it: with a new one nobody shares a session
 */
export function holdSession(login: readonly string[], now: () => number = () => performance.now()): SessionHold {
  const name = createHash("sha256").update(JSON.stringify(login)).digest("hex");
  for (const [other, { holders, refused }] of sessions)
    if (holders === 0 && (refused === null || now() >= refused.untilMs)) sessions.delete(other);
  const shared = sessions.get(name) ?? { holders: 0, session: null, loggingIn: null, refused: null };
  sessions.set(name, shared);
  shared.holders += 1;
  let isHeld = true;

  async function start(logIn: () => Promise<LoggedIn>): Promise<OpenSession> {
    try {
      const { cookies, sessionId, timeoutMs } = await logIn();
      const jar = new Map([["B1SESSION", sessionId]]);
      addCookies(jar, cookies);
      shared.session = { jar, cookie: () => headerOf(jar), timeoutMs, usedMs: now() };
      shared.refused = null;
      return shared.session;
    } catch (error) {
      if (isRefusal(error)) shared.refused = { error, untilMs: now() + REFUSED_FOR_MS };
      throw error;
    } finally {
      shared.loggingIn = null;
    }
  }

  return {
    async take(logIn) {
      for (;;) {
        const { session, refused, loggingIn } = shared;
        if (session && now() - session.usedMs < idleMs(session)) return session;
        if (refused && now() < refused.untilMs) throw refused.error;
        if (loggingIn === null) {
          shared.loggingIn = start(logIn);
          return await shared.loggingIn;
        }
        // Another's login may fail for reasons of its own, such as being called off: then this one tries itself.
        await loggingIn.catch(() => undefined);
      }
    },
    used(session, cookies) {
      const current = session as OpenSession;
      current.usedMs = now();
      addCookies(current.jar, cookies);
    },
    lost(session) {
      if (shared.session === session) shared.session = null;
    },
    release() {
      if (!isHeld) return null;
      isHeld = false;
      shared.holders -= 1;
      if (shared.holders > 0) return null;
      const last = shared.session;
      shared.session = null;
      // What was refused is remembered for those who come next.
      if (shared.refused === null) sessions.delete(name);
      return last;
    },
  };
}

/** SAP's own no, which the next attempt would meet as well. */
const isRefusal = (error: unknown): error is AppError =>
  error instanceof AppError && !error.retryable && error.code.startsWith("system_");

/** How long a session may lie idle before it is renewed: a little less than SAP lets it, for clocks and the way there. */
const idleMs = ({ timeoutMs }: OpenSession): number => timeoutMs - Math.min(60_000, timeoutMs / 10);

function addCookies(jar: Map<string, string>, lines: readonly string[]): void {
  for (const line of lines) {
    const [, name, value] = /^\s*([^=;\s]+)=([^;]*)/.exec(line) ?? [];
    if (name !== undefined && value !== undefined) jar.set(name, value.trim());
  }
}

const headerOf = (jar: ReadonlyMap<string, string>): string =>
  [...jar].map(([name, value]) => `${name}=${value}`).join("; ");
