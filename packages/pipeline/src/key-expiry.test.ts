import { expect, test } from "vitest";
import { dueWarning } from "./key-expiry.ts";

const DAY_MS = 24 * 60 * 60_000;

test.each([
  [30.001, undefined],
  [30, 30],
  [7.001, 30],
  [7, 7],
  [1.001, 7],
  [1, 1],
  [0.001, 1],
  [0, 0],
  [-400, 0],
])("with %d days left the warning of %s days is due", (days, warning) => {
  expect(dueWarning(days * DAY_MS)).toBe(warning);
});
