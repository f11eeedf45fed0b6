import type { Logger } from "@inlet/runtime";

/**
 * Renews a lease three times within its length, on a connection of its own. `signal` aborts when the lease is lost:
 * somebody else owns the work now, or may soon, because PostgreSQL has not been reached for a whole lease.
 */
export function heartbeat(
  renew: () => Promise<boolean>,
  leaseMs: number,
  logger: Logger,
): { signal: AbortSignal; stop(): void } {
  const lost = new AbortController();
  let renewedAtMs = performance.now();
  let renewing = false;
  const timer = setInterval(async () => {
    if (renewing) return;
    renewing = true;
    const startedMs = performance.now();
    try {
      if (await renew()) renewedAtMs = startedMs;
      else lost.abort(new Error("lease lost"));
    } catch (err) {
      logger.warn({ err }, "could not renew a lease");
    } finally {
      renewing = false;
    }
    if (performance.now() - renewedAtMs > leaseMs) lost.abort(new Error("lease not renewed in time"));
  }, leaseMs / 3);
  lost.signal.addEventListener("abort", () => clearInterval(timer));
  return { signal: lost.signal, stop: () => clearInterval(timer) };
}
