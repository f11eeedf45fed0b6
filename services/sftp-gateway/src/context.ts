import { type AuditEntry, type Database, recordAudit } from "@inlet/database";
import type { Publisher } from "@inlet/pipeline";
import type { Logger } from "@inlet/runtime";

/** What the gateway's parts share. */
export interface Context {
  readonly database: Database;
  readonly publisher: Pick<Publisher, "arrivals">;
  readonly logger: Logger;
  /** The data folder, shared with the watcher, the courier and other gateways. */
  readonly dataFolder: string;
  readonly limits: Limits;
}

/** Bounds on what one client can take from the others. */
export interface Limits {
  sessions: number;
  sessionsPerAccount: number;
  unauthenticated: number;
  unauthenticatedPerAddress: number;
  handles: number;
  uploadBytes: number;
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
