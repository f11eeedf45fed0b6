const UNITS = ["B", "KB", "MB", "GB", "TB"];

/** A size for people, with three digits at most: `20.5 KB`. Powers of 1000. */
export function bytes(sizeBytes: number): string {
  let [size, unit] = [sizeBytes, 0];
  while (size >= 999.5 && unit < UNITS.length - 1) [size, unit] = [size / 1000, unit + 1];
  return `${unit === 0 || size >= 100 ? Math.round(size) : size.toFixed(1)} ${UNITS[unit]}`;
}

/** A length of time for people: `310 ms`, `4.2 s`, `3 min 20 s`, `2 h 5 min`. */
export function duration(durationMs: number): string {
  if (durationMs < 999.5) return `${Math.round(durationMs)} ms`;
  if (durationMs < 59_950) return `${(durationMs / 1_000).toFixed(1)} s`;
  const seconds = Math.round(durationMs / 1_000);
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  return `${Math.floor(seconds / 3_600)} h ${Math.floor((seconds % 3_600) / 60)} min`;
}

/** A number for people: `1,234`; a dash where nothing was counted. */
export function figure(number: number | null): string {
  // What Intl does takes 15 ms to load, which is much for a command that is done in 100.
  return number === null ? "–" : String(number).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** So many of something: `1,234 records`, `1 record`. */
export function count(number: number, noun: string): string {
  return `${figure(number)} ${noun}${number === 1 ? "" : "s"}`;
}
