import { matchContainer, matchFile, profileSchema, unknownFileName } from "@inlet/contracts";
import { expect, test } from "vitest";
import { runKeyOf } from "./match-file.ts";

const columns = [{ name: "id" }];

function profile(tables: { name: string; files?: string[] }[], run?: { group: "date" }) {
  return profileSchema.parse({
    client: "acme",
    project: "spring",
    folders: { uploads: "/spring" },
    ...(run ? { run } : {}),
    tables: tables.map((table) => ({ ...table, columns })),
  });
}

const one = (pattern: string) => profile([{ name: "store", files: [pattern] }]);
const day = (table: string, date: string | null) => ({ table, date });

test.each([
  ["{table}-{date}.tsv", "store-2026-11-20.tsv", day("store", "2026-11-20")],
  ["{table}-{date}.tsv", "STORE-2026-11-20.TSV", day("store", "2026-11-20")],
  ["{table}-{date}.tsv", "store-2026-11-20.csv", undefined],
  ["{table}-{date}.tsv", "store-2026-11-20.zip", day("store", "2026-11-20")],
  ["{table}-{date}.tsv", "store-2026-11-20.tsv.zip", day("store", "2026-11-20")],
  ["{table}-{date}.tsv", "store-2026-11-20.pgp", day("store", "2026-11-20")],
  ["{table}-{date}.tsv", "store-2026-11-20.tsv.GPG", day("store", "2026-11-20")],
  ["{table}-{date}.tsv", "store-2026-11-20.asc", day("store", "2026-11-20")],
  ["{table}-{date}.tsv", "store-2026-11-20.zip.gpg", day("store", "2026-11-20")],
  ["{table}-{date}.tsv", "store-2026-11-20.tsv.zip.pgp", day("store", "2026-11-20")],
  ["{table}-{date}.tsv", "store-2026-11-20.tsv.zip.zip", undefined],
  ["{table}-{date}.tsv", "store-2026-11-20.tsv.gpg.zip", undefined],
  ["{table}-{date}.tsv", "store-2026-11-20.tsv.gpg.gpg", undefined],
  ["{table}-{date}.tsv", "store-2026-11-20.tsv.bak", undefined],
  ["{table}-{date}.tsv", "my store-2026-11-20.tsv", undefined],
  ["{table}-{date}.tsv", "store-2026-02-29.tsv", undefined],
  ["{table}-{date}.tsv", "store-2028-02-29.tsv", day("store", "2028-02-29")],
  ["{table}-{date}.tsv", "store-2026-13-01.tsv", undefined],
  ["{table}-{date}.tsv", "store-2026-11-31.tsv", undefined],
  ["{table}-{date}.tsv", "store-20261120.tsv", undefined],
  ["{table}-{date}.tsv", "storestock-2026-11-20.tsv", undefined],
  ["{table}-{date}.{ext}", "store-2026-11-20.dat", day("store", "2026-11-20")],
  ["{table}-{date}.{ext}", "store-2026-11-20.xml", undefined],
  ["{table}-{date}", "store-2026-11-20", day("store", "2026-11-20")],
  ["{table}-{date}", "store-2026-11-20.zip", day("store", "2026-11-20")],
  ["{client}_{project}_{timestamp}.{ext}", "acme_spring_20261120_090501_07.csv", day("store", "2026-11-20")],
  ["{client}_{project}_{timestamp}.{ext}", "acme_spring_20261120_090501.csv", day("store", "2026-11-20")],
  ["{client}_{project}_{timestamp}.{ext}", "acme_spring_20261120_246000.csv", undefined],
  ["{client}_{project}_{timestamp}.{ext}", "acme_spring_20260230_090501.csv", undefined],
  ["{client}_{project}_{timestamp}.{ext}", "other_spring_20261120_090501.csv", undefined],
  ["{table}-{date}", "store-2026-11-20.asc", day("store", "2026-11-20")],
  ["*", "anything at all", day("store", null)],
  ["*", "anything.pgp", day("store", null)],
  ["*.csv", "a.b.csv", day("store", null)],
  ["*.csv", "a.zip", day("store", null)],
  ["*.csv", "a.csv.zip", day("store", null)],
  ["*.csv", "a.tsv", undefined],
  ["*.csv", ".csv", day("store", null)],
  ["sales*{date}*.csv", "sales_2026-02-30_2026-03-01_final.csv", day("store", "2026-03-01")],
  ["sales*final.csv", "sales final final.csv", day("store", null)],
  ["a+(b).csv", "a+(b).csv", day("store", null)],
  ["a+(b).csv", "aab.csv", undefined],
  ["a.csv", "axcsv", undefined],
])("%s takes %s as %o", (pattern, fileName, expected) => {
  expect(matchFile(one(pattern), fileName)).toEqual(expected);
});

