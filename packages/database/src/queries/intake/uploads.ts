import { sql } from "kysely";
import type { Executor } from "../../connection.ts";

/** Whose right to write a path this is: `session` is a token that is new for each open handle. */
export interface UploadClaim {
  accountId: number;
  path: string;
  session: string;
}

/**
 * Takes the sole right to write a path, for all gateways. It may be taken from a holder that has not touched it for
 * `takeOverAfterMs`. Resolves to false while another one holds it.
 */
export async function beginUpload(
  { query }: Executor,
  { accountId, path, session }: UploadClaim,
  { takeOverAfterMs }: { takeOverAfterMs: number },
): Promise<boolean> {
  const { rows } = await sql`
    INSERT INTO uploads (account_id, path, session) VALUES (${accountId}::bigint, ${path}, ${session})
    ON CONFLICT (account_id, path) DO UPDATE SET session = excluded.session, touched_at = now()
    WHERE uploads.session = excluded.session
      OR uploads.touched_at < now() - ${takeOverAfterMs}::float8 * interval '1 millisecond'
    RETURNING session`.execute(query);
  return rows.length === 1;
}

/** Says that a writer still writes. Resolves to false when another one has taken over: then it must stop. */
export async function touchUpload({ query }: Executor, { accountId, path, session }: UploadClaim): Promise<boolean> {
  const { numUpdatedRows } = await query
    .updateTable("uploads")
    .set({ touched_at: sql`now()` })
    .where("account_id", "=", accountId)
    .where("path", "=", path)
    .where("session", "=", session)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

/** Gives the right back. Resolves to false when it was another one's already. */
export async function endUpload({ query }: Executor, { accountId, path, session }: UploadClaim): Promise<boolean> {
  const { numDeletedRows } = await query
    .deleteFrom("uploads")
    .where("account_id", "=", accountId)
    .where("path", "=", path)
    .where("session", "=", session)
    .executeTakeFirst();
  return numDeletedRows === 1n;
}

/** Removes what gateways that were killed have left. Returns how many. */
export async function removeAbandonedUploads(
  { query }: Executor,
  { untouchedForMs }: { untouchedForMs: number },
): Promise<number> {
  const { numAffectedRows } = await sql`
    DELETE FROM uploads WHERE touched_at < now() - ${untouchedForMs}::float8 * interval '1 millisecond'`.execute(query);
  return Number(numAffectedRows ?? 0);
}
