import { expect, test } from "vitest";
import { gather } from "./gather.ts";

const settled = (work: Promise<unknown>[]) => Promise.allSettled(work);

test("what is asked at once goes into one call, and each gets its own result", async () => {
  const calls: number[][] = [];
  const double = gather<number, number>(async (items) => {
    calls.push([...items]);
    return items.map((item) => item * 2);
  });
  expect(await Promise.all([1, 2, 3].map(double))).toEqual([2, 4, 6]);
  expect(calls).toEqual([[1, 2, 3]]);
});

test("what is asked while a call runs waits for the next one, and no call takes too many", async () => {
  const calls: number[][] = [];
  const first = Promise.withResolvers<void>();
  const same = gather<number, number>(
    async (items) => {
      calls.push([...items]);
      if (calls.length === 1) await first.promise;
      return items;
    },
    { most: 2 },
  );
  const before = same(1);
  await new Promise((resolve) => setImmediate(resolve));
  const after = [2, 3, 4].map(same);
  await new Promise((resolve) => setImmediate(resolve));
  expect(calls).toEqual([[1]]);
  first.resolve();
  expect(await Promise.all([before, ...after])).toEqual([1, 2, 3, 4]);
  expect(calls).toEqual([[1], [2, 3], [4]]);
});

test("when a group fails, each of it is tried alone: one's fault is its own", async () => {
  const calls: number[][] = [];
  const work = gather<number, number>(async (items) => {
    calls.push([...items]);
    if (items.includes(2)) throw new Error("two");
    return items;
  });
  const results = await settled([1, 2, 3].map(work));
  expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  expect(calls).toEqual([[1, 2, 3], [1], [2], [3]]);
  expect(await work(4)).toBe(4);
});

test("a call that waits for something holds up none that comes later, and there are never too many calls", async () => {
  let calls = 0;
  let most = 0;
  const locked = Promise.withResolvers<void>();
  const work = gather<number, number>(async (items) => {
    calls += 1;
    most = Math.max(most, calls);
    if (items.some((item) => item < 10)) await locked.promise;
    calls -= 1;
    return items;
  });
  const begun = async (n: number) => {
    const asked = work(n);
    await expect.poll(() => calls).toBe(n);
    return { asked };
  };
  const stuck = [await begun(1)];
  for (const n of [2, 3]) {
    expect(await work(n * 10)).toBe(n * 10);
    stuck.push(await begun(n));
  }
  expect(await work(40)).toBe(40);
  stuck.push(await begun(4));
  const last = work(50);
  await new Promise((resolve) => setImmediate(resolve));
  locked.resolve();
  expect(await Promise.all([...stuck.map(({ asked }) => asked), last])).toEqual([1, 2, 3, 4, 50]);
  expect(most).toBe(4);
});
