import { expect, test } from "vitest";
import { gridOf, namedPoints } from "./chart-scale.ts";

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
