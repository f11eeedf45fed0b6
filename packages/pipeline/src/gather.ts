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

/**
 * Turns work on many into a function on one. What is asked in one turn of the event loop, or while the last call runs,
 * goes into the next call together: one file at a time is as fast as ever, and a crowd of small ones shares statements and
 * commits. `work` resolves to one result an item, in their order, and does all or nothing: when it fails, each item is
 * tried alone, so that one's fault is its own; but not when PostgreSQL is away, which is everybody's.
 */
export function gather<Item, Result>(
  work: (items: readonly Item[]) => Promise<readonly Result[]>,
  { most = MOST }: GatherOptions = {},
): (item: Item) => Promise<Result> {
  const waiting: Asked<Item, Result>[] = [];
  let isBusy = false;

  async function drain(): Promise<void> {
    while (waiting.length > 0) await settle(waiting.splice(0, most));
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
