import { Refusal } from "./errors.ts";

const RETRY_AFTER_SECONDS = 10;

/** Does a piece of work when its turn comes. @throws Refusal `too_many_requests` when as many wait already as may */
export type InTurn = <T>(work: () => Promise<T>) => Promise<T>;

/**
 * Turns for work that may be slow: so many pieces are under way at once, and the next one begins when one of them ends,
 * first come, first served. What is quick has connections to the database meanwhile.
 */
export function openTurns({ atOnce, mostWaiting }: { atOnce: number; mostWaiting: number }): InTurn {
  let underWay = 0;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (underWay < atOnce) underWay += 1;
    else {
      if (waiting.length >= mostWaiting) {
        throw new Refusal(
          429,
          "too_many_requests",
          "Too many requests of this kind wait for PostgreSQL at this moment. Try again in a few seconds.",
          undefined,
          { retryAfterSeconds: RETRY_AFTER_SECONDS },
        );
      }
      // The turn is handed over: it is never given back in between.
      await new Promise<void>((begin) => waiting.push(begin));
    }
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) underWay -= 1;
      else next();
    }
  };
}
