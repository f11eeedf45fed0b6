import { Lru } from "./lru.ts";

/**
 * How many events a link may have counted: far more than anybody watches, far fewer than would fill a disk. Whoever has a link
 * can only ever inflate the counts of that one.
 */
export interface EventBudget {
  /** Takes one, if there is one left. */
  take(link: string, nowMs: number): boolean;
}

const BURST = 60;
const PER_SECOND = 0.1;
const MAX_LINKS = 50_000;

/** A token bucket per link; links beyond the newest 50,000 start anew. */
export function createEventBudget(): EventBudget {
  const buckets = new Lru<string, { events: number; atMs: number }>(MAX_LINKS);
  return {
    take(link, nowMs) {
      const bucket = buckets.get(link);
      const events =
        bucket === undefined ? 0 : Math.max(0, bucket.events - ((nowMs - bucket.atMs) / 1000) * PER_SECOND);
      if (events > BURST - 1) return false;
      buckets.set(link, { events: events + 1, atMs: nowMs });
      return true;
    },
  };
}
