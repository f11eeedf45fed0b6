import { expect, test } from "vitest";
import { resultName } from "./result-name.ts";

const named = (fileName: string, plainName = fileName, prefix = "PURL_", suffix = "") =>
  resultName({ fileName, plainName }, { prefix, suffix });

test.each([
  ["acme_spring_20261120_093000_12.csv", "PURL_acme_spring_20261120_093000_12.csv"],
  ["Kunden März.TXT", "PURL_Kunden März.TXT"],
  ["store-2026.11.20.tsv", "PURL_store-2026.11.20.tsv"],
  ["no extension", "PURL_no extension"],
  ["rows.", "PURL_rows."],
  [".csv", "PURL_.csv"],
])("%s comes back as %s", (fileName, expected) => {
  expect(named(fileName)).toBe(expected);
});

test("prefix and suffix stand round the name, and may be empty", () => {
  expect(named("rows.csv", "rows.csv", "A-", "_out")).toBe("A-rows_out.csv");
  expect(named("rows.csv", "rows.csv", "", "")).toBe("rows.csv");
});

test.each([
  ["spring.zip", "rows.csv", "PURL_spring.csv"],
  ["spring.csv.zip", "spring.csv", "PURL_spring.csv"],
  ["spring.CSV.ZIP", "spring.csv", "PURL_spring.csv"],
  ["spring.v2.zip", "rows.csv", "PURL_spring.v2.csv"],
  ["spring.zip", "rows", "PURL_spring"],
  ["spring.csv.pgp", "spring.csv", "PURL_spring.csv"],
  ["spring.zip.gpg", "rows.tsv", "PURL_spring.tsv"],
  ["spring.zip", "../../etc/passwd.s h", "PURL_spring"],
])("%s with %s inside comes back as %s", (fileName, plainName, expected) => {
  expect(named(fileName, plainName)).toBe(expected);
});

test("a name that would be too long for a disk loses the end of its own part", () => {
  const name = named(`${"ü".repeat(125)}.csv`);
  expect(Buffer.byteLength(name)).toBeLessThanOrEqual(255);
  expect(name).toMatch(/^PURL_ü+\.csv$/);
});
