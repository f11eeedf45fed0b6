import { expect, test } from "vitest";
import { latestPull, nextPull } from "./pull-timing.ts";

const at = (time: string) => new Date(`2026-11-20T${time}Z`);

test("every quarter of an hour is on the quarter, strictly after", () => {
  expect(nextPull({ everyMinutes: 15 }, at("09:00:00"))).toEqual(at("09:15:00"));
  expect(nextPull({ everyMinutes: 15 }, at("09:14:59.999"))).toEqual(at("09:15:00"));
});

test("of the times that passed the latest is taken up, and never one before the first that was due", () => {
  expect(latestPull({ everyMinutes: 15 }, at("06:00:00"), at("09:20:00"))).toEqual(at("09:15:00"));
  expect(latestPull({ everyMinutes: 15 }, at("09:30:00"), at("09:30:00"))).toEqual(at("09:30:00"));
  const daily = { at: "daily 06:00", timezone: "Europe/Berlin" };
  expect(nextPull(daily, at("04:59:59"))).toEqual(at("05:00:00"));
  expect(latestPull(daily, new Date("2026-11-17T05:00:00Z"), at("09:00:00"))).toEqual(at("05:00:00"));
});
