import { AppError } from "@inlet/contracts";
import type { Health, Logger } from "@inlet/runtime";

interface Closable {
  close(): Promise<void>;
}

interface WaitOptions<T> {
  /** What `/readyz` calls it. */
  name: string;
  find: () => Promise<T>;
  /** Begins the work that needs it. */
  begin: (found: T) => Promise<Closable>;
  health: Health;
  logger: Logger;
  everyMs?: number;
}

const LOOK_EVERY_MS = 2_000;

/**
 * Begins some work when what it needs is there, and says until then that it is not ready, and why. What is asked for meanwhile
 * waits in PostgreSQL.
 */
export function whenThere<T>({ name, find, begin, health, logger, everyMs = LOOK_EVERY_MS }: WaitOptions<T>): Closable {
  let isClosed = false;
  let problem: Error | undefined = new Error("looking for it");
  let told: string | undefined;
  let timer: NodeJS.Timeout | undefined;
  let begun: Closable | undefined;
  let underWay = look();
  health.addCheck(name, async () => {
    if (problem !== undefined) throw problem;
  });

  async function look(): Promise<void> {
    try {
      const found = await find();
      if (isClosed) return;
      begun = await begin(found);
      problem = undefined;
    } catch (error) {
      problem = error instanceof Error ? error : new Error(String(error));
      if (problem.message !== told) logger.warn(error instanceof AppError ? {} : { err: error }, problem.message);
      told = problem.message;
      if (isClosed) return;
      timer = setTimeout(() => {
        underWay = look();
      }, everyMs);
    }
  }

  return {
    async close() {
      isClosed = true;
      clearTimeout(timer);
      await underWay;
      await begun?.close();
    },
  };
}
