import { expect, test } from "vitest";
import { createGate } from "./gate.ts";

test("so many at once, the others in their order", async () => {
  const gate = createGate({ atOnce: 2, maxWaiting: 10, maxWaitMs: 10_000 });
  const begun: number[] = [];
  const ends: (() => void)[] = [];
  const runs = [0, 1, 2, 3].map((n) =>
    gate.run(async () => {
      begun.push(n);
      await new Promise<void>((resolve) => ends.push(resolve));
      return n;
    }),
  );
  await expect.poll(() => begun).toEqual([0, 1]);
  ends[1]!();
  await expect.poll(() => begun).toEqual([0, 1, 2]);
  ends[0]!();
  await expect.poll(() => begun).toEqual([0, 1, 2, 3]);
  ends[2]!();
  ends[3]!();
  expect(await Promise.all(runs)).toEqual([0, 1, 2, 3]);
});

test("a failure makes room like a success", async () => {
  const gate = createGate({ atOnce: 1, maxWaiting: 1, maxWaitMs: 10_000 });
  await expect(gate.run(() => Promise.reject(new Error("broken")))).rejects.toThrow("broken");
  expect(await gate.run(async () => "fine")).toBe("fine");
});

test("a full line turns away at once, and a long wait ends", async () => {
  const gate = createGate({ atOnce: 1, maxWaiting: 1, maxWaitMs: 20 });
  let end = () => {};
  const first = gate.run(() => new Promise<void>((resolve) => (end = resolve)));
  const second = gate.run(async () => "never begun");
  await expect(gate.run(async () => "never begun")).rejects.toMatchObject({ code: "busy", retryable: true });
  await expect(second).rejects.toMatchObject({ code: "busy" });
  end();
  await first;
  expect(await gate.run(async () => "fine")).toBe("fine");
});
