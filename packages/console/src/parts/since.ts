/** Midnight of some days ago, in the viewer's zone. */
function daysAgo(days: number): string {
  const date = new Date();
  date.setHours(0, 0, 0, 0);
  date.setDate(date.getDate() - days);
  return date.toISOString();
}

/** The times that the list is narrowed to. */
export const SINCE = [
  { value: "0", label: "Today", from: () => daysAgo(0) },
  { value: "1", label: "Since yesterday", from: () => daysAgo(1) },
  { value: "7", label: "Last 7 days", from: () => daysAgo(7) },
  { value: "30", label: "Last 30 days", from: () => daysAgo(30) },
] as const;

/** Which of them a time in the address stands for; a time of another day is none of them. */
export function sinceOf(from: string | undefined): string | null {
  return SINCE.find((each) => each.from() === from)?.value ?? null;
}
