import type { Executor } from "../connection.ts";

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

/** Appends to the audit. Rows are never changed or deleted. */
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
