const sameDay = (a: Date, b: Date) => a.toDateString() === b.toDateString();

const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const dayAndClock = new Intl.DateTimeFormat("en-GB", {
  day: "numeric",
  month: "short",
  hour: "2-digit",
  minute: "2-digit",
});
const withYear = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" });
const exact = new Intl.DateTimeFormat("en-GB", {
  weekday: "short",
  day: "numeric",
  month: "short",
  year: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  timeZoneName: "short",
});

/** `just now`, `12 min ago`, `3 h ago`; from yesterday on the day itself. Times to come: `in 12 min`. */
export function agoOf(at: Date, nowMs: number): string {
  const seconds = Math.round((nowMs - at.getTime()) / 1000);
  const distance = Math.abs(seconds);
  const told = (text: string) => (seconds >= 0 ? `${text} ago` : `in ${text}`);
  if (distance < 45) return seconds >= 0 ? "just now" : "in a moment";
  if (distance < 90 * 60) return told(`${Math.max(1, Math.round(distance / 60))} min`);
  if (distance < 20 * 3600) return told(`${Math.round(distance / 3600)} h`);
  return shortTimeOf(at, nowMs);
}

/** `09:00` today, `20 Nov, 09:00` in the last months, `20 Nov 2025` before. */
export function shortTimeOf(at: Date, nowMs: number): string {
  if (sameDay(at, new Date(nowMs))) return clock.format(at);
  const isFar = Math.abs(nowMs - at.getTime()) > 180 * 86_400_000;
  return (isFar ? withYear : dayAndClock).format(at);
}

/** The whole of it, in the viewer's zone and in UTC. */
export function exactTimeOf(at: Date): string {
  return `${exact.format(at)} · ${at.toISOString()}`;
}
