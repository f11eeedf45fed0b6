import { expect, test } from "vitest";
import { triggerOf, triggerText } from "./trigger.ts";

test.each([
  "daily 09:00",
  "weekdays 06:30",
  "weekly monday 09:00",
  "monthly 1 07:00",
  "monthly last 07:00",
  "0 9 * * 1-5",
])("%s is read into its parts, and written again", (at) => {
  expect(triggerText(triggerOf(at))).toBe(at);
});

test("what a person may write otherwise is understood", () => {
  expect(triggerOf(" Weekly Friday 7:05")).toMatchObject({ every: "week", weekday: "friday", time: "07:05" });
  expect(triggerOf("0 9 * * 1-5")).toMatchObject({ every: "cron", cron: "0 9 * * 1-5" });
  expect(triggerOf("")).toMatchObject({ every: "cron", cron: "" });
});
