import { expect, test } from "vitest";
import { createEventBudget } from "./event-budget.ts";

test("a link's events are counted up to its budget, and again after a while", () => {
  const budget = createEventBudget();
  const taken = Array.from({ length: 70 }, () => budget.take("1:1", 0)).filter(Boolean);
  expect(taken).toHaveLength(60);
  expect(budget.take("1:2", 0)).toBe(true);
  expect([budget.take("1:1", 9_000), budget.take("1:1", 11_000), budget.take("1:1", 11_001)]).toEqual([
    false,
    true,
    false,
  ]);
});
