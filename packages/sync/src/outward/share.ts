/** How many of the subscriptions one of several processes runs. What they disagree on for a moment sorts itself out: claims are exclusive. */
export function shareOf({ wanted, processes, most }: { wanted: number; processes: number; most: number }): number {
  return Math.min(most, Math.ceil(wanted / Math.max(1, processes)));
}
