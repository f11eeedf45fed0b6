export { bytes, count, duration, figure } from "@inlet/contracts";

/** The time of day in the user's own zone; with the date unless it is today. */
export function clock(iso: string, now: Date): string {
  const at = new Date(iso);
  const two = (part: number) => String(part).padStart(2, "0");
  const time = `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
  if (at.toDateString() === now.toDateString()) return time;
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${time}`;
}
