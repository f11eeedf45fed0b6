import { expect, test } from "vitest";
import { flagName, isEarlierAttempt, placeNames, temporaryName } from "./place-names.ts";

test.each([
  ["PURL_a.csv", ["PURL_a.csv", "PURL_a (batch 7).csv"]],
  ["PURL_a.b.tsv", ["PURL_a.b.tsv", "PURL_a.b (batch 7).tsv"]],
  ["PURL_a", ["PURL_a", "PURL_a (batch 7)"]],
  ["PURL_data_file.gpg", ["PURL_data_file.gpg", "PURL_data_file (batch 7).gpg"]],
  ["PURL_a.csv.gpg", ["PURL_a.csv.gpg", "PURL_a (batch 7).csv.gpg"]],
  ["PURL_a.v2.csv.asc", ["PURL_a.v2.csv.asc", "PURL_a.v2 (batch 7).csv.asc"]],
  ["PURL_a.2026.gpg", ["PURL_a.2026.gpg", "PURL_a.2026 (batch 7).gpg"]],
  ["PURL_a.zip", ["PURL_a.zip", "PURL_a (batch 7).zip"]],
  // Mended and sent back, it is still known as the error file that it is.
  ["a.errors.csv", ["a.errors.csv", "a.errors (batch 7).csv"]],
  ["a.errors.csv.gpg", ["a.errors.csv.gpg", "a.errors (batch 7).csv.gpg"]],
])("%s may be put as %o", (name, expected) => {
  expect(placeNames(name, 7)).toEqual(expected);
});

test("a flag is called like the whole name of what it announces", () => {
  expect(flagName("PURL_data_file.gpg")).toBe("PURL_data_file.gpg.flg");
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
