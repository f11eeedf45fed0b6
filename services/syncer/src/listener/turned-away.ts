import { countTurnedAway, type Database } from "@inlet/database";
import type { Logger } from "@inlet/runtime";

/** Counts requests that were not let in, for people to see; written down now and then, however many there are. */
export interface TurnedAway {
  note(subscriptionId: number, reason: string): void;
  close(): Promise<void>;
}

const WRITTEN_EVERY_MS = 250;
const MOST_CHARACTERS = 300;

export function openTurnedAway(database: Database, logger: Logger): TurnedAway {
  let counts = new Map<number, { count: number; reason: string }>();
  let writing: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;

  async function write(): Promise<void> {
    timer = undefined;
    const noted = [...counts].map(([subscriptionId, each]) => ({ subscriptionId, ...each }));
    counts = new Map();
    await countTurnedAway(database, noted).catch((err) => logger.warn({ err }, "could not count requests turned away"));
  }

  return {
    note(subscriptionId, reason) {
      const count = (counts.get(subscriptionId)?.count ?? 0) + 1;
      counts.set(subscriptionId, { count, reason: reason.slice(0, MOST_CHARACTERS) });
      timer ??= setTimeout(() => {
        writing = writing.then(write);
      }, WRITTEN_EVERY_MS);
    },
    async close() {
      clearTimeout(timer);
      await writing;
      if (counts.size > 0) await write();
    },
  };
}
