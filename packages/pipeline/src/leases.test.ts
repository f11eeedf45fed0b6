import { createLogger } from "@inlet/runtime";
import { expect, test } from "vitest";
import { openLeases } from "./leases.ts";

const LEASE_MS = 150;
const logger = createLogger("test", "fatal");
const step = (stepId: number) => ({ stepId, epoch: 1 });
const lost = ({ signal }: { signal: AbortSignal }) =>
  new Promise<string>((resolve) => signal.addEventListener("abort", () => resolve((signal.reason as Error).message)));

test("what is renewed is kept; what is no longer ours, or was passed over for a whole lease, is lost", async () => {
  const renewals: number[] = [];
  const leases = openLeases(
    async (steps) => {
      renewals.push(steps.length);
      const ours = steps.filter(({ stepId }) => stepId !== 3);
      return new Map(ours.map(({ stepId }) => [stepId, { isRenewed: stepId === 1 }]));
    },
    LEASE_MS,
    logger,
  );
  const [kept, passedOver, taken] = [1, 2, 3].map((id) => leases.hold(step(id), performance.now()));
  expect(await lost(taken!)).toBe("lease lost");
  expect(renewals).toEqual([3]);
  expect(passedOver!.isLost).toBe(false);
  expect(await lost(passedOver!)).toBe("lease not renewed in time");
  expect(kept!.signal.aborted).toBe(false);
  leases.close();
});

test("a renewal that is never answered loses the leases when they have run out", async () => {
  const leases = openLeases(() => new Promise(() => {}), LEASE_MS, logger);
  const lease = leases.hold(step(1), performance.now());
  expect(await lost(lease)).toBe("lease not renewed in time");
  expect(lease.isLost).toBe(true);
  leases.close();
});