test.each([
  ["spring-2026.zip", null],
  ["ALL_2026-11-20.ZIP", "2026-11-20"],
  ["acme_20261120_090501_07.zip.gpg", "2026-11-20"],
  ["2026-02-30 and 2026-03-01.pgp", "2026-03-01"],
  ["12026-11-20.asc", null],
])("%s may hold files of any table; its date is %s", (fileName, date) => {
  expect(matchContainer(fileName)).toEqual({ table: null, date });
});

test.each(["spring.csv", ".zip", "zip", "spring.zip.bak", "spring.7z"])(
  "%s is called like no container",
  (fileName) => {
    expect(matchContainer(fileName)).toBeUndefined();
  },
);

test("of several tables the most specific pattern wins, whatever their order", () => {
  const tables = [
    { name: "rest", files: ["*.csv"] },
    { name: "store", files: ["store*.csv"] },
    { name: "storestock", files: ["storestock*.csv"] },
  ];
  for (const order of [tables, tables.toReversed()]) {
    expect(matchFile(profile(order), "storestock_1.csv")?.table).toBe("storestock");
    expect(matchFile(profile(order), "store_1.csv")?.table).toBe("store");
    expect(matchFile(profile(order), "sku.csv")?.table).toBe("rest");
  }
});

test("of equal patterns the first in the profile wins", () => {
  expect(
    matchFile(
      profile([
        { name: "a", files: ["*.csv"] },
        { name: "b", files: ["*.csv"] },
      ]),
      "x.csv",
    )?.table,
  ).toBe("a");
});

test("a hostile name against a pattern of many stars costs no time", () => {
  const startedMs = performance.now();
  expect(matchFile(one("*a*a*a*a*a*a*a*a*a*a*a*a*b"), "a".repeat(255))).toBeUndefined();
  expect(performance.now() - startedMs).toBeLessThan(5_000);
});

test("a refusal says which names would do, as a person writes them", () => {
  const retailer = profile([{ name: "store" }, { name: "sku", files: ["{table}-{date}.tsv", "all {client} *.txt"] }]);
  expect(unknownFileName(retailer, "stor.tsv")).toEqual({
    code: "unknown_file_name",
    message:
      "No table of project spring takes a file named stor.tsv. Expected: store-YYYY-MM-DD.(csv|tsv|txt|dat), sku-YYYY-MM-DD.tsv, all acme *.txt; each may come in a ZIP (.zip) or encrypted (.pgp, .gpg, .asc). Nothing was imported. Send it again under such a name.",
  });
});

test("a run is shared by the date in the name where the profile groups by it", () => {
  const dated = day("store", "2026-11-20");
  expect(runKeyOf(profile([{ name: "store" }], { group: "date" }), dated)).toBe("2026-11-20");
  expect(runKeyOf(profile([{ name: "store" }], { group: "date" }), day("store", null))).toBeNull();
  expect(runKeyOf(profile([{ name: "store" }], { group: "date" }), undefined)).toBeNull();
  expect(runKeyOf(profile([{ name: "store" }]), dated)).toBeNull();
});
