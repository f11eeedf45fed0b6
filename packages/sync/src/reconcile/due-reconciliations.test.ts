import { expect, test } from "vitest";
import { latestDue } from "./due-reconciliations.ts";

const daily = { at: "daily 03:00", timezone: "Europe/Berlin" };

test.each([
  ["2026-11-20T01:59:00Z", undefined],
  ["2026-11-20T02:00:00Z", "2026-11-20T02:00:00.000Z"],
  // Of those that were missed the latest alone.
  ["2026-11-23T12:00:00Z", "2026-11-23T02:00:00.000Z"],
])("at %s the comparison of %s is due", (now, due) => {
  expect(latestDue(daily, new Date("2026-11-19T12:00:00Z"), new Date(now))?.toISOString()).toBe(due);
});
