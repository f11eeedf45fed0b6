import type { Comparison } from "@inlet/contracts";
import { expect, test } from "vitest";
import { rowOf } from "../row.ts";
import { compileCondition } from "./compile-condition.ts";
import { conditionWords } from "./condition-words.ts";

type Is = Comparison["is"];

function holds(cell: string | null, is: Is, value?: string | string[]): boolean {
  const comparison = { field: "a", is, ...(Array.isArray(value) ? { values: value } : { value }) } as Comparison;
  return compileCondition({ all: [comparison] })(rowOf({ a: cell }));
}

test.each<[string | null, Is, string | string[] | undefined, boolean]>([
  [null, "empty", undefined, true],
  ["  ", "empty", undefined, true],
  ["x", "empty", undefined, false],
  ["x", "filled", undefined, true],
  ["", "filled", undefined, false],
  [" Wien ", "equal", "wien", true],
  ["Zoe\u0308", "equal", "ZOË", true],
  ["Wien", "equal", "Graz", false],
  ["10.00", "equal", "10", true],
  ["007", "equal", "7", false],
  ["t", "equal", "true", true],
  ["f", "equal", "TRUE", false],
  [null, "equal", "x", false],
  [null, "not_equal", "x", true],
  ["x", "not_equal", "X", false],
  ["Graz", "one_of", ["wien", "graz"], true],
  ["5.0", "one_of", ["4", "5"], true],
  [null, "one_of", ["wien"], false],
  ["Neuwien", "containing", "WIEN", true],
  [null, "containing", "a", false],
  ["Wiener", "starting_with", "wien", true],
  ["Neuwien", "starting_with", "wien", false],
  ["10", "greater", "9", true],
  ["-10", "greater", "-9", false],
  ["-0.00", "at_least", "0", true],
  ["12345678901234567890.02", "greater", "12345678901234567890.01", true],
  ["0.10", "at_most", "0.1", true],
  ["ten", "greater", "9", false],
  ["ten", "less", "9", false],
  [null, "less", "9", false],
  ["2026-12-01", "at_least", "2026-12-01", true],
  ["2026-12-01", "less", "2027-01-01", true],
  ["2026-12-01 09:30:00+00", "at_most", "2026-12-01", true],
  ["2026-12-01 09:30:00+00", "greater", "2026-12-01T10:00:00+02:00", true],
  ["2026-02-31", "greater", "2026-01-01", false],
  ["2026-12-01", "greater", "9", false],
  ["9", "greater", "2026-12-01", false],
])("%j %s %j: %s", (cell, is, value, expected) => {
  expect(holds(cell, is, value)).toBe(expected);
});

test("a million zeros are looked at once", () => {
  const zeros = "0".repeat(1_000_000);
  expect(holds(`${zeros}7`, "greater", "6.9")).toBe(true);
  expect(holds(`1.${zeros}1`, "at_most", "1")).toBe(false);
  expect(holds(`${zeros}x`, "less", "1")).toBe(false);
  expect(holds(`1.${zeros}x`, "less", "2")).toBe(false);
});

test("all and any", () => {
  const filled = (field: string): Comparison => ({ field, is: "filled" });
  const row = rowOf({ a: "1" });
  expect(compileCondition({ all: [filled("a"), filled("b")] })(row)).toBe(false);
  expect(compileCondition({ any: [filled("b"), filled("a")] })(row)).toBe(true);
  expect(compileCondition({ any: [filled("constructor")] })(row)).toBe(false);
});

test("a condition in words", () => {
  expect(
    conditionWords({
      any: [
        { field: "country", is: "one_of", values: ["AT", "CH"] },
        { field: "due_on", is: "at_least", value: "2026-12-01" },
      ],
    }),
  ).toBe("country is one of “AT”, “CH” or due_on is at least 2026-12-01");
});
