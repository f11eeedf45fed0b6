import type { Issue } from "@inlet/contracts";
import { expect, it } from "vitest";
import { IssueSample } from "./issue-sample.ts";

const issue = (code: string, record: number): Issue => ({
  ...{
    line: record + 1,
    record,
    offset: 0,
    column: null,
    code,
    message: "",
    value: null,
    severity: "error",
    fix: null,
  },
});

it("keeps the first findings, and some of every kind, in their order", () => {
  const sample = new IssueSample(100);
  for (let record = 1; record <= 1000; record += 1) sample.add(issue("common", record));
  for (let record = 1001; record <= 1100; record += 1) sample.add(issue(record % 2 === 0 ? "rare" : "common", record));
  sample.add(issue("last", 2000));
  const kept = sample.list();
  expect(kept).toHaveLength(100);
  const count = (code: string) => kept.filter((one) => one.code === code).length;
  expect([count("common"), count("rare"), count("last")]).toEqual([79, 20, 1]);
  const records = kept.map(({ record }) => record!);
  expect(records).toEqual([...records].sort((a, b) => a - b));
  expect(records.slice(0, 79)).toEqual(Array.from({ length: 79 }, (_, i) => i + 1));
});

it("is exact below its bound", () => {
  const sample = new IssueSample(100);
  const all = Array.from({ length: 100 }, (_, i) => issue(i % 3 === 0 ? "a" : "b", i + 1));
  for (const one of all) sample.add(one);
  expect(sample.list()).toEqual(all);
});
