/** The times that results can be asked for, up to now. */
export const TIMES = [
  { days: 2, label: "2 days" },
  { days: 7, label: "7 days" },
  { days: 30, label: "30 days" },
  { days: 90, label: "90 days" },
  { days: 365, label: "A year" },
] as const;

export interface ResultTime {
  days: number;
}

/** Which time an address asks for. */
export function readResultTime(search: Record<string, unknown>): Partial<ResultTime> {
  const found = TIMES.find(({ days }) => String(days) === String(search.days));
  return found === undefined ? {} : { days: found.days };
}

/** Where nothing is asked for. */
export const USUAL_DAYS = 30;
