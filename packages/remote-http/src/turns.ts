/** Lets so many at a time, in the order in which they came; the others wait. */
export function openTurns(most: number) {
  let busy = 0;
  const waiting = new Set<() => void>();

  function end(): void {
    busy -= 1;
    const [next] = waiting;
    if (next === undefined) return;
    waiting.delete(next);
    next();
  }

  return {
    /**
     * Waits for a turn.
     * @returns ends it
     * @throws the signal's reason
     */
    async take(signal?: AbortSignal): Promise<() => void> {
      signal?.throwIfAborted();
      if (busy >= most) {
        await new Promise<void>((resolve, reject) => {
          const abort = () => {
            waiting.delete(go);
            reject(signal!.reason);
          };
          const go = () => {
            signal?.removeEventListener("abort", abort);
            // Taken here, not when the waiting one comes round to it: another might be quicker.
            busy += 1;
            resolve();
          };
          waiting.add(go);
          signal?.addEventListener("abort", abort, { once: true });
        });
      } else {
        busy += 1;
      }
      let hasEnded = false;
      return () => {
        if (!hasEnded) end();
        hasEnded = true;
      };
    },
  };
}
