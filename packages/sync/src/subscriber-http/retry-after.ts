/** `Retry-After` in seconds or as a date (RFC 9110, 10.2.3); undefined where it is neither. */
export function retryAfterMs(text: string | undefined, now: Date = new Date()): number | undefined {
  if (text === undefined) return undefined;
  if (/^\s*\d{1,9}\s*$/.test(text)) return Number(text) * 1000;
  const until = Date.parse(text);
  return Number.isNaN(until) ? undefined : Math.max(0, until - now.getTime());
}
