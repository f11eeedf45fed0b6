import { expect, test } from "vitest";
import { errorFileName } from "./error-file-name.ts";

test.each([
  ["sales.csv", "sales.csv", "sales.errors.csv"],
  ["store-2026-11-20.TSV", "store-2026-11-20.TSV", "store-2026-11-20.errors.TSV"],
  ["store.zip", "rows.tsv", "store.errors.tsv"],
  ["store.tsv.zip", "store.tsv", "store.errors.tsv"],
  ["store.zip", "rows", "store.errors.csv"],
  ["v1.2", "v1.2", "v1.2.errors.csv"],
  ["data.csv.pgp", "data.csv", "data.errors.csv"],
  ["data.gpg", "rows.tsv", "data.errors.tsv"],
  ["data.asc", "data", "data.errors.csv"],
  ["store.zip.GPG", "rows.dat", "store.errors.dat"],
  [`${"ü".repeat(124)}.csv`, "rows.csv", `${"ü".repeat(120)}.errors.csv`],
])("%s with %s in it: %s", (fileName, plainName, expected) => {
  expect(errorFileName(fileName, plainName)).toBe(expected);
});
