import type { Logger } from "@inlet/runtime";

/** A claimed step as its lease sees it. */
interface Leased {
  stepId: number;
  epoch: number;
}

/** The lease on one step. */
export interface Lease {
  /** Aborts when the lease is lost, or the service stops: whoever works on the step ends soon. */
  readonly signal: AbortSignal;
  /** Somebody else owns the step now, or may soon, because PostgreSQL has not been reached for a whole lease. */
  readonly isLost: boolean;
  release(): void;
}

/** The leases of one worker. */
export interface Leases {
  /** From the moment of the claim on: `claimedAtMs` on the clock of `performance.now()`, before the claim was sent. */
  hold(step: Leased, claimedAtMs: number): Lease;
  /** Aborts the work on all steps, also on those that are claimed from now on: the service stops. */
  interrupt(): void;
  close(): void;
}

interface Held {
  step: Leased;
  renewedAtMs: number;
  isLost: boolean;
  abort: AbortController;
}

const STOPPING = new Error("the service stops");

/**
 * Renews the leases of all the steps that a worker holds, three times within their length, in one statement on a
 * connection of its own: a step that takes milliseconds costs no renewal and no timer. `renew` resolves to those that are
 * still ours, and whether each was renewed. One that was not renewed for a whole lease counts as lost, also while PostgreSQL
 * owes an answer.
 */
export function openLeases(
  renew: (steps: readonly Leased[]) => Promise<ReadonlyMap<number, { isRenewed: boolean }>>,
  leaseMs: number,
  logger: Logger,
): Leases {
  const all = new Set<Held>();
  let isRenewing = false;
  let isInterrupted = false;

  function lose(held: Held, why: string): void {
    held.isLost = true;
    held.abort.abort(new Error(why));
    all.delete(held);
  }

  async function renewAll(): Promise<void> {
    const held = [...all];
    if (held.length === 0) return;
    isRenewing = true;
    const startedMs = performance.now();
    try {
      const ours = await renew(held.map(({ step }) => step));
      for (const each of held) {
        const found = ours.get(each.step.stepId);
        if (found?.isRenewed) each.renewedAtMs = startedMs;
        // One that ended while it was asked for is nobody's loss.
        else if (found === undefined && all.has(each)) lose(each, "lease lost");
      }
    } catch (err) {
      logger.warn({ err, steps: held.length }, "could not renew leases");
    } finally {
      isRenewing = false;
    }
  }

  function loseOverdue(): void {
    for (const each of all) {
      if (performance.now() - each.renewedAtMs > leaseMs) lose(each, "lease not renewed in time");
    }
  }

  const timer = setInterval(async () => {
    // A process that was frozen asks first: its leases may not have been taken yet.
    if (!isRenewing) await renewAll();
    loseOverdue();
  }, leaseMs / 3);
  return {
    hold(step, claimedAtMs) {
      const held: Held = { step, renewedAtMs: claimedAtMs, isLost: false, abort: new AbortController() };
      all.add(held);
      if (isInterrupted) held.abort.abort(STOPPING);
      return {
        signal: held.abort.signal,
        get isLost() {
          return held.isLost;
        },
        release: () => all.delete(held),
      };
    },
    interrupt() {
      isInterrupted = true;
      for (const { abort } of all) abort.abort(STOPPING);
    },
    close: () => clearInterval(timer),
  };
}
