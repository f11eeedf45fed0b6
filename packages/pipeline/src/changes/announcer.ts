import { type Changes, encodeChanges } from "./changes.ts";

/** Changes of so long go together: far below what a person sees, and a message each for a whole crowd of small files. */
const TOGETHER_MS = 75;

/** What changed since the last message, until it is sent. */
export interface Announcer {
  /** Never throws, never waits. */
  add(changes: Partial<Changes>): void;
  /** Sends what is left. */
  flush(): void;
}

/** Gathers changes and hands them on in messages, a moment later. What cannot be sent is forgotten: it is a hint. */
export function openAnnouncer(send: (message: string) => void): Announcer {
  const batches = new Set<number>();
  const runs = new Set<number>();
  let timer: NodeJS.Timeout | undefined;

  function flush(): void {
    clearTimeout(timer);
    timer = undefined;
    if (batches.size + runs.size === 0) return;
    const messages = encodeChanges({ batches: [...batches], runs: [...runs] });
    batches.clear();
    runs.clear();
    for (const message of messages) send(message);
  }

  return {
    add(changes) {
      for (const id of changes.batches ?? []) batches.add(id);
      for (const id of changes.runs ?? []) runs.add(id);
      timer ??= setTimeout(flush, TOGETHER_MS).unref();
    },
    flush,
  };
}
