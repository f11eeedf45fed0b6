import { readFile } from "node:fs/promises";
import type { Issue, Table } from "@inlet/contracts";
import { check, memorySource } from "@inlet/delimited";
import { expect, test } from "vitest";
import { readProfile, sampleFile } from "./samples.ts";

/** Checks a sample against its table, as the hub does. */
async function checkSample(profileName: string, tableName: string, sample: string) {
  const profile = await readProfile(profileName);
  const table = profile.tables.find(({ name }) => name === tableName) as Table;
  const issues: Issue[] = [];
  const source = memorySource(await readFile(sampleFile(sample)));
  const report = await check(source, { table, onIssue: (issue) => issues.push(issue) });
  return { report, issues };
}

test.each([
  ["campaign", "customers", "customers.csv", 24],
  ["retail", "store", "store.tsv", 8],
  ["retail", "daily_sales", "daily_sales.tsv", 21],
])("%s: %s in %s is without a fault", async (profile, table, sample, records) => {
  const { report, issues } = await checkSample(profile, table, sample);
  expect(issues).toEqual([]);
  expect(report).toMatchObject({ verdict: "pass", counts: { records, valid: records, rejected: 0 } });
});

test("the faulty sales have many kinds of faults, each on a line of its own", async () => {
  const { report, issues } = await checkSample("retail", "daily_sales", "daily_sales-with-faults.tsv");
  expect(report.verdict).toBe("fail");
  expect(report.counts).toEqual({ records: 21, valid: 13, rejected: 8 });
  expect(issues.map(({ line }) => line).sort((a, b) => a! - b!)).toEqual([3, 5, 7, 10, 12, 15, 18, 20]);
  expect(new Set(issues.map(({ code }) => code)).size).toBeGreaterThanOrEqual(7);
});

test("a name that a profile's people are to use is one that it takes", async () => {
  const campaign = await readProfile("campaign");
  expect(campaign.tables[0]?.files).toContain("{client}_{project}_{timestamp}.{ext}");
  const retail = await readProfile("retail");
  expect(retail.tables.map(({ name }) => name)).toEqual([
    "store",
    "style",
    "sku",
    "daily_sales",
    "storestock",
    "whstock",
  ]);
  for (const { files } of retail.tables) expect(files).toEqual(["{table}-{date}.tsv"]);
});
