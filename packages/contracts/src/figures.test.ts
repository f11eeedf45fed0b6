import { expect, test } from "vitest";
import { bytes, count, duration, figure } from "./figures.ts";

test.each([
  [0, "0 B"],
  [999, "999 B"],
  [1_000, "1.0 KB"],
  [20_480, "20.5 KB"],
  [999_499, "999 KB"],
  [999_500, "1.0 MB"],
  [5e15, "5000 TB"],
])("%d bytes are %s", (sizeBytes, words) => {
  expect(bytes(sizeBytes)).toBe(words);
});

test.each([
  [310, "310 ms"],
  [999.4, "999 ms"],
  [999.6, "1.0 s"],
  [59_949, "59.9 s"],
  [59_950, "1 min 0 s"],
  [3_599_400, "59 min 59 s"],
  [7_500_000, "2 h 5 min"],
])("%d ms are %s", (durationMs, words) => {
  expect(duration(durationMs)).toBe(words);
});

test("counts have thousands, and one is one", () => {
  expect([count(1, "record"), count(0, "record"), count(1234, "record")]).toEqual([
    "1 record",
    "0 records",
    "1,234 records",
  ]);
  expect([figure(1_234_567), figure(null)]).toEqual(["1,234,567", "–"]);
});
