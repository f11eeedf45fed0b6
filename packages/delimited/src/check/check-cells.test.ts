import fc from "fast-check";
import { expect, it } from "vitest";
import { buildTable, checkAll } from "./check-all.test-kit.ts";
import { checkCells } from "./check-cells.ts";

const table = buildTable({
  columns: [
    { name: "id", type: "integer", required: true, unique: true },
    { name: "born", type: "date" },
    { name: "kind", type: "enum", values: ["DE", "FR"], severity: "warning" },
    { name: "low", type: "integer" },
    { name: "high", type: "integer" },
  ],
  rules: [
    { rule: "compare", left: "low", operator: "<=", right: "high" },
    { rule: "references", columns: ["kind"], table: "kinds", to: ["kind"] },
  ],
  invalid: { policy: "skip" },
});

it("finds in the cells of a record what the check of its file finds", async () => {
  const cell = fc.constantFrom(
    "1",
    "2",
    "x",
    "",
    "31.01.2024",
    "2024-01-31",
    "de",
    "DE",
    '"',
    "a,b",
    "a\nb",
    "\0",
    "é",
  );
  await fc.assert(
    fc.asyncProperty(fc.array(cell, { minLength: 6, maxLength: 6 }), async (cells) => {
      const line = cells.map((text) => `"${text.replaceAll('"', '""')}"`).join(",");
      const { report, issues } = await checkAll(`high,low,other,kind,born,id\n${line}\n`, table);
      const ofRecord = issues.filter(({ record }) => record !== null);
      expect(checkCells(table, report.columns, cells)).toEqual(
        ofRecord.map((issue) => ({ ...issue, line: null, record: null, offset: null })),
      );
    }),
    { numRuns: 400 },
  );
});

it("says how many cells there should be, and nothing about a good record", async () => {
  const { report } = await checkAll("id,born,kind,low,high\n1,,,,\n", table);
  expect(checkCells(table, report.columns, ["1", "2024-01-31", "DE", "1", "2"])).toEqual([]);
  expect(checkCells(table, report.columns, ["1", ""])).toMatchObject([{ code: "cells_missing", record: null }]);
  expect(checkCells(table, report.columns, ["1", "", "", "2", "1"])).toMatchObject([{ code: "comparison_fails" }]);
  expect(checkCells(table, report.columns, ["1", "31.01.2024", "", "", ""])).toMatchObject([{ fix: "2024-01-31" }]);
});
