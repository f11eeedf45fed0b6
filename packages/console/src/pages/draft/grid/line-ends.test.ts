import { expect, test } from "vitest";
import { hasLines, withLineEndsOf } from "./line-ends.ts";

test.each([
  ["a\r\nb", "a\nc\nd", "a\r\nc\r\nd"],
  ["a\rb", "a\nc", "a\rc"],
  ["a\nb", "a\nc", "a\nc"],
  ["a\r\nb\nc", "a\nb\nd", "a\nb\nd"],
  ["ab", "a\nb", "a\nb"],
])("what was %j keeps its line ends as %j is typed", (before, typed, expected) => {
  expect(withLineEndsOf(before, typed)).toBe(expected);
});

test("a cell of several lines is known by any of its line ends", () => {
  expect(["ab", "a\tb", "a\nb", "a\rb"].map(hasLines)).toEqual([false, false, true, true]);
});
