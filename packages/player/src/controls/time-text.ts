/** Minutes and seconds, such as `0:07`. */
export function timeText(atMs: number): string {
  const seconds = Math.floor(atMs / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

/** Where a film is: at its end as long as it is. */
export const nowText = (atMs: number, durationMs: number) =>
  atMs < durationMs ? timeText(atMs) : lengthText(durationMs);

/** The length of a film: never less than it is. */
export const lengthText = (durationMs: number) => timeText(Math.max(1000, Math.round(durationMs / 1000) * 1000));

/** Fills `{names}` in. */
export const filled = (text: string, values: Readonly<Record<string, string>>) =>
  text.replace(/\{(\w+)\}/g, (all, name: string) => values[name] ?? all);
