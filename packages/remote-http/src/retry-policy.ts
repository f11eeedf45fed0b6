/** How often and how long something is tried again. */
export interface RetryPolicy {
  /** In all, the first one included. */
  attempts: number;
  /** From the first attempt to the beginning of the last one. */
  withinMs: number;
  /** The wait after the first failure, on average; it doubles with each. */
  firstWaitMs: number;
  longestWaitMs: number;
}

export const RETRIES: RetryPolicy = {
  attempts: 6,
  withinMs: 10 * 60_000,
  firstWaitMs: 1_000,
  longestWaitMs: 60_000,
};

interface Failed {
  /** Attempts so far. */
  attempt: number;
  /** Since the first began. */
  elapsedMs: number;
  /** What the other side asked for. */
  askedMs?: number | undefined;
}

/** Answers that say: not now. 425 is RFC 8470's, 429 RFC 6585's. Of 5xx, 501 and 505 will be the same the next time. */
export const isWorthRetrying = (status: number): boolean =>
  status === 408 || status === 425 || status === 429 || (status >= 500 && status !== 501 && status !== 505);

/**
 * How long to wait before the next attempt; undefined: enough. Waits are drawn from half to one and a half of what they are on
 * average, so that many who fail together do not come back together; what was asked for is kept to, and a little on top.
 * @param random from 0 to 1
 */
export function nextWaitMs(
  { attempt, elapsedMs, askedMs }: Failed,
  policy: RetryPolicy,
  random: () => number = Math.random,
): number | undefined {
  if (attempt >= policy.attempts) return undefined;
  const average = Math.min(policy.longestWaitMs, policy.firstWaitMs * 2 ** (attempt - 1));
  const waitMs = Math.round(askedMs === undefined ? average * (0.5 + random()) : askedMs + average * 0.5 * random());
  return elapsedMs + waitMs > policy.withinMs ? undefined : waitMs;
}
