import { setTimeout as pause } from "node:timers/promises";

/** How a wait ends. `abandon` throws when waiting has become pointless. */
export type Wait = { timeoutMs: number; what: string; everyMs?: number };

/**
 * Asks again and again until the answer is neither false nor undefined.
 * @throws {Error} after `timeoutMs`, naming what was waited for; or what `ask` throws
 */
export async function waitFor<T>(
  ask: () => T | undefined | false | Promise<T | undefined | false>,
  { timeoutMs, what, everyMs = 20 }: Wait,
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    if (Date.now() > deadline) throw new Error(`waited ${timeoutMs / 1000} s in vain for ${what}`);
    await pause(everyMs);
  }
}
