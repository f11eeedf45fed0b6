import type { Logger } from "@inlet/runtime";

/**
 * Does something again and again, with a pause of `everyMs` after each time. What it throws is logged, and it is done
 * again. `close` waits for the one under way.
 */
export function every(
  everyMs: number,
  what: string,
  work: () => Promise<void>,
  logger: Logger,
): { close(): Promise<void> } {
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let underWay: Promise<void> = Promise.resolve();

  const turn = async () => {
    try {
      await work();
    } catch (err) {
      logger.warn({ err, what }, "failed; will be done again");
    }
    if (!stopped) timer = setTimeout(begin, everyMs);
  };
  const begin = () => {
    underWay = turn();
  };
  begin();
  return {
    async close() {
      stopped = true;
      clearTimeout(timer);
      await underWay;
    },
  };
}
