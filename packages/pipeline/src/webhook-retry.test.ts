import { expect, test } from "vitest";
import { afterAttempt, causeToDisable } from "./webhook-retry.ts";

const failed = { status: 503, error: { code: "x", message: "x", retryable: true } };
const HOUR_MS = 3_600_000;

test("an event that was taken is done with", () => {
  expect(afterAttempt({ status: 204, error: null }, 1, 0)).toEqual({ action: "done" });
});

test("attempts come further and further apart, for some three days", () => {
  const delays = Array.from({ length: 10 }, (_, index) => afterAttempt(failed, index + 1, 0));
  expect(delays.map((each) => (each.action === "retry" ? each.delayMs / 1000 : each.action))).toEqual([
    5,
    300,
    1_800,
    7_200,
    18_000,
    36_000,
    50_400,
    72_000,
    86_400,
    "give up",
  ]);
  expect(afterAttempt(failed, 1, 0.999)).toEqual({ action: "retry", delayMs: 5_999 });
});

test.each([
  [1, 1, 5_000],
  [1, 60_000, 60_000],
  [1, 48 * HOUR_MS, 24 * HOUR_MS],
  [4, 60_000, 2 * HOUR_MS],
])("after attempt %i a receiver that asks for %i ms is left alone for %i ms", (attempts, retryAfterMs, delayMs) => {
  expect(afterAttempt({ ...failed, retryAfterMs }, attempts, 0)).toEqual({ action: "retry", delayMs });
});

test("a receiver that wants no more is told no more", () => {
  expect(afterAttempt({ ...failed, status: 410 }, 1, 0)).toEqual({ action: "give up" });
  expect(causeToDisable({ status: 410 }, new Date(), new Date())).toBe("gone");
});

test("one that fails is given up on after five days, not sooner", () => {
  const now = new Date("2026-11-20T09:00:00Z");
  const since = (hours: number) => new Date(now.getTime() - hours * HOUR_MS);
  expect(causeToDisable({ status: null }, since(119.9), now)).toBeUndefined();
  expect(causeToDisable({ status: null }, since(120), now)).toBe("failing");
});
