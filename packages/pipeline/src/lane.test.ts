import { expect, test } from "vitest";
import { openLane } from "./lane.ts";

const turn = () => new Promise((resolve) => setImmediate(resolve));

test("so many at once and no more, in their order, also after one that failed", async () => {
  const inLane = openLane(2);
  const begun: number[] = [];
  const ends = [1, 2, 3, 4].map(() => Promise.withResolvers<void>());
  const all = ends.map(({ promise }, n) =>
    inLane(async () => {
      begun.push(n);
      await promise;
    }),
  );
  const outcomes = Promise.allSettled(all);
  await turn();
  expect(begun).toEqual([0, 1]);
  ends[1]!.reject(new Error("no"));
  await turn();
  expect(begun).toEqual([0, 1, 2]);
  for (const { resolve } of ends) resolve();
  expect((await outcomes).map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled", "fulfilled"]);
  expect(begun).toEqual([0, 1, 2, 3]);
});
