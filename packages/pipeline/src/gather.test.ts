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
