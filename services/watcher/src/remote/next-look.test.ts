import { expect, test } from "vitest";
import { nextLookMs } from "./next-look.ts";

test("a source that is well is looked at at its own interval", () => {
  expect(nextLookMs(60, 0, 0.9)).toBe(60_000);
});

test("after failures the pauses double up to a bound, with jitter", () => {
  expect([1, 2, 3, 4, 1000].map((failures) => nextLookMs(30, failures, 0))).toEqual([
    60_000, 120_000, 240_000, 300_000, 300_000,
  ]);
  expect(nextLookMs(30, 1, 0.5)).toBe(66_000);
});

test("the bound is never shorter than the source's own interval", () => {
  expect(nextLookMs(3600, 5, 0)).toBe(3_600_000);
});
