import { expect, test } from "vitest";
import { WorkCounts } from "./work-counts.ts";

const at = (minute: number, second = 0) => (minute * 60 + second) * 1_000;

test("work is counted by queue, minute and outcome", () => {
  const counts = new WorkCounts();
  counts.add("validate", "done", at(100));
  counts.add("validate", "done", at(100, 59));
  counts.add("validate", "failed", at(101));
  counts.add("send", "retried", at(101));
  expect(counts.recent(at(101))).toEqual({
    validate: [
      [100, 2, 0, 0],
      [101, 0, 1, 0],
    ],
    send: [[101, 0, 0, 1]],
  });
});

test("an hour is remembered, and no more", () => {
  const counts = new WorkCounts();
  for (let minute = 1; minute <= 500; minute += 1) counts.add("import", "done", at(minute));
  expect(counts.recent(at(500)).import).toHaveLength(60);
  expect(counts.recent(at(530)).import).toHaveLength(30);
  expect(counts.recent(at(600))).toEqual({});
});

test("a clock that is set back loses nothing", () => {
  const counts = new WorkCounts();
  counts.add("import", "done", at(10));
  counts.add("import", "done", at(9));
  expect(counts.recent(at(10))).toEqual({ import: [[10, 2, 0, 0]] });
});
