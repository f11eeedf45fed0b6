import { sql } from "kysely";
import type { Executor } from "../../connection.ts";

/** How failed logins add up to a ban. */
export interface BanPolicy {
  /** Points that ban. */
  limit: number;
  /** Points older than this count no more. */
  windowMs: number;
  /** The first ban's length; each further one within `forgetAfterMs` doubles it, up to `maxBanMs`. */
  banMs: number;
  maxBanMs: number;
  /** After this much time without a ban the next one is a first one again. */
  forgetAfterMs: number;
}

/** How long an address is still banned, in milliseconds; 0 when it is not. */
export async function remainingBan({ query }: Executor, address: string): Promise<number> {
  const { rows } = await sql<{ remainingMs: number }>`
    SELECT extract(epoch FROM banned_until - now())::float8 * 1000 AS "remainingMs" FROM login_scores
    WHERE address = ${address} AND banned_until > now()`.execute(query);
  return rows[0]?.remainingMs ?? 0;
}

/**
 * Adds points to an address, for all gateways, and bans it when they reach the limit. Resolves to the length of the ban
 * that this call began, in milliseconds; 0 when it began none.
 */
export async function addLoginScore(
  { query }: Executor,
  { address, points }: { address: string; points: number },
  policy: BanPolicy,
): Promise<number> {
  // The points first, under the row's lock; then the ban, which only one of two callers can begin, because it takes the
  // points away.
  await sql`
    INSERT INTO login_scores AS s (address, score) VALUES (${address}, ${points}::int)
    ON CONFLICT (address) DO UPDATE SET
      score = CASE WHEN s.counted_since < now() - ${policy.windowMs}::float8 * interval '1 millisecond'
        THEN excluded.score ELSE s.score + excluded.score END,
      counted_since = CASE WHEN s.counted_since < now() - ${policy.windowMs}::float8 * interval '1 millisecond'
        THEN now() ELSE s.counted_since END`.execute(query);
  const { rows } = await sql<{ banMs: number }>`
    UPDATE login_scores SET score = 0, counted_since = now(),
      bans = CASE WHEN banned_until > now() - ${policy.forgetAfterMs}::float8 * interval '1 millisecond'
        THEN bans + 1 ELSE 1 END,
      banned_until = now() + interval '1 millisecond' * least(${policy.maxBanMs}::float8, ${policy.banMs}::float8 *
        CASE WHEN banned_until > now() - ${policy.forgetAfterMs}::float8 * interval '1 millisecond'
          THEN 2 ^ least(bans, 20) ELSE 1 END)
    WHERE address = ${address} AND score >= ${policy.limit}::int
    RETURNING extract(epoch FROM banned_until - now())::float8 * 1000 AS "banMs"`.execute(query);
  return rows[0]?.banMs ?? 0;
}

/** Takes points back, as far as there are any: what was counted was no failure after all. */
export async function takeLoginScoreBack(
  { query }: Executor,
  { address, points }: { address: string; points: number },
): Promise<void> {
  await sql`UPDATE login_scores SET score = greatest(score - ${points}::int, 0) WHERE address = ${address}`.execute(
    query,
  );
}

/** Removes scores that count no more and bans that are over and forgotten. Returns how many. */
export async function forgetLoginScores(
  { query }: Executor,
  { windowMs, forgetAfterMs }: Pick<BanPolicy, "windowMs" | "forgetAfterMs">,
): Promise<number> {
  const { numAffectedRows } = await sql`
    DELETE FROM login_scores
    WHERE counted_since < now() - ${windowMs}::float8 * interval '1 millisecond'
      AND (banned_until IS NULL OR banned_until < now() - ${forgetAfterMs}::float8 * interval '1 millisecond')
    `.execute(query);
  return Number(numAffectedRows ?? 0);
}
