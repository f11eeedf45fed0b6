import { expect, test } from "vitest";
import { fromFirst, gridOf, namedPoints } from "./chart-scale.ts";

test.each([
  [0, [0, 1]],
  [1, [0, 1]],
  [3, [0, 1, 2, 3]],
  [7, [0, 2, 4, 6, 8]],
  [100, [0, 25, 50, 75, 100]],
  [101, [0, 50, 100, 150]],
  [123_456, [0, 50_000, 100_000, 150_000]],
])("the grid of %i", (greatest, lines) => {
  expect(gridOf(greatest)).toEqual(lines);
});

test("few points have all their names, many have some, and the last one is named", () => {
  expect(namedPoints(3, 8)).toEqual([0, 1, 2]);
  expect(namedPoints(31, 8)).toEqual([2, 6, 10, 14, 18, 22, 26, 30]);
});

test("a series begins just before the first thing that happened, and is a week long at least", () => {
  const point = (from: string, sent: number) => ({ from, sent, seen: 0, played: 0, completed: 0, clicked: 0 });
  const days = (sentOn: number) => Array.from({ length: 30 }, (_, day) => point(`${day}`, day === sentOn ? 9 : 0));
  expect(fromFirst(days(10))[0]!.from).toBe("9");
  expect(fromFirst(days(29))[0]!.from).toBe("23");
  expect(fromFirst(days(0))).toHaveLength(30);
  expect(fromFirst(days(-1))).toHaveLength(30);
});
