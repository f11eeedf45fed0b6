import type { Opened } from "../subscriber.ts";

interface Kept {
  opened: Promise<Opened | undefined>;
  users: number;
  isOld: boolean;
}

/**
 * Keeps what a subscriber opens between its calls: made at the first, shared by those at the same time, made anew after it was
 * given back as broken. It is closed when nobody uses it any more.
 */
export function keepOpen(open: (signal: AbortSignal) => Promise<Opened | undefined>) {
  let current: Kept | undefined;

  function retire(kept: Kept): void {
    kept.isOld = true;
    if (current === kept) current = undefined;
    if (kept.users === 0) void closed(kept);
  }

  return {
    async with<T>(
      signal: AbortSignal,
      work: (opened: Opened | undefined) => Promise<T>,
      isBroken: (error: unknown) => boolean,
    ): Promise<T> {
      current ??= { opened: open(signal), users: 0, isOld: false };
      const kept = current;
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
async function closed({ opened }: Kept): Promise<void> {
  try {
    await (await opened)?.close();
  } catch {
    // It is gone either way.
  }
}
