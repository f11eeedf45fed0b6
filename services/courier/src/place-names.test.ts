import { expect, test } from "vitest";
import { isEarlierAttempt, placeNames, temporaryName } from "./place-names.ts";

test.each([
  ["PURL_a.csv", ["PURL_a.csv", "PURL_a (batch 7).csv"]],
  ["PURL_a.b.tsv", ["PURL_a.b.tsv", "PURL_a.b (batch 7).tsv"]],
  ["PURL_a", ["PURL_a", "PURL_a (batch 7)"]],
])("%s may be put as %o", (name, expected) => {
  expect(placeNames(name, 7)).toEqual(expected);
});

test("a long name is cut between characters, and keeps its extension and its batch", () => {
  const [own, other] = placeNames(`${"ü".repeat(125)}.csv`, 7);
  expect(own).toBe(`${"ü".repeat(123)}.csv`);
  expect(other).toBe(`${"ü".repeat(118)} (batch 7).csv`);
  expect(Buffer.byteLength(`${own}.flg`)).toBeLessThanOrEqual(255);
});

test("copies of earlier attempts of the same batch alone are left-overs", () => {
  expect(isEarlierAttempt(temporaryName(7, 1), 7, 2)).toBe(true);
  expect(isEarlierAttempt(temporaryName(7, 2), 7, 2)).toBe(false);
  expect(isEarlierAttempt(temporaryName(7, 3), 7, 2)).toBe(false);
  expect(isEarlierAttempt(temporaryName(71, 1), 7, 2)).toBe(false);
  expect(isEarlierAttempt("a.inlet-7-1.part", 7, 2)).toBe(false);
});
