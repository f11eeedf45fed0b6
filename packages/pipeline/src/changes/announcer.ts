import { CHANGES_LOST, type Changes, encodeChanges } from "./changes.ts";

/** Changes of so long go together: far below what a person sees, and a message each for a whole crowd of small files. */
const TOGETHER_MS = 75;

/** What changed since the last message, until it is sent. */
export interface Announcer {
  /** Never throws, never waits. */
  add(changes: Partial<Changes>): void;
  /** Sends what is left. */
  flush(): void;
  /** Says that some could not be sent, if so: now they can be. */
  resume(): void;
}

/**
 * Gathers changes and hands them on in messages, a moment later. What cannot be sent is forgotten, because it is a hint; that
 * it was is said afterwards: the listeners' own connections may have been whole all the while.
 * @param send rejects what cannot be sent
 */
export function openAnnouncer(send: (message: string) => Promise<unknown>): Announcer {
  const batches = new Set<number>();
  const runs = new Set<number>();
  let isLost = false;
  let timer: NodeJS.Timeout | undefined;

  function sendOrNote(message: string): void {
    send(message).catch(() => {
      isLost = true;
    });
  }

  function flush(): void {
    clearTimeout(timer);
    timer = undefined;
    if (batches.size + runs.size === 0) return;
    const messages = encodeChanges({ batches: [...batches], runs: [...runs] });
    batches.clear();
    runs.clear();
    for (const message of messages) sendOrNote(message);
  }

  return {
    add(changes) {
      for (const id of changes.batches ?? []) batches.add(id);
      for (const id of changes.runs ?? []) runs.add(id);
      timer ??= setTimeout(flush, TOGETHER_MS).unref();
    },
    flush,
    resume() {
      if (!isLost) return;
      isLost = false;
      sendOrNote(CHANGES_LOST);
    },
  };
}
