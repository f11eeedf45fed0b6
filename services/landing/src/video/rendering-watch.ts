import { Unavailable } from "@inlet/contracts";
import { type Database, findRenderings, type Rendering } from "@inlet/database";
import type { Logger } from "@inlet/runtime";

/** Who waits for renderings to end. */
export interface RenderingWatch {
  /**
   * Resolves when a rendering is done, has failed, or is gone (undefined).
   * @throws Unavailable `video_pending` after `waitMs`, or when `signal` aborts, or when it is closed; `busy` when too many wait already
   */
  ended(renderingId: number, signal: AbortSignal): Promise<Rendering | undefined>;
  /** Whoever waits waits no longer. */
  close(): void;
}

interface WatchOptions {
  database: Database;
  logger: Logger;
  /** How long somebody waits. */
  waitMs: number;
  /** How often it is looked, for all who wait at once. */
  everyMs?: number;
}

/** A request that waits costs little, and yet a process has so many open ones at most. */
const MOST_WAITING = 200;
const LOOK_EVERY_MS = 200;

/** Looks how far renderings are, with one question for all who wait in this process, and only while somebody waits. */
export function watchRenderings({ database, logger, waitMs, everyMs = LOOK_EVERY_MS }: WatchOptions): RenderingWatch {
  const waiting = new Map<number, Set<(found: Rendering | undefined) => void>>();
  let count = 0;
  let timer: NodeJS.Timeout | undefined;
  const closed = new AbortController();
  let isAway = false;

  async function look(): Promise<void> {
    timer = undefined;
    try {
      const ids = [...waiting.keys()];
      const found = await findRenderings(database, ids);
      isAway = false;
      for (const id of ids) {
        const rendering = found.get(id);
        if (rendering !== undefined && rendering.state !== "done" && rendering.state !== "failed") continue;
        for (const tell of waiting.get(id) ?? []) tell(rendering);
      }
    } catch (err) {
      // Once, and not five times a second for as long as it lasts.
      if (!isAway) logger.warn({ err }, "could not look how far videos are; will look again");
      isAway = true;
    }
    lookSoon();
  }

  function lookSoon(): void {
    if (timer === undefined && waiting.size > 0 && !closed.signal.aborted)
      timer = setTimeout(() => void look(), everyMs);
  }

  return {
    async ended(renderingId, signal) {
      if (count >= MOST_WAITING) throw new Unavailable({ code: "busy", message: "Too many wait for videos already." });
      const until = AbortSignal.any([signal, closed.signal, AbortSignal.timeout(waitMs)]);
      count += 1;
      const tellers = waiting.get(renderingId) ?? new Set();
      waiting.set(renderingId, tellers);
      let tell: ((found: Rendering | undefined) => void) | undefined;
      try {
        return await new Promise((resolve, reject) => {
          const giveUp = () =>
            reject(new Unavailable({ code: "video_pending", message: "The video is still being made." }));
          if (until.aborted) return giveUp();
          until.addEventListener("abort", giveUp, { once: true });
          tell = resolve;
          tellers.add(resolve);
          lookSoon();
        });
      } finally {
        count -= 1;
        if (tell) tellers.delete(tell);
        if (tellers.size === 0 && waiting.get(renderingId) === tellers) waiting.delete(renderingId);
      }
    },
    close() {
      clearTimeout(timer);
      closed.abort();
    },
  };
}
