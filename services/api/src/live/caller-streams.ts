import { type Database, type StandingCaller, standingCallers } from "@inlet/database";
import type { Caller } from "../access.ts";
import { SESSION_IDLE_MS } from "../identity/session-times.ts";
import type { EventStream } from "./event-stream.ts";

/** How often is looked whether those who listen may still listen: a revoked key loses its streams within a minute. */
const LOOKED_EVERY_MS = 30_000;

/** The open streams by their callers: how many each has, and whether each may go on. */
export interface CallerStreams {
  /** How many streams a caller has: a key, or a user in all sessions together. */
  countOf(caller: Caller): number;
  add(stream: EventStream, caller: Caller): void;
  remove(stream: EventStream): void;
  /** Looks now. Streams of keys that were revoked, of sessions that are over and of callers that see others end. */
  look(): Promise<void>;
  close(): void;
}

export function openCallerStreams(database: Database, onError: (error: unknown) => void): CallerStreams {
  const callers = new Map<EventStream, Caller>();

  async function look(): Promise<void> {
    if (callers.size === 0) return;
    const all = [...callers.values()];
    const standing = await standingCallers(database, {
      keyIds: [...new Set(all.flatMap((caller) => (caller.kind === "key" ? [caller.id] : [])))],
      sessionIds: [...new Set(all.flatMap((caller) => (caller.kind === "user" ? [caller.sessionId] : [])))],
      idleMs: SESSION_IDLE_MS,
    });
    const scopes = new Map(standing.map(({ kind, id, clientId }) => [`${kind} ${id}`, clientId]));
    for (const [stream, caller] of callers) {
      if (scopes.get(standingKey(caller)) !== caller.scope) stream.end();
    }
  }

  // While PostgreSQL is away nothing is told to anybody either.
  const looking = setInterval(() => void look().catch(onError), LOOKED_EVERY_MS);
  return {
    countOf: (caller) => [...callers.values()].filter((other) => isSame(other, caller)).length,
    add: (stream, caller) => void callers.set(stream, caller),
    remove: (stream) => void callers.delete(stream),
    look,
    close: () => clearInterval(looking),
  };
}

const isSame = (a: Caller, b: Caller) => a.kind === b.kind && a.id === b.id;

const standingKey = (caller: Caller): `${StandingCaller["kind"]} ${number}` =>
  caller.kind === "key" ? `key ${caller.id}` : `session ${caller.sessionId}`;
