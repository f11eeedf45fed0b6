import { Unavailable } from "@inlet/contracts";
import { type Database, renewLease } from "@inlet/database";

/** Throws when the step is no longer ours. Asked just before anything that a client can see. */
export type Fence = () => Promise<void>;

/** The step has gone to another worker: everything else is that one's to do. */
export class StepLost extends Unavailable {
  constructor() {
    super({ code: "step_lost", message: "The delivery is another worker's by now." });
  }
}

/**
 * A worker that was frozen may come back long after its step has gone to another one, and before its heartbeat finds out;
 * files know no fencing. So PostgreSQL is asked first; its answer, as the claim's itself, holds for half a lease.
 */
export function openFence(
  database: Database,
  { stepId, epoch }: { stepId: number; epoch: number },
  { leaseMs, claimedAtMs }: { leaseMs: number; claimedAtMs: number },
): Fence {
  let sureUntilMs = claimedAtMs + leaseMs / 2;
  return async () => {
    const nowMs = performance.now();
    if (nowMs < sureUntilMs) return;
    if (!(await renewLease(database, { stepId, epoch, leaseMs }))) throw new StepLost();
    sureUntilMs = nowMs + leaseMs / 2;
  };
}
