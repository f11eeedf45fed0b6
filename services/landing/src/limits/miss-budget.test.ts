import { expect, test } from "vitest";
import { createMissBudget, subscriberOf } from "./miss-budget.ts";

test("thirty misses at once, then one a second", () => {
  const budget = createMissBudget();
  for (let i = 0; i < 30; i++) {
    expect(budget.hasLeft("192.0.2.1", 0)).toBe(true);
    budget.charge("192.0.2.1", 0);
  }
  expect(budget.hasLeft("192.0.2.1", 0)).toBe(false);
  expect(budget.hasLeft("192.0.2.1", 900)).toBe(false);
  expect(budget.hasLeft("192.0.2.1", 1_000)).toBe(true);
  expect(budget.hasLeft("192.0.2.2", 0)).toBe(true);
});

test.each([
  ["192.0.2.1", "192.0.2.1"],
  ["::ffff:192.0.2.1", "::ffff:192.0.2.1"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2"],
  ["2001:db8:1:2::9", "2001:db8:1:2"],
  ["2001:db8::1", "2001:db8:0:0"],
  ["::1", "0:0:0:0"],
])("%s belongs to the subscriber %s", (address, subscriber) => {
  expect(subscriberOf(address)).toBe(subscriber);
});
