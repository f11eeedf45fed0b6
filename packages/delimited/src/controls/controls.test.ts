import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { buildTable, checkAll } from "../check/check-all.test-kit.ts";
import type { Claims } from "./control-totals.ts";

const buildSales = (more: object) =>
  buildTable({
    columns: [
      { name: "id", type: "integer" },
      { name: "amount", type: "decimal", decimalSeparator: "," },
    ],
    invalid: { policy: "skip" },
    ...more,
  });
const codesOf = async (table: ReturnType<typeof buildSales>, text: string, claims: Claims = {}) => {
  const { report, issues } = await checkAll(text, table, [], { claims });
  return { report, found: issues.map(({ code, line, column, value }) => [code, line, column, value]), issues };
};

describe("a trailer", () => {
  const table = buildSales({
    format: { trailer: "T" },
    controls: [
      { total: "records", from: { place: "trailer", cell: 2 } },
      { total: { sum: "amount" }, from: { place: "trailer", cell: 3 } },
    ],
  });

  it.each([
    ["as it is", "T;2;3,30"],
    ["with leading zeros, and a dot", 'T;00002;"003.3"'],
    ["with further cells", "T;2;3,3;;x"],
  ])("is true, %s", async (_, trailer) => {
    const { report, found } = await codesOf(table, `id;amount\n1;1,1\n2;2,20\n${trailer}\n`);
    expect(found).toEqual([]);
    expect(report).toMatchObject({ verdict: "pass", counts: { records: 2 } });
  });

  it("that says something else fails the file, and names both", async () => {
    const { report, found, issues } = await codesOf(table, "id;amount\n1;1,1\n2;2,20\nT;3;3,3000001\n");
    expect(found).toEqual([
      ["control_differs", 4, null, "3"],
      ["control_differs", 4, "amount", "3,3000001"],
    ]);
    expect(issues[0]?.message).toBe(
      "3 records were expected, as cell 2 of the trailer line says, but 2 came. Nothing of the file is imported. Send the whole file again.",
    );
    expect(issues[1]?.message).toContain("is 3.3000001, but it is 3.3.");
    expect(report.reason?.code).toBe("control_differs");
  });

  it("with a cell that says nothing, or cannot be read, fails the file", async () => {
    const { found } = await codesOf(table, "id;amount\n1;1,1\n2;2,20\nT; ;3.000,00\n");
    expect(found).toEqual([
      ["control_missing", 4, null, null],
      ["control_unreadable", 4, null, "3.000,00"],
    ]);
  });

  it.each<[string, string, unknown[]]>([
    ["is not there", "1;1\n", ["trailer_missing", null, null, null]],
    ["is not the last line", "T;1;1\n1;1\n", ["trailer_not_last", 2, null, null]],
    ["comes twice", "T;1;1\n1;1\nT;1;1\n", ["trailer_not_last", 2, null, null]],
    ["has a broken quote", '1;1\nT;"1;1\n', ["trailer_broken", 3, null, null]],
  ])("that %s fails the file once", async (_, rows, finding) => {
    const { report, found } = await codesOf(table, `id;amount\n${rows}`);
    expect(found).toEqual([finding]);
    expect(report.verdict).toBe("fail");
  });

  it("may stand in a block after that of the last record", async () => {
    const rows = Array.from({ length: 50_000 }, (_, i) => `${i};0,01`);
    const { found } = await codesOf(table, `id;amount\n${rows.join("\n")}\nT;50000;500\n`);
    expect(found).toEqual([]);
  });

  it.each([
    ["a faulty cell", "x,1"],
    ["a broken record", '"1'],
    ["too many cells", "1;1;1"],
  ])("says nothing of a sum over %s", async (_, cell) => {
    const { found, issues } = await codesOf(table, `id;amount\n1;1,1\n2;${cell}\nT;2;1,1\n`);
    expect(found.at(-1)).toEqual(["control_sum_unreadable", 3, "amount", "1,1"]);
    expect(issues.at(-1)?.message).toContain("1 cell of it cannot be read, the first in line 3");
  });

  it("counts records that are rejected for another cell", async () => {
    const { found } = await codesOf(table, "id;amount\n1;1,1\nx;2,2\nT;2;3,3\n");
    expect(found).toEqual([["not_an_integer", 3, "id", "x"]]);
  });
});

