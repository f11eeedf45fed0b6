/** How a piece of work ended: done, given up for good, or to be tried again. */
export type WorkOutcome = "done" | "failed" | "retried";

/** What was done within one minute (counted since 1970). */
export type WorkMinute = [minute: number, done: number, failed: number, retried: number];

/** So far back it is remembered. */
const MINUTES_KEPT = 60;
const PLACES: Readonly<Record<WorkOutcome, 1 | 2 | 3>> = { done: 1, failed: 2, retried: 3 };

const minuteOf = (nowMs: number) => Math.floor(nowMs / 60_000);

/**
 * Counts by queue and minute, for the last hour. A count in memory costs the work nothing; the process tells it with its
 * sign of life, and what the last seconds before a crash did is not in it.
 */
export class WorkCounts {
  readonly #queues = new Map<string, WorkMinute[]>();

  add(queue: string, outcome: WorkOutcome, nowMs = Date.now()): void {
    const minutes = this.#queues.get(queue) ?? [];
    this.#queues.set(queue, minutes);
    const minute = minuteOf(nowMs);
    let last = minutes.at(-1);
    // A clock that is set back counts on in the minute that it was in.
    if (last === undefined || last[0] < minute) {
      last = [minute, 0, 0, 0];
      minutes.push(last);
      if (minutes.length > MINUTES_KEPT) minutes.shift();
    }
    last[PLACES[outcome]] += 1;
  }

  /** The minutes of the last hour in which something was done, by queue. */
  recent(nowMs = Date.now()): Record<string, WorkMinute[]> {
    const oldest = minuteOf(nowMs) - MINUTES_KEPT;
    const kept = [...this.#queues].map(([queue, minutes]) => [queue, minutes.filter(([minute]) => minute > oldest)]);
    return Object.fromEntries(kept.filter(([, minutes]) => minutes!.length > 0));
  }
}

/** What this process did. */
export const workCounts = new WorkCounts();
