import { expect, test } from "vitest";
import { cronOf, daysBefore, localDay, localTime, nextDue, nextDues, passed, shortestPauseMs } from "./timing.ts";

const dues = (at: string, timezone: string, after: string, count: number) =>
  nextDues({ at, timezone }, new Date(after), count).map((due) => due.toISOString());

test.each([
  ["daily 09:00", "0 9 * * *"],
  ["Daily 9:05", "5 9 * * *"],
  ["weekdays 06:30", "30 6 * * 1-5"],
  ["weekly monday 09:00", "0 9 * * 1"],
  ["weekly Sunday 23:59", "59 23 * * 0"],
  ["monthly 1 07:00", "0 7 1 * *"],
  ["monthly last 07:00", "0 7 L * *"],
  ["*/15 8-18 * * MON-FRI", "*/15 8-18 * * MON-FRI"],
])("%s is %s", (at, cron) => expect(cronOf(at)).toBe(cron));

test("a due time is strictly after the moment it is asked for", () => {
  const timing = { at: "daily 09:00", timezone: "UTC" };
  expect(nextDue(timing, new Date("2026-11-20T08:59:59.999Z"))).toEqual(new Date("2026-11-20T09:00:00Z"));
  expect(nextDue(timing, new Date("2026-11-20T09:00:00Z"))).toEqual(new Date("2026-11-21T09:00:00Z"));
});

test.each([
  ["Europe/Berlin", "2026-03-28T12:00:00Z", ["2026-03-29T01:00:00.000Z", "2026-03-30T00:30:00.000Z"]],
  ["America/New_York", "2026-03-07T12:00:00Z", ["2026-03-08T07:00:00.000Z", "2026-03-09T06:30:00.000Z"]],
  ["Asia/Kolkata", "2026-03-28T12:00:00Z", ["2026-03-28T21:00:00.000Z", "2026-03-29T21:00:00.000Z"]],
])("02:30, which %s may leave out in spring, is due once, at the next moment there is", (timezone, after, expected) => {
  expect(dues("daily 02:30", timezone, after, 2)).toEqual(expected);
});

test.each([
  ["Europe/Berlin", "02:30", "2026-10-24T12:00:00Z", ["2026-10-25T00:30:00.000Z", "2026-10-26T01:30:00.000Z"]],
  ["America/New_York", "01:30", "2026-10-31T12:00:00Z", ["2026-11-01T05:30:00.000Z", "2026-11-02T06:30:00.000Z"]],
  ["Asia/Kolkata", "02:30", "2026-10-24T22:00:00Z", ["2026-10-25T21:00:00.000Z", "2026-10-26T21:00:00.000Z"]],
])("a local time that %s passes twice in autumn (%s) is due once", (timezone, time, after, expected) => {
  expect(dues(`daily ${time}`, timezone, after, 2)).toEqual(expected);
});

test("09:00 stays 09:00 on the clocks on both sides of a change", () => {
  for (const timezone of ["Europe/Berlin", "America/New_York"]) {
    for (const after of ["2026-03-05T12:00:00Z", "2026-10-20T12:00:00Z"]) {
      const found = nextDues({ at: "daily 09:00", timezone }, new Date(after), 30);
      expect(new Set(found.map((due) => localTime(due, timezone).slice(11)))).toEqual(new Set(["09:00"]));
      expect(new Set(found.map((due) => localDay(due, timezone))).size).toBe(30);
    }
  }
});

test("a schedule of every half hour goes on evenly through both changes", () => {
  for (const after of ["2026-03-28T22:00:00Z", "2026-10-24T22:00:00Z"]) {
    const found = nextDues({ at: "*/30 * * * *", timezone: "Europe/Berlin" }, new Date(after), 14);
    const pauses = found.slice(1).map((due, place) => due.getTime() - found[place]!.getTime());
    expect(new Set(pauses)).toEqual(new Set([30 * 60_000]));
  }
});