describe("what is said outside the file", () => {
  const text = "id;amount\n1;1,10\n2;2,20\n";
  const sha256 = createHash("sha256").update(text).digest("hex");
  const table = buildSales({
    controls: [
      { total: "bytes", from: { place: "flag", pattern: "bytes=(\\d+)" } },
      { total: "sha256", from: { place: "flag", pattern: "sha=(\\S+)" } },
      { total: "records", from: { place: "name", pattern: "_(\\d+)\\.csv" } },
      { total: { sum: "amount" }, from: { place: "declared", name: "total" } },
      { total: "records", from: { place: "declared", name: "rows" }, required: false },
    ],
  });
  const claims: Claims = {
    name: "sales_2.csv",
    flag: `bytes=${text.length}\nsha=${sha256.toUpperCase()}\n`,
    declared: { total: "3,3" },
  };

  it("is held against it, read once more where its size or hash is not known", async () => {
    expect((await codesOf(table, text, claims)).found).toEqual([]);
    const known = { ...claims, sizeBytes: 7, sha256: "0".repeat(64) };
    const { found, issues } = await codesOf(table, text, known);
    expect(found.map(([code]) => code)).toEqual(["control_differs", "control_differs"]);
    expect(issues[0]?.message).toContain(`is ${text.length}, but it is 7`);
  });

  it("is reported, what was declared with the file going first", async () => {
    const { report } = await codesOf(table, text, claims);
    expect(report.declared).toBe(2);
    const declared = { total: "3.30", records: "3" };
    expect((await codesOf(table, text, { ...claims, declared })).report.declared).toBe(3);
    expect((await codesOf(buildSales({}), text)).report.declared).toBeNull();
  });

  it("must be said where it is required", async () => {
    const { found } = await codesOf(table, text, { name: "sales.csv", flag: null, declared: {} });
    expect(found.map(([code]) => code)).toEqual(Array(4).fill("control_missing"));
  });

  it("is said to be open where nobody here can know it", async () => {
    const { report, found } = await codesOf(table, text, {});
    expect(found.map(([code]) => code)).toEqual(Array(4).fill("rule_not_checked"));
    expect(report.verdict).toBe("pass");
  });

  it.each([
    ["another hash", { flag: `bytes=${text.length} sha=${"0".repeat(64)}` }, "control_differs"],
    ["no hash", { flag: `bytes=${text.length} sha=abc` }, "control_unreadable"],
    ["an optional value that is wrong", { declared: { total: "3.30", rows: "1" } }, "control_differs"],
    [
      "a declared number of records without a word in the profile",
      { declared: { total: "3.30", records: "3" } },
      "control_differs",
    ],
  ])("fails the file: %s", async (_, more, code) => {
    const { found, report } = await codesOf(table, text, { ...claims, ...more });
    expect(found.map(([first]) => first)).toEqual([code]);
    expect(report.verdict).toBe("fail");
  });
});

describe("the number of records", () => {
  it.each([
    [1, "records_too_few"],
    [2, undefined],
    [3, undefined],
    [4, "records_too_many"],
  ])("of %i, where two or three are expected: %s", async (count, code) => {
    const table = buildSales({ records: { min: 2, max: 3 } });
    const { report } = await codesOf(table, `id;amount\n${"1;1\n".repeat(count)}`);
    expect(report.reason?.code).toBe(code);
  });
});

it("a control total that cannot work is the profile's fault", async () => {
  const sum = buildTable({
    columns: [{ name: "id" }],
    controls: [{ total: { sum: "id" }, from: { place: "declared", name: "x" } }],
  });
  await expect(checkAll("id\n1\n", sum)).rejects.toMatchObject({ code: "control_invalid" });
  for (const pattern of ["(", "\\d+"]) {
    const table = buildSales({ controls: [{ total: "records", from: { place: "name", pattern } }] });
    await expect(checkAll("id\n1\n", table)).rejects.toMatchObject({ code: "control_invalid" });
  }
});
