import type { StoredError } from "@inlet/database";

/** A receiver's answer to one attempt, or why there was none. */
export interface WebhookAnswer {
  at: Date;
  durationMs: number;
  /** HTTP's; null when there was no answer. */
  status: number | null;
  /** Null: it has taken the event. */
  error: StoredError | null;
  /** The beginning of the answer's body. */
  answer: string;
  /** It asks not to be told again before that has passed. */
  retryAfterMs?: number | undefined;
}

/** What is done with an event after an attempt. */
export type AfterAttempt = { action: "done" } | { action: "retry"; delayMs: number } | { action: "give up" };

const [SECOND_MS, MINUTE_MS, HOUR_MS] = [1_000, 60_000, 3_600_000];

/** Between an attempt and the next: some three days in all (Standard Webhooks, "Deliverability and reliability"). */
const DELAYS_MS: readonly number[] = [
  5 * SECOND_MS,
  5 * MINUTE_MS,
  30 * MINUTE_MS,
  2 * HOUR_MS,
  5 * HOUR_MS,
  10 * HOUR_MS,
  14 * HOUR_MS,
  20 * HOUR_MS,
  24 * HOUR_MS,
];

/** A receiver may ask for a longer pause than is due, up to this. */
const LONGEST_ASKED_MS = 24 * HOUR_MS;

/** HTTP's 410: the receiver wants no more. */
const GONE = 410;

/** A webhook of which every attempt has failed for so long is disabled. */
const FAILING_MS = 5 * 24 * HOUR_MS;

/**
 * Decides on an event after an attempt, its `attempts`-th; `random` is in [0, 1). Delays have up to a fifth of jitter, so that a
 * receiver that comes back is not met by a crowd.
 */
export function afterAttempt(
  { status, error, retryAfterMs = 0 }: Pick<WebhookAnswer, "status" | "error" | "retryAfterMs">,
  attempts: number,
  random: number,
): AfterAttempt {
  if (error === null) return { action: "done" };
  const dueMs = DELAYS_MS[attempts - 1];
  if (dueMs === undefined || status === GONE) return { action: "give up" };
  const delayMs = Math.max(dueMs, Math.min(retryAfterMs, LONGEST_ASKED_MS));
  return { action: "retry", delayMs: Math.round(delayMs * (1 + random / 5)) };
}

/** Why a webhook is to be disabled after a failed attempt; undefined: it is not. */
export function causeToDisable(
  { status }: Pick<WebhookAnswer, "status">,
  failingSince: Date,
  now: Date,
): "gone" | "failing" | undefined {
  if (status === GONE) return "gone";
  return now.getTime() - failingSince.getTime() >= FAILING_MS ? "failing" : undefined;
}
