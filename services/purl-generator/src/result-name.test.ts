import { linksSchema } from "@inlet/contracts";
import { describe, expect, test } from "vitest";
import { type NamedBatch, resultName, wrappedResultName } from "./result-name.ts";

const links = (overrides: { prefix?: string; name?: string; suffix?: string } = {}) => linksSchema.parse(overrides);
const batch = (fileName: string, plainName = fileName): NamedBatch => ({
  ...{ fileName, plainName, client: "acme", project: "spring", table: "store", batchId: 42 },
  receivedAt: new Date("2026-11-20T09:05:07.890Z"),
});
const named = (fileName: string, plainName?: string, overrides = {}) =>
  resultName(batch(fileName, plainName), links(overrides));

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

test.each([
  ["spring.zip", "rows.csv", "PURL_spring.csv"],
  ["spring.csv.zip", "spring.csv", "PURL_spring.csv"],
  ["spring.CSV.ZIP", "spring.csv", "PURL_spring.csv"],
  ["spring.v2.zip", "rows.csv", "PURL_spring.v2.csv"],
  ["spring.zip", "rows", "PURL_spring"],
  ["spring.csv.pgp", "spring.csv", "PURL_spring.csv"],
  ["spring.asc", "rows.tsv", "PURL_spring.tsv"],
  ["spring.pgp", "spring", "PURL_spring"],
  ["spring.zip.gpg", "rows.tsv", "PURL_spring.tsv"],
  ["spring.zip", "../../etc/passwd.s h", "PURL_spring"],
])("%s with %s inside comes back as %s", (fileName, plainName, expected) => {
  expect(named(fileName, plainName)).toBe(expected);
});

describe("templates", () => {
  test.each([
    [{ prefix: "A-", suffix: "_out" }, "A-rows_out.csv"],
    [{ prefix: "", suffix: "" }, "rows.csv"],
    [{ prefix: "{client}_{project}_", name: "{date}_{time}_{batch}" }, "acme_spring_20261120_090507_42.csv"],
    [{ prefix: "", name: "{table}", suffix: "-{date}" }, "store-20261120.csv"],
    [{ prefix: "{name}+", name: "{name}", suffix: "+{name}" }, "rows+rows+rows.csv"],
  ])("%o makes %s of rows.csv", (overrides, expected) => {
    expect(named("rows.csv", "rows.csv", overrides)).toBe(expected);
  });

  test("what the client calls its file is never taken for a placeholder", () => {
    expect(named("{batch}{client}.csv")).toBe("PURL_{batch}{client}.csv");
  });

  test("no result is hidden", () => {
    expect(named(".csv", ".csv", { prefix: "" })).toBe("_.csv");
    expect(named(".hidden.csv", ".hidden.csv", { prefix: "" })).toBe("_.hidden.csv");
  });
});

describe("wrapped", () => {
  const PGP = { as: "pgp", armor: false } as const;
  const ARMOURED = { as: "pgp", armor: true } as const;
  const ZIP = { as: "zip" } as const;

  test.each([
    ["data_file.pgp", "data_file.csv", PGP, "PURL_data_file.gpg"],
    ["data_file.gpg", "data_file", PGP, "PURL_data_file.gpg"],
    ["data_file.asc", "rows.csv", ARMOURED, "PURL_data_file.asc"],
    ["data.v2.pgp", "rows.csv", PGP, "PURL_data.v2.gpg"],
    ["data.csv.pgp", "data.csv", PGP, "PURL_data.csv.gpg"],
    ["data.csv.PGP", "DATA.CSV", ARMOURED, "PURL_data.CSV.asc"],
    ["data.csv", "data.csv", PGP, "PURL_data.csv.gpg"],
    ["data.csv", "data.csv", ARMOURED, "PURL_data.csv.asc"],
    ["data", "data", PGP, "PURL_data.gpg"],
    ["data.zip", "rows.csv", PGP, "PURL_data.csv.gpg"],
    ["data.zip.gpg", "rows.csv", PGP, "PURL_data.csv.gpg"],
    ["data.zip", "rows.csv", ZIP, "PURL_data.zip"],
    ["data.csv.zip", "data.csv", ZIP, "PURL_data.zip"],
    ["data.csv", "data.csv", ZIP, "PURL_data.zip"],
    ["data.pgp", "data.csv", ZIP, "PURL_data.zip"],
  ])("%s with %s inside goes back in %o as %s", (fileName, plainName, as, expected) => {
    expect(wrappedResultName(batch(fileName, plainName), links(), as)).toBe(expected);
  });
});

describe("a name that would be too long for a disk", () => {
  const long = "ü".repeat(125);
  const most = 255 - ".flg".length;

  test.each([
    [links(), /^PURL_ü+\.csv$/],
    [links({ suffix: "_{batch}" }), /^PURL_ü+_42\.csv$/],
    [links({ name: "{name}-{name}" }), /^PURL_ü+-ü+\.csv$/],
    [links({ prefix: "ä".repeat(50), name: "ß".repeat(50), suffix: "€".repeat(50) }), /^ä+ß+€+\.csv$/],
  ])("loses the end of the client's own part first, and never its extension: %#", (parts, expected) => {
    const name = resultName(batch(`${long}.csv`), parts);
    expect(name).toMatch(expected);
    expect(Buffer.byteLength(name)).toBeLessThanOrEqual(most);
    expect(Buffer.byteLength(name)).toBeGreaterThan(most - 6);
    const wrapped = wrappedResultName(batch(`${long}.csv`), parts, { as: "pgp" });
    expect(wrapped).toMatch(/\.csv\.gpg$/);
    expect(Buffer.byteLength(wrapped)).toBeLessThanOrEqual(most);
  });
});
