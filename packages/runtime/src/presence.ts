import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import type { Logger } from "./logger.ts";
import { type WorkMinute, workCounts } from "./work-counts.ts";

/** A process's sign of life: who it is, since when, and what it did lately. */
export interface Presence {
  /** Host, pid and start: a container's pid comes again. */
  id: string;
  service: string;
  host: string;
  pid: number;
  version: string;
  startedAt: Date;
  memoryBytes: number;
  facts: Record<string, unknown>;
  work: Record<string, WorkMinute[]>;
  /** Its last one: it ends in order. */
  stopped: boolean;
}

interface PresenceOptions {
  service: string;
  logger: Logger;
  /** What others may want to know of it. Never a secret. */
  facts?: Record<string, unknown>;
  /** Default {@link PRESENCE_MS}. */
  everyMs?: number;
}

/** How often a process gives a sign of life. */
export const PRESENCE_MS = 10_000;

/** Inlet's version, as the repository's package.json says. */
export const VERSION = (
  JSON.parse(readFileSync(new URL("../../../package.json", import.meta.url), "utf8")) as { version: string }
).version;

/**
 * Gives a sign of life now and then until it is closed; `close` gives the last one. Nobody waits for it: one that cannot be
 * written is followed by the next.
 */
export function keepPresence(
  write: (presence: Presence) => Promise<void>,
  { service, logger, facts = {}, everyMs = PRESENCE_MS }: PresenceOptions,
): { close(): Promise<void> } {
  const startedAt = new Date(Math.round(Date.now() - process.uptime() * 1_000));
  const [host, pid] = [hostname(), process.pid];
  const id = `${host}:${pid}:${startedAt.getTime()}`;
  let underWay: Promise<void> = Promise.resolve();
  let isSilent = false;

  const tell = async (stopped: boolean) => {
    const memoryBytes = process.memoryUsage.rss();
    try {
      const own = { id, service, host, pid, version: VERSION, startedAt, memoryBytes, facts };
      await write({ ...own, work: workCounts.recent(), stopped });
      isSilent = false;
    } catch (err) {
      if (!isSilent) logger.warn({ err }, "could not give a sign of life; going on");
      isSilent = true;
    }
  };
  const next = (stopped: boolean) => {
    underWay = underWay.then(() => tell(stopped));
    return underWay;
  };
  void next(false);
  const timer = setInterval(() => void next(false), everyMs);
  timer.unref();
  return {
    async close() {
      clearInterval(timer);
      await next(true);
    },
  };
}
