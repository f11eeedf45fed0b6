import { isConnectionLoss } from "@inlet/database";

interface Asked<Item, Result> {
  item: Item;
  resolve: (result: Result) => void;
  reject: (error: unknown) => void;
}

interface GatherOptions {
  /** Items in one call at most. */
  most?: number;
}

/** Enough to share a statement's cost, few enough for it to take milliseconds. */
const MOST = 64;

/** A call that takes longer waits for something, a lock for example: those that come later go on without it. */
const SLOW_MS = 250;

/** Calls at once, when some are slow: each holds a connection. */
const CALLS_AT_ONCE = 4;

/**
 * Turns work on many into a function on one. What is asked in one turn of the event loop, or while the last call runs,
 * goes into the next call together: one file at a time is as fast as ever, and a crowd of small ones shares statements and
 * commits. A call that is slow is not waited for, up to a number of them. `work` resolves to one result an item, in their order, and does all or nothing: when it fails, each item is
 * tried alone, so that one's fault is its own; but not when PostgreSQL is away, which is everybody's.
 */
export function gather<Item, Result>(
  work: (items: readonly Item[]) => Promise<readonly Result[]>,
  { most = MOST }: GatherOptions = {},
): (item: Item) => Promise<Result> {
  const waiting: Asked<Item, Result>[] = [];
  const calls = new Set<Promise<void>>();
  let isBusy = false;

  async function drain(): Promise<void> {
    while (waiting.length > 0) {
      const call = settle(waiting.splice(0, most)).finally(() => calls.delete(call));
      calls.add(call);
      await (calls.size < CALLS_AT_ONCE ? within(call, SLOW_MS) : Promise.race(calls));
    }
    isBusy = false;
  }

  async function settle(asked: readonly Asked<Item, Result>[]): Promise<void> {
    try {
      const results = await work(asked.map(({ item }) => item));
      for (const [place, { resolve }] of asked.entries()) resolve(results[place]!);
    } catch (error) {
      if (asked.length === 1 || isConnectionLoss(error)) for (const { reject } of asked) reject(error);
      else for (const one of asked) await settle([one]);
    }
  }

  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject });
      if (isBusy) return;
      isBusy = true;
      setImmediate(drain);
    });
}

/** Resolves when it ends, or after so long. */
function within(call: Promise<void>, timeoutMs: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, timeoutMs);
  return Promise.race([call, promise]).finally(() => clearTimeout(timer));
}
