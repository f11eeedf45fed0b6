import type { Opened } from "../subscriber.ts";

interface Kept {
  opened: Promise<Opened | undefined>;
  /** It outlives the call that it was opened for. */
  life: AbortController;
  users: number;
  isOld: boolean;
}

/**
 * Keeps what a subscriber opens between its calls: made at the first, shared by those at the same time, made anew after it was
 * given back as broken. It is closed when nobody uses it any more; its signal ends just before that.
 */
export function keepOpen(open: (signal: AbortSignal) => Promise<Opened | undefined>) {
  let current: Kept | undefined;

  function begin(): Kept {
    const life = new AbortController();
    current = { opened: open(life.signal), life, users: 0, isOld: false };
    return current;
  }

  function retire(kept: Kept): void {
    kept.isOld = true;
    if (current === kept) current = undefined;
    if (kept.users === 0) void closed(kept);
  }

  return {
    async with<T>(work: (opened: Opened | undefined) => Promise<T>, isBroken: (error: unknown) => boolean): Promise<T> {
      const kept = current ?? begin();
      kept.users += 1;
      try {
        return await work(await kept.opened);
      } catch (error) {
        if (
          isBroken(error) ||
          (await kept.opened.then(
            () => false,
            () => true,
          ))
        )
          retire(kept);
        throw error;
      } finally {
        kept.users -= 1;
        if (kept.isOld && kept.users === 0) await closed(kept);
      }
    },
    async close(): Promise<void> {
      const kept = current;
      if (kept === undefined) return;
      current = undefined;
      kept.isOld = true;
      if (kept.users === 0) await closed(kept);
    },
  };
}

/** Who closes something has no use for what goes wrong in it. */
async function closed({ opened, life }: Kept): Promise<void> {
  life.abort();
  try {
    await (await opened)?.close();
  } catch {
    // It is gone either way.
  }
}
