import {
  type Database,
  type Executor,
  hasOverdueChanges,
  holdSequencer,
  type NumberedCatalog,
  numberCatalogChanges,
  type Sequencing,
} from "@inlet/database";

/** What the sequencer is given. */
export interface SequencerParts {
  database: Database;
  /** Told after each commit of numbers, for hints. */
  numbered(catalogs: readonly NumberedCatalog[]): void;
  logger: { info(facts: object, message: string): void; warn(facts: object, message: string): void };
  /** How often it looks without being told to; also how often one that does not lead tries to. Default 500 ms. */
  pollMs?: number;
  /** Changes in one commit. Default 5,000. */
  chunk?: number;
}

/** Numbers committed changes, if it leads; one of all processes does. */
export interface Sequencer {
  /** There may be changes without numbers. Takes no time. */
  wake(): void;
  isLeading(): boolean;
  /** Gives the lead up. */
  close(): Promise<void>;
}

const POLL_MS = 500;
const CHUNK = 5_000;
/** What has waited for a number for so many polls has nobody who gives it one. */
const OVERDUE_POLLS = 6;

/**
 * Gives committed changes their numbers, in the order of their ids, and so each key's in the order of its versions: who changes a
 * key holds its row from before he draws the id until he commits. The lead is a lock of PostgreSQL on a connection of its own: it
 * ends with that, and another process takes over within a poll.
 */
export function openSequencer({
  database,
  numbered,
  logger,
  pollMs = POLL_MS,
  chunk = CHUNK,
}: SequencerParts): Sequencer {
  let lead: Sequencing | undefined;
  let isClosed = false;
  let isAsked = true;
  let ring = () => {};

  const running = run();

  async function run(): Promise<void> {
    while (!isClosed) {
      try {
        lead ??= await takeLead();
        // What is said while it works is for another round.
        isAsked = false;
        if (lead !== undefined) await numberAll(lead);
        // Who leads and stands still, its process frozen, keeps its lock. Two that number at once do no harm.
        else if (await hasOverdueChanges(database, pollMs * OVERDUE_POLLS)) await numberAll(database);
      } catch (err) {
        if (!isClosed) logger.warn({ err }, "could not number changes; will look again");
        await lead?.release();
        lead = undefined;
      }
      if (!isAsked && !isClosed) await pause();
    }
    await lead?.release();
    lead = undefined;
  }

  async function takeLead(): Promise<Sequencing | undefined> {
    const taken = await holdSequencer(database);
    if (taken !== undefined) logger.info({}, "numbers catalogs' changes");
    return taken;
  }

  async function numberAll(leading: Executor): Promise<void> {
    for (;;) {
      const given = await numberCatalogChanges(leading, chunk);
      if (given.length > 0) numbered(given);
      if (isClosed || given.reduce((sum, { changes }) => sum + changes, 0) < chunk) return;
    }
  }

  /** Until it is asked to look, or for the time of a poll. */
  function pause(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(done, pollMs);
      function done() {
        clearTimeout(timer);
        ring = () => {};
        resolve();
      }
      ring = done;
    });
  }

  return {
    wake() {
      isAsked = true;
      ring();
    },
    isLeading: () => lead !== undefined,
    async close() {
      isClosed = true;
      ring();
      await running;
    },
  };
}
