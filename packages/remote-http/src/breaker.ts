interface BreakerOptions {
  /** So many failures one after the other, and nothing is tried for a while. Default 8. */
  failures?: number;
  /** How long; it doubles while the first one after it fails as well. Default 15 s. */
  pauseMs?: number;
  /** Default 5 min. */
  longestPauseMs?: number;
  now?: () => number;
}

/** Leave to try something, to be given back; or how long nothing is tried. */
export type Leave = { ended(outcome: "well" | "badly" | "untried"): void } | { waitMs: number };

/**
 * Keeps from asking a system again and again that is down. Closed: all may try. After so many failures in a row it is open: nobody
 * may, for a while. Then half-open: one tries for all, and closes it, or opens it for twice as long.
 */
export function openBreaker({
  failures = 8,
  pauseMs = 15_000,
  longestPauseMs = 300_000,
  now = () => performance.now(),
}: BreakerOptions = {}) {
  let inARow = 0;
  let pauses = 0;
  let openUntilMs = 0;
  let isTrying = false;

  const state = (): "closed" | "open" | "half-open" =>
    pauses === 0 ? "closed" : now() < openUntilMs ? "open" : "half-open";

  return {
    state,
    take(): Leave {
      const taken = state();
      if (taken === "open") return { waitMs: openUntilMs - now() };
      if (taken === "half-open" && isTrying) return { waitMs: pauseMs };
      const isTrial = taken === "half-open";
      if (isTrial) isTrying = true;
      return {
        ended(outcome) {
          if (isTrial) isTrying = false;
          if (outcome === "untried") return;
          if (outcome === "well") {
            inARow = 0;
            pauses = 0;
            return;
          }
          inARow += 1;
          // What was under way when it opened says nothing new.
          if (inARow < failures || (pauses > 0 && !isTrial)) return;
          openUntilMs = now() + Math.min(longestPauseMs, pauseMs * 2 ** pauses);
          pauses += 1;
        },
      };
    },
  };
}

/** See {@link openBreaker}. */
export type Breaker = ReturnType<typeof openBreaker>;
