import { setTimeout as pause } from "node:timers/promises";
import { Unavailable } from "@inlet/contracts";
import { asUnavailable } from "@inlet/database";

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1_000;

/**
 * Runs work on the database again and again while the database is away, up to `patienceMs`: a client waits a moment
 * instead of seeing its upload fail. The work must be a transaction that may be repeated.
 * @throws Unavailable after `patienceMs`; any other error at once
 */
export async function patiently<T>(patienceMs: number, work: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + patienceMs;
  let pauseMs = FIRST_PAUSE_MS;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      const reason = asUnavailable(error);
      if (!(reason instanceof Unavailable) || performance.now() + pauseMs > deadline) throw reason;
      await pause(pauseMs);
      pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
    }
  }
}
