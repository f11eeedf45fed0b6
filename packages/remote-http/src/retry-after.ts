/** Whoever asks for longer is asked again sooner: a day's pause is for a person to decide. */
const LONGEST_MS = 3_600_000;

/**
 * How long `Retry-After` asks to wait (RFC 9110, 10.2.3): seconds or a date, cut to `longestMs` (default: an hour).
 * @param headers names in lower case
 * @returns undefined where it says nothing, or nothing that can be read
 */
export function retryAfterMs(
  headers: Readonly<Record<string, string | string[] | undefined>>,
  now: Date,
  longestMs: number = LONGEST_MS,
): number | undefined {
  const text = [headers["retry-after"]].flat()[0]?.trim();
  if (text === undefined) return undefined;
  if (/^\d{1,15}$/.test(text)) return Math.min(longestMs, Number(text) * 1000);
  const until = /[A-Za-z]/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(until) ? undefined : Math.min(longestMs, Math.max(0, until - now.getTime()));
}
