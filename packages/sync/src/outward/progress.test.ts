import { expect, test } from "vitest";
import { Progress } from "./progress.ts";

test("the mark passes what is settled, and stops at what is not", () => {
  const progress = new Progress<number>(10);
  const [a, b, c] = [11, 15, 16].map((mark) => progress.add(mark));
  progress.settle(b!);
  expect([progress.mark, progress.length, progress.takePassed()]).toEqual([10, 3, 0]);
  progress.settle(a!);
  expect([progress.mark, progress.length, progress.takePassed(), progress.takePassed()]).toEqual([15, 1, 2, 0]);
  progress.settle(c!);
  expect([progress.mark, progress.length]).toEqual([16, 0]);
});

test("a hundred thousand places in any order", () => {
  const progress = new Progress<number>(0);
  const places = Array.from({ length: 100_000 }, (_, n) => progress.add(n + 1));
  const [first, ...others] = places;
  for (const place of others.reverse()) progress.settle(place);
  expect(progress.mark).toBe(0);
  progress.settle(first!);
  expect(progress.mark).toBe(100_000);
  expect(progress.add(100_001)).toBeDefined();
  expect(progress.length).toBe(1);
});
