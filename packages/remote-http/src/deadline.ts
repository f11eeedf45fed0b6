/** Ends when its time is over, or with another signal. To be closed, so that neither timer nor listener stays. */
export function openDeadline(timeoutMs: number, given?: AbortSignal) {
  const controller = new AbortController();
  let hasPassed = false;
  const timer = setTimeout(() => {
    hasPassed = true;
    controller.abort();
  }, timeoutMs);
  const abort = () => controller.abort();
  if (given?.aborted) abort();
  given?.addEventListener("abort", abort, { once: true });
  return {
    signal: controller.signal,
    /** The time is over. */
    hasPassed: () => hasPassed,
    close() {
      clearTimeout(timer);
      given?.removeEventListener("abort", abort);
    },
  };
}
