import { asUnavailable, type Database, type LinkEvent, recordLinkEvents } from "@inlet/database";
import type { Logger } from "@inlet/runtime";

/** Takes down what happens to links; nobody who opens one waits for it. */
export interface EventBook {
  note(event: LinkEvent): void;
  /** Writes down what is left, as far as PostgreSQL is there. */
  close(): Promise<void>;
}

interface EventBookOptions {
  database: Database;
  logger: Logger;
  /** What is kept in memory while PostgreSQL is away; then the newest are not counted. */
  maxWaiting?: number;
  /** How long an event may wait for others to be written with. */
  gatherMs?: number;
  /** Called with how many were not counted. */
  onLost?: (events: number) => void;
}

const EVENTS_PER_STATEMENT = 1_000;
const RETRY_MS = 2_000;
/** At the end, PostgreSQL is given this long. */
const LAST_MS = 5_000;

/**
 * Opens the book. Events are written some hundred milliseconds after they happened, many in one statement. What a crash takes
 * with it is that much of counting.
 */
export function openEventBook({
  database,
  logger,
  maxWaiting = 100_000,
  gatherMs = 300,
  onLost,
}: EventBookOptions): EventBook {
  let waiting: LinkEvent[] = [];
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> | undefined;
  let isAway = false;
  let isClosing = false;

  async function writeNext(): Promise<void> {
    const events = waiting.slice(0, EVENTS_PER_STATEMENT);
    try {
      await recordLinkEvents(database, events);
      if (isAway) logger.info("events of links are written down again");
      isAway = false;
    } catch (error) {
      if (asUnavailable(error) !== error) throw error;
      if (!isAway) logger.warn({ err: error }, "events of links wait for postgres");
      isAway = true;
      return;
    }
    waiting = waiting.slice(events.length);
  }

  function schedule(afterMs: number): void {
    timer ??= setTimeout(() => {
      timer = undefined;
      writing = writeNext()
        .catch((err: unknown) => {
          // Not for want of PostgreSQL: the same events would fail for ever.
          logger.error(
            { err, events: Math.min(waiting.length, EVENTS_PER_STATEMENT) },
            "events of links could not be written down",
          );
          onLost?.(Math.min(waiting.length, EVENTS_PER_STATEMENT));
          waiting = waiting.slice(EVENTS_PER_STATEMENT);
        })
        .finally(() => {
          writing = undefined;
          if (waiting.length > 0 && !isClosing)
            schedule(isAway ? RETRY_MS : waiting.length >= EVENTS_PER_STATEMENT ? 0 : gatherMs);
        });
    }, afterMs);
  }

  return {
    note(event) {
      if (waiting.length >= maxWaiting) return onLost?.(1);
      waiting.push(event);
      if (writing === undefined) schedule(gatherMs);
    },
    async close() {
      isClosing = true;
      clearTimeout(timer);
      await writing;
      const deadline = performance.now() + LAST_MS;
      while (waiting.length > 0 && !isAway && performance.now() < deadline) await writeNext();
      if (waiting.length > 0) {
        logger.warn({ events: waiting.length }, "events of links were not written down before the end");
        onLost?.(waiting.length);
      }
    },
  };
}
