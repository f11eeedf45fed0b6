import { AppError, InvariantBroken } from "@inlet/contracts";
import { asUnavailable, type LiveProject } from "@inlet/database";
import type { Logger } from "@inlet/runtime";
import pLimit from "p-limit";
import { every } from "./every.ts";

interface DueOptions {
  /** For the log: what is looked at. */
  what: string;
  /** The projects whose turn it is. */
  due: () => Promise<number[]>;
  look: (projectId: number, signal: AbortSignal) => Promise<void>;
  /** How often it is asked whose turn it is. */
  everyMs: number;
  /** Looks at once. */
  concurrency: number;
  logger: Logger;
}

/** A project as it was when a look began. */
export interface Looking extends LiveProject {
  /** On the clock of `performance.now()`, before the profile was read. */
  startedMs: number;
}

/** At most so many are asked for at a time. */
export const MOST_DUE = 100;

/** Looks at projects' places when they are due. `close` ends the looks under way and waits for them. */
export function watchDue({ what, due, look, everyMs, concurrency, logger }: DueOptions): { close(): Promise<void> } {
  const stopping = new AbortController();
  const inLane = pLimit(concurrency);
  const underWay = new Map<number, Promise<void>>();

  const asking = every(
    everyMs,
    `looking for due ${what}`,
    async () => {
      for (const projectId of await due()) {
        if (underWay.has(projectId)) continue;
        const done = inLane(async () => {
          if (!stopping.signal.aborted) await look(projectId, stopping.signal);
        })
          .catch((err) => logger.warn({ err, projectId, what }, "could not look; will look again"))
          .finally(() => underWay.delete(projectId));
        underWay.set(projectId, done);
      }
    },
    logger,
  );

  return {
    async close() {
      stopping.abort();
      await asking.close();
      await Promise.all(underWay.values());
    },
  };
}

/**
 * What a look that was broken off says about the place that was looked at.
 * @throws the error itself, when it says nothing about it: we were stopped, or PostgreSQL is away
 */
export function faultOf(error: unknown, signal: AbortSignal): AppError {
  const known = asUnavailable(error);
  if (signal.aborted || (known instanceof AppError && known.code === "database_unavailable")) throw error;
  if (known instanceof AppError) return known;
  return new InvariantBroken({
    code: "unexpected",
    message: `Unexpected error: ${known instanceof Error ? known.message : String(known)}`,
    cause: known,
  });
}
