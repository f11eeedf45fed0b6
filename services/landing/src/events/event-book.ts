import { setTimeout as pause } from "node:timers/promises";
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

  /** Writes the oldest. They stay where PostgreSQL is away; where it will not have them, it never will. */
  async function writeNext(): Promise<void> {
    const events = waiting.slice(0, EVENTS_PER_STATEMENT);
    try {
      await recordLinkEvents(database, events);
      if (isAway) logger.info("events of links are written down again");
      isAway = false;
    } catch (err) {
      if (asUnavailable(err) !== err) {
        if (!isAway) logger.warn({ err }, "events of links wait for postgres");
        isAway = true;
        return;
      }
      logger.error({ err, events: events.length }, "events of links could not be written down");
      onLost?.(events.length);
    }
    waiting = waiting.slice(events.length);
  }

  function schedule(afterMs: number): void {
    timer ??= setTimeout(() => {
      timer = undefined;
      writing = writeNext().finally(() => {
        writing = undefined;
        if (waiting.length > 0 && !isClosing)
          schedule(isAway ? RETRY_MS : waiting.length >= EVENTS_PER_STATEMENT ? 0 : gatherMs);
      });
    }, afterMs);
  }

  async function writeRest(): Promise<void> {
    await writing;
    // PostgreSQL may be back since it was asked last.
    for (isAway = false; waiting.length > 0 && !isAway; ) await writeNext();
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
      await Promise.race([writeRest(), pause(LAST_MS, undefined, { ref: false })]);
      if (waiting.length > 0) {
        logger.warn({ events: waiting.length }, "events of links were not written down before the end");
        onLost?.(waiting.length);
      }
    },
  };
}
