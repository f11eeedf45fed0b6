import { sql } from "kysely";
import type { Executor } from "../../connection.ts";

/** One request under a key of its caller's. */
export interface IdempotentRequest {
  /** `key:12` or `user:3`. */
  caller: string;
  key: string;
  /** What tells this request from another one under the same key. */
  fingerprint: Buffer;
  /** Names this attempt among those of the same request. */
  attempt: string;
}

/** What is known of a key that is taken. */
export interface StoredRequest {
  fingerprint: Buffer;
  /** The request's own transaction was committed. */
  applied: boolean;
  /** Another attempt is under way. */
  underWay: boolean;
  answer: StoredAnswer | null;
}

export interface StoredAnswer {
  status: number;
  headers: Record<string, string>;
  /** Sealed. */
  body: Buffer;
}

/**
 * Takes a key for an attempt: a new one, one that is older than it is kept, or one whose attempt ended without a trace.
 * Returns undefined when it was taken, else what is known of it.
 */
export async function claimIdempotencyKey(
  { query }: Executor,
  { caller, key, fingerprint, attempt }: IdempotentRequest,
  { leaseMs, keptMs }: { leaseMs: number; keptMs: number },
): Promise<StoredRequest | undefined> {
  const claimed = await sql`
    INSERT INTO idempotency_keys AS k (caller, key, fingerprint, attempt, attempt_until)
    VALUES (${caller}, ${key}, ${fingerprint}::bytea, ${attempt}, now() + ${leaseMs}::float8 * interval '1 ms')
    ON CONFLICT (caller, key) DO UPDATE SET fingerprint = excluded.fingerprint, attempt = excluded.attempt,
      attempt_until = excluded.attempt_until, applied = false, status = NULL, headers = NULL, answer = NULL,
      created_at = now()
    WHERE k.created_at < now() - ${keptMs}::float8 * interval '1 ms'
      OR (NOT k.applied AND k.status IS NULL AND k.attempt_until <= now() AND k.fingerprint = excluded.fingerprint)
    RETURNING 1`.execute(query);
  if (claimed.rows.length > 0) return undefined;
  const { rows } = await sql<{
    fingerprint: Buffer;
    applied: boolean;
    underWay: boolean;
    status: number | null;
    headers: Record<string, string> | null;
    answer: Buffer | null;
  }>`
    SELECT fingerprint, applied, status IS NULL AND attempt_until > now() AS "underWay", status, headers, answer
    FROM idempotency_keys WHERE caller = ${caller} AND key = ${key}`.execute(query);
  const row = rows[0];
  // Given back between the two statements: the caller may ask again at once.
  if (row === undefined) return { fingerprint, applied: false, underWay: true, answer: null };
  const { status, headers, answer } = row;
  return {
    ...{ fingerprint: row.fingerprint, applied: row.applied, underWay: row.underWay },
    answer: status === null || answer === null ? null : { status, headers: headers ?? {}, body: answer },
  };
}

/**
 * Notes in a request's own transaction that it is carried out with it. False: another attempt has taken over, and this
 * one must not commit.
 */
export async function noteApplied(
  { query }: Executor,
  { caller, key, attempt }: Omit<IdempotentRequest, "fingerprint">,
): Promise<boolean> {
  const { rows } = await sql`
    UPDATE idempotency_keys SET applied = true WHERE caller = ${caller} AND key = ${key} AND attempt = ${attempt}
    RETURNING 1`.execute(query);
  return rows.length > 0;
}

/** Keeps what an attempt answered, for those that come after it. */
export async function storeIdempotentAnswer(
  { query }: Executor,
  { caller, key, attempt }: Omit<IdempotentRequest, "fingerprint">,
  { status, headers, body }: StoredAnswer,
): Promise<void> {
  await sql`
    UPDATE idempotency_keys
    SET applied = true, status = ${status}::smallint, headers = ${JSON.stringify(headers)}::jsonb, answer = ${body}::bytea
    WHERE caller = ${caller} AND key = ${key} AND attempt = ${attempt}`.execute(query);
}

/** Ends an attempt that has no answer to keep. One that was not applied leaves nothing: the key is free again. */
export async function endIdempotentAttempt(
  { query }: Executor,
  { caller, key, attempt }: Omit<IdempotentRequest, "fingerprint">,
): Promise<void> {
  await sql`
    WITH freed AS (
      DELETE FROM idempotency_keys
      WHERE caller = ${caller} AND key = ${key} AND attempt = ${attempt} AND NOT applied
    )
    UPDATE idempotency_keys SET attempt_until = now()
    WHERE caller = ${caller} AND key = ${key} AND attempt = ${attempt} AND applied`.execute(query);
}

/** Forgets keys that are older than they are kept. Returns how many. */
export async function sweepIdempotencyKeys({ query }: Executor, keptMs: number): Promise<number> {
  const { numAffectedRows } = await sql`
    DELETE FROM idempotency_keys WHERE created_at < now() - ${keptMs}::float8 * interval '1 ms'`.execute(query);
  return Number(numAffectedRows ?? 0);
}
