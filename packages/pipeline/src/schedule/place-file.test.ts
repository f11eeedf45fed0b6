import { scheduleRunSchema } from "@inlet/contracts";
import type { LastRun } from "@inlet/database";
import { expect, test } from "vitest";
import { type Calendar, placeFile } from "./place-file.ts";

const last = (overrides: Partial<LastRun> = {}): LastRun => ({
  ...{ id: 7, key: "2026-11-20 09:00 Europe/Berlin", timezone: "Europe/Berlin", isGathering: false, batches: [] },
  dueAt: new Date("2026-11-20T08:00:00Z"),
  ...overrides,
});
const calendar = (run: object, overrides: Partial<Calendar> = {}): Calendar => ({
  run: scheduleRunSchema.parse({
    group: "schedule",
    at: "daily 09:00",
    timezone: "Europe/Berlin",
    expect: ["store"],
    ...run,
  }),
  nextDue: new Date("2026-11-21T08:00:00Z"),
  last: last(),
  loaded: [],
  ...overrides,
});
const place = (date: string | null, given: Calendar, tableName: string | null = "store") => {
  const placement = placeFile({ fileName: `${tableName}-${date}.tsv`, tableName, date }, given);
  return placement.to === "none" ? placement.refusal.code : placement.to;
};
const DATES = { window: { by: "date", daysBefore: 0 } };

test.each([
  ["by arrival what comes goes into the next run", "2020-01-01", {}, {}, "next"],
  ["by arrival a late one goes there, too, unless the profile says so", "2026-11-20", { late: "reopen" }, {}, "run"],
  ["what comes while the run waits for files is in it", null, {}, { last: last({ isGathering: true }) }, "run"],
  ["by date it is in it if its date is", "2026-11-21", DATES, { last: last({ isGathering: true }) }, "next"],
  ["by date today's is for the next run", "2026-11-21", DATES, {}, "next"],
  ["by date yesterday's, which was missing, reopens its run", "2026-11-20", DATES, {}, "run"],
  ["unless late files are rejected", "2026-11-20", { ...DATES, late: "reject" }, {}, "file_late"],
  ["tomorrow's is refused", "2026-11-22", DATES, {}, "date_not_expected"],
  ["or taken along", "2026-11-22", { ...DATES, wrongDate: "next" }, {}, "next"],
  ["an older day's is refused", "2026-11-18", DATES, {}, "date_not_expected"],
  ["unless the window has it", "2026-11-18", { window: { by: "date", daysBefore: 3 } }, { last: undefined }, "next"],
  ["a name without a date fits", null, DATES, { last: undefined }, "next"],
  ["without a due time any date waits", "2026-11-22", DATES, { nextDue: null, last: undefined }, "next"],
] as const)("%s", (_, date, run, overrides, expected) => {
  expect(place(date, calendar(run, overrides as Partial<Calendar>))).toBe(expected);
});

test("the days are those of the project's zone: 23:30 UTC is tomorrow in Berlin", () => {
  const night = calendar(DATES, { nextDue: new Date("2026-11-20T23:30:00Z"), last: undefined });
  expect(place("2026-11-21", night)).toBe("next");
  expect(place("2026-11-20", night)).toBe("date_not_expected");
});

test("a day that was imported is refused, or taken along; only of its own table, and only by date", () => {
  const loaded = [{ tableName: "store", fileDate: "2026-11-21", batchId: 5, importedAt: new Date() }];
  expect(place("2026-11-21", calendar(DATES, { loaded }))).toBe("day_loaded_already");
  expect(place("2026-11-21", calendar({ ...DATES, loadedAgain: "next" }, { loaded }))).toBe("next");
  expect(place("2026-11-21", calendar(DATES, { loaded }), "sku")).toBe("next");
  expect(place("2026-11-21", calendar({}, { loaded }))).toBe("next");
});

test("a file of a name that failed in the last run goes there, until it has gone well", () => {
  const batch = { tableName: "store", fileName: "STORE-2026-11-20.tsv", reasonCode: null };
  const failed = { ...batch, status: "rejected" as const };
  const given = (...batches: LastRun["batches"]) => calendar({ late: "reject" }, { last: last({ batches }) });
  expect(place("2026-11-20", given(failed))).toBe("run");
  expect(place("2026-11-20", given(failed, { ...batch, status: "completed" }))).toBe("next");
});

test("a table that the last run had is not late, and neither is one that nobody expected, by arrival", () => {
  const batches = [{ tableName: "store", fileName: "store-a.tsv", status: "completed" as const, reasonCode: null }];
  expect(place("2026-11-20", calendar({ late: "reopen" }, { last: last({ batches }) }))).toBe("next");
  expect(place("2026-11-20", calendar({ late: "reopen" }), "sku")).toBe("next");
});

test("a file that a run was given up for want of goes there, whatever becomes of late ones; a run without files keeps none for it", () => {
  const given = { tableName: "sales", fileName: "sales.tsv", status: "failed" as const, reasonCode: "run_incomplete" };
  const fails = { expect: ["store", "sales"], missing: { action: "fail" } };
  const by = (run: object, ...batches: LastRun["batches"]) => calendar(run, { last: last({ batches }) });
  for (const late of ["next", "reject"]) expect(place(null, by({ ...fails, late }, given))).toBe("run");
  expect(place("2026-11-20", by({ ...fails, ...DATES, late: "next" }, given))).toBe("run");
  expect(place("2026-11-21", by({ ...fails, ...DATES }, given))).toBe("next");
  expect(place(null, by(fails))).toBe("next");
  expect(place(null, by(fails, given), "sku")).toBe("next");
  expect(place(null, by({ ...fails, missing: { action: "continue" } }, given))).toBe("next");
  expect(place(null, by(fails, given, { ...given, tableName: "store", reasonCode: "x" }))).toBe("next");
});
