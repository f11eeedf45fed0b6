import { type AuditEntry, type Database, recordAudit } from "@inlet/database";
import type { Publisher } from "@inlet/pipeline";
import type { Logger } from "@inlet/runtime";
import type { Refusal } from "./status.ts";

/** What the gateway's parts share. */
export interface Context {
  readonly database: Database;
  readonly publisher: Pick<Publisher, "arrivals">;
  readonly logger: Logger;
  /** The data folder, shared with the watcher, the courier and other gateways. */
  readonly dataFolder: string;
  readonly limits: Limits;
  readonly quotas: Quotas;
}

/** What each account may store (see `quotas.ts`). */
export interface Quotas {
  /** @throws Refusal when the account has no room for another file */
  checkRoom(principal: Principal): Promise<void>;
  /** Counts bytes that a file grows by. A refusal: they do not fit any more. */
  grow(principal: Principal, bytes: number): Refusal | undefined;
}

/** Bounds on what one client can take from the others. */
export interface Limits {
  sessions: number;
  sessionsPerAccount: number;
  unauthenticated: number;
  unauthenticatedPerAddress: number;
  handles: number;
  uploadBytes: number;
  /** All files of one account together that have not been processed. */
  accountBytes: number;
  minFreeBytes: number;
  idleMs: number;
  authMs: number;
  patienceMs: number;
  takeOverMs: number;
  partTtlMs: number;
}

/** Who is logged in, and by which connection. */
export interface Principal {
  readonly accountId: number;
  readonly clientId: number;
  readonly username: string;
  readonly jail: string;
  readonly address: string;
  /** Names the connection in the audit and the log. */
  readonly session: string;
}

/** The audit's name for an SFTP user. */
export const actorOf = (username: string): string => `sftp:${username}`;

/** An audit entry of a principal's. */
export const entryOf = (
  { username, address, session }: Principal,
  entry: Omit<AuditEntry, "actor" | "address" | "session">,
): AuditEntry => ({ actor: actorOf(username), address, session, ...entry });

/** Writes an audit row that belongs to no transaction. Where the database is away the log has it at least. */
export async function audit(
  { database, logger }: Pick<Context, "database" | "logger">,
  entry: AuditEntry,
): Promise<void> {
  try {
    await recordAudit(database, entry);
  } catch (err) {
    const { action, outcome, actor, address, session } = entry;
    logger.warn({ err, action, outcome, actor, address, session }, "could not write to the audit");
  }
}
