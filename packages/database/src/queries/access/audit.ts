import { sql } from "kysely";
import type { Executor } from "../../connection.ts";

/** One line of the audit: who did what, from where, with what outcome. Never a secret, never a cell's value. */
export interface AuditEntry {
  actor: string;
  address?: string | null;
  session?: string | null;
  action: string;
  path?: string | null;
  sha256?: Buffer | null;
  outcome: string;
  detail?: Record<string, unknown>;
}

/** Appends to the audit. Rows are never changed; old ones go by {@link trimAudit} alone. */
export async function recordAudit({ query }: Executor, entry: AuditEntry): Promise<void> {
  await query
    .insertInto("audit")
    .values({
      actor: entry.actor,
      address: entry.address ?? null,
      session: entry.session ?? null,
      action: entry.action,
      path: entry.path ?? null,
      sha256: entry.sha256 ?? null,
      outcome: entry.outcome,
      detail: JSON.stringify(entry.detail ?? {}),
    })
    .execute();
}

/** Conditions on lines of the audit; absent ones do not count. */
export interface AuditFilter {
  /** Whole, without regard to case. */
  actor?: string | undefined;
  /** Whole, or with a `*` at its end. */
  action?: string | undefined;
  /** Part of the path, without regard to case. */
  path?: string | undefined;
  /** What concerns a client. */
  client?: string | undefined;
  outcome?: string | undefined;
  from?: Date | undefined;
  to?: Date | undefined;
}

/** A line as it is read. */
export interface AuditRow {
  id: number;
  at: Date;
  actor: string;
  address: string | null;
  session: string | null;
  action: string;
  path: string | null;
  sha256: string | null;
  outcome: string;
  detail: Record<string, unknown>;
}

const LIKE_SPECIAL = /[\\%_]/g;
const literal = (text: string) => text.replace(LIKE_SPECIAL, "\\$&");

/**
 * Lines of the audit, newest first. The statement's text depends on which conditions there are, not on their values, so
 * that the number of prepared statements is bounded.
 */
export async function listAudit(
  { query }: Executor,
  filter: AuditFilter,
  { beforeId, limit }: { beforeId: number | null; limit: number },
): Promise<AuditRow[]> {
  const { actor, action, path, client, outcome, from, to } = filter;
  const conditions = [
    actor && sql`lower(a.actor) = lower(${actor})`,
    action &&
      (action.endsWith("*") ? sql`a.action LIKE ${`${literal(action.slice(0, -1))}%`}` : sql`a.action = ${action}`),
    path && sql`a.path ILIKE ${`%${literal(path)}%`}`,
    // Of the API's lines the path begins with the client; of the gateways' the actor is a login of it.
    client &&
      sql`(a.path = ${client} OR a.path LIKE ${`${literal(client)}/%`} OR a.detail ->> 'client' = ${client}
        OR a.actor IN (SELECT username FROM accounts WHERE client_id = (SELECT id FROM clients WHERE slug = ${client}))
        OR CASE WHEN a.path ~ '^batch/[0-9]{1,15}(/|$)' THEN EXISTS (
          SELECT FROM batches b JOIN clients c ON c.id = b.client_id
          WHERE b.id = split_part(a.path, '/', 2)::bigint AND c.slug = ${client}) END)`,
    outcome && sql`a.outcome = ${outcome}`,
    from && sql`a.at >= ${from}::timestamptz`,
    to && sql`a.at < ${to}::timestamptz`,
    beforeId !== null && sql`a.id < ${beforeId}::bigint`,
  ].filter((condition) => typeof condition === "object");
  const { rows } = await sql<AuditRow>`
    SELECT a.id, a.at, a.actor, a.address, a.session, a.action, a.path, encode(a.sha256, 'hex') AS sha256, a.outcome,
      a.detail
    FROM audit a WHERE ${conditions.length === 0 ? sql`true` : sql.join(conditions, sql` AND `)}
    ORDER BY a.id DESC LIMIT ${limit}::int`.execute(query);
  return rows;
}

/**
 * Deletes lines that are older than so many days (30 at least), oldest first, `most` at once, and says so in the audit.
 * Returns how many went; 0 also while another process is at it.
 */
export async function trimAudit(
  { query }: Executor,
  { keepDays, most, actor }: { keepDays: number; most: number; actor: string },
): Promise<number> {
  const { rows } = await sql<{ gone: number }>`
    SELECT inlet.trim_audit(${keepDays}::int, ${most}::int, ${actor}) AS gone`.execute(query);
  return rows[0]!.gone;
}
