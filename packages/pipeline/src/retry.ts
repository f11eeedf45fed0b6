import { AppError } from "@inlet/contracts";
import { asUnavailable, type StoredError } from "@inlet/database";

/** What is done after an attempt has failed. */
export type AfterFailure =
  | { action: "retry"; delayMs: number; error: StoredError }
  /** `fault: "file"`: the client's file is wrong, the batch is rejected. `fault: "ours"`: the batch fails. */
  | { action: "give up"; fault: "file" | "ours"; error: StoredError };

/** Before the first retry, unless a service says otherwise. */
export const FIRST_RETRY_MS = 500;
const LONGEST_DELAY_MS = 5 * 60_000;

/** Tries in all. Something that is away comes back: about two hours. A bug does not: a few tries, then a person looks. */
const MOST_ATTEMPTS = { unavailable: 32, diskFull: 6, unknown: 4 };

/** Exponential back-off with up to a fifth of jitter, so that a crowd does not come back at once. */
export function backOffMs(attempts: number, random: number, firstMs = FIRST_RETRY_MS): number {
  const delayMs = Math.min(LONGEST_DELAY_MS, firstMs * 2 ** Math.min(attempts - 1, 20));
  return Math.round(delayMs * (1 + random / 5));
}

/**
 * Decides on an attempt's failure. `attempts` counts the failed one; `random` is in [0, 1). No retry for what is the
 * file's fault or a broken invariant; retries with back-off for what may pass.
 */
export function afterFailure(failure: unknown, attempts: number, random: number, firstMs?: number): AfterFailure {
  const cause = asUnavailable(failure);
  if (cause instanceof AppError) {
    const error = { code: cause.code, message: cause.message, retryable: cause.retryable };
    if (!cause.retryable) return { action: "give up", fault: cause.name === "InvalidInput" ? "file" : "ours", error };
    const most = cause.code === "disk_full" ? MOST_ATTEMPTS.diskFull : MOST_ATTEMPTS.unavailable;
    return attempts < most
      ? { action: "retry", delayMs: backOffMs(attempts, random, firstMs), error }
      : { action: "give up", fault: "ours", error };
  }
  const error = {
    code: "unexpected",
    message: `Unexpected error: ${cause instanceof Error ? cause.message : String(cause)}`,
    retryable: true,
  };
  return attempts < MOST_ATTEMPTS.unknown
    ? { action: "retry", delayMs: backOffMs(attempts, random, firstMs), error }
    : { action: "give up", fault: "ours", error };
}
