const [SECOND_MS, MINUTE_MS, HOUR_MS] = [1_000, 60_000, 3_600_000];

/** The other side as a whole is tried again at least so often, whatever it is that fails. */
const LONGEST_MS = { passing: 5 * MINUTE_MS, person: 15 * MINUTE_MS, item: 30 * SECOND_MS };
/** It may ask for a longer pause, up to this. */
const LONGEST_ASKED_MS = 24 * HOUR_MS;
/** One item is tried again at least so often. */
const LONGEST_ITEM_MS = 6 * HOUR_MS;

/** After so many attempts an item is given up: about two days with a first pause of 5 s. */
export const MOST_ATTEMPTS = 12;

/** Up to a fifth more, so that those who failed together do not come back together. */
const jittered = (delayMs: number, random: number) => Math.round(delayMs * (1 + random / 5));

/**
 * How long the other side is left alone after the `failures`-th failure in a row; `random` is in [0, 1). A pause that it asks for
 * counts where it is longer.
 */
export function standBackMs(
  { kind, retryAfterMs = 0 }: { kind: keyof typeof LONGEST_MS; retryAfterMs?: number | undefined },
  failures: number,
  { baseMs, random }: { baseMs: number; random: number },
): number {
  const dueMs = Math.min(baseMs * 2 ** Math.min(failures - 1, 30), LONGEST_MS[kind]);
  return jittered(Math.max(dueMs, Math.min(retryAfterMs, LONGEST_ASKED_MS)), random);
}

/** How long an item waits after its `attempts`-th attempt; undefined: it is given up. */
export function itemDelayMs(
  attempts: number,
  { baseMs, random }: { baseMs: number; random: number },
): number | undefined {
  if (attempts >= MOST_ATTEMPTS) return undefined;
  return jittered(Math.min(baseMs * 4 ** Math.min(attempts - 1, 20), LONGEST_ITEM_MS), random);
}
