/** The longest pause after failures, unless the project's own interval is longer: a mended server is noticed soon. */
const LONGEST_MS = 5 * 60_000;

/**
 * When a source is looked at next: after its interval; after failures later and later, each time twice as long, with up to
 * a fifth of jitter.
 * @param failures looks in a row that failed, the last one included
 * @param random in [0, 1)
 */
export function nextLookMs(pollSeconds: number, failures: number, random: number): number {
  const intervalMs = pollSeconds * 1000;
  if (failures === 0) return intervalMs;
  const pauseMs = Math.min(intervalMs * 2 ** Math.min(failures, 20), Math.max(LONGEST_MS, intervalMs));
  return Math.round(pauseMs * (1 + random / 5));
}