test("midnight that a zone leaves out is due when its day begins", () => {
  expect(dues("daily 00:00", "America/Santiago", "2026-09-05T12:00:00Z", 2)).toEqual([
    "2026-09-06T04:00:00.000Z",
    "2026-09-07T03:00:00.000Z",
  ]);
});

test("of the times that passed the latest is taken up, and the others are skipped", () => {
  const timing = { at: "daily 09:00", timezone: "UTC" };
  const first = new Date("2026-11-20T09:00:00Z");
  expect(passed(timing, first, new Date("2026-11-20T09:00:05Z"))).toEqual({ latest: first, skipped: [] });
  expect(passed(timing, first, new Date("2026-11-22T10:00:00Z"))).toEqual({
    latest: new Date("2026-11-22T09:00:00Z"),
    skipped: [first, new Date("2026-11-21T09:00:00Z")],
  });
});

test("a schedule of every minute that stood still for months skips a hundred and takes up the newest", () => {
  const now = new Date("2026-11-20T09:00:30Z");
  const { latest, skipped } = passed({ at: "* * * * *", timezone: "UTC" }, new Date("2026-01-01T00:00:00Z"), now);
  expect(latest).toEqual(new Date("2026-11-20T09:00:00Z"));
  expect(skipped).toHaveLength(100);
  expect(skipped.at(-1)).toEqual(new Date("2026-11-20T08:59:00Z"));
});

test("a schedule of many times on few days takes up the newest, too, however long ago that was", () => {
  const timing = { at: "*/5 * * * 1", timezone: "UTC" };
  const now = new Date("2026-11-20T09:00:00Z");
  const { latest, skipped } = passed(timing, new Date("2026-11-02T00:00:00Z"), now);
  expect(latest).toEqual(new Date("2026-11-16T23:55:00Z"));
  expect(skipped).toHaveLength(100);
  expect(skipped.at(-1)).toEqual(new Date("2026-11-16T23:50:00Z"));
});

test.each([
  ["daily 02:30", "Europe/Berlin"],
  ["*/30 * * * *", "Europe/Berlin"],
  ["daily 01:30", "America/New_York"],
  ["daily 00:00", "America/Santiago"],
  ["monthly last 07:00", "Asia/Kolkata"],
])("%s in %s passes at the times at which it is due, also when the clocks change", (at, timezone) => {
  for (const now of ["2026-03-09T12:00:00Z", "2026-03-30T12:00:00Z", "2026-09-07T12:00:00Z", "2026-10-26T12:00:00Z"]) {
    const first = nextDue({ at, timezone }, new Date(Date.parse(now) - (at.startsWith("m") ? 90 : 2) * 86_400_000))!;
    const { latest, skipped } = passed({ at, timezone }, first, new Date(now));
    const all = [...skipped, latest];
    expect(all).toEqual([first, ...nextDues({ at, timezone }, first, all.length - 1)]);
    expect(nextDue({ at, timezone }, latest)!.getTime()).toBeGreaterThan(Date.parse(now));
  }
});

test("a day that never comes is due never, and nonsense is refused with its reason", () => {
  expect(nextDue({ at: "0 9 31 2 *", timezone: "UTC" }, new Date())).toBeNull();
  expect(() => nextDue({ at: "61 9 * * *", timezone: "UTC" }, new Date())).toThrow(
    /61 9 \* \* \* is no schedule: .*61/,
  );
});

test("days are counted in the calendar, and the shortest pause is found", () => {
  expect(daysBefore("2026-03-01", "2026-02-28")).toBe(1);
  expect(daysBefore("2026-03-30", "2026-03-29")).toBe(1);
  expect(daysBefore("2026-11-20", "2026-11-21")).toBe(-1);
  expect(shortestPauseMs({ at: "0 9,17 * * *", timezone: "UTC" }, new Date("2026-01-01T00:00:00Z"))).toBe(
    8 * 3_600_000,
  );
  expect(localDay(new Date("2026-11-20T23:30:00Z"), "Europe/Berlin")).toBe("2026-11-21");
});
