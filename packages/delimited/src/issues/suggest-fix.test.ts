import { columnSchema, type Issue } from "@inlet/contracts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { CellFaultCode } from "../cells/cell-fault.ts";
import { ColumnPlan } from "../cells/column-plan.ts";
import { buildTable, checkAll } from "../check/check-all.test-kit.ts";
import { suggestFix } from "./suggest-fix.ts";

const fixOf = (column: object, code: CellFaultCode, text: string) =>
  suggestFix(new ColumnPlan(columnSchema.parse({ name: "c", ...column }), 0, false), code, text);

describe("a fix", () => {
  const comma = { type: "decimal", decimalSeparator: "," };
  const dot = { type: "decimal" };
  it.each<[object, string, string | null]>([
    [dot, "12,5", "12.5"],
    [dot, "1,234", null],
    [dot, "0,234", "0.234"],
    [dot, "1.234,56", "1234.56"],
    [dot, "1,234.56", "1234.56"],
    [dot, "1,234,567", "1234567"],
    [dot, "1.234.567,8", "1234567.8"],
    [dot, "1 234,50", "1234.50"],
    [dot, "1\u00a0234\u202f567", "1234567"],
    [dot, "1'234.5", "1234.5"],
    [dot, "1 234,567", "1234.567"],
    [dot, "12 34", null],
    [dot, "12.50-", "-12.50"],
    [dot, "\u221212.5", "-12.5"],
    [dot, "- 3", "-3"],
    [dot, " 7 ", "7"],
    [dot, "1e5", null],
    [dot, "12,34,56", null],
    [comma, "12.5", "12,5"],
    [comma, "1.234", null],
    [comma, "1.234,5", "1234,5"],
    [comma, "1,234.5", "1234,5"],
    [{ ...dot, precision: 5, scale: 1 }, "1.234,56", null],
  ])("of a decimal %j: %j → %j", (column, text, fix) => {
    expect(fixOf(column, "not_a_decimal", text)).toBe(fix);
  });

  it.each<[string, string | null]>([
    ["12.0", "12"],
    ["12,00", "12"],
    ["12.5", null],
    ["1.234.567", "1234567"],
    ["1 234", "1234"],
    ["1,234", null],
    ["5-", "-5"],
    ["five", null],
  ])("of an integer: %j → %j", (text, fix) => {
    expect(fixOf({ type: "integer" }, "not_an_integer", text)).toBe(fix);
  });

  it.each<[object, string, string | null]>([
    [{}, "31.01.2026", "2026-01-31"],
    [{}, "1/31/2026", "2026-01-31"],
    [{}, "01/02/2026", null],
    [{}, "03/03/2026", "2026-03-03"],
    [{}, "20260131", "2026-01-31"],
    [{}, "31 Jan 2026", "2026-01-31"],
    [{}, "Jan 31, 2026", "2026-01-31"],
    [{}, "30.02.2026", null],
    [{}, "2026-01-31T00:00:00", "2026-01-31"],
    [{}, "2026-01-31T10:00:00", null],
    [{ format: "dd.MM.yyyy" }, "2026-01-31", "31.01.2026"],
    [{ format: "dd.MM.yy" }, "2026-01-31", "31.01.26"],
    [{ format: "dd.MM.yy" }, "1926-01-31", null],
  ])("of a date %j: %j → %j", (column, text, fix) => {
    expect(fixOf({ type: "date", ...column }, "not_a_date", text)).toBe(fix);
  });

  it.each<[object, string, string | null]>([
    [{}, "31.01.2026 7:05", "2026-01-31T07:05:00"],
    [{}, "1/31/2026 12:05 AM", "2026-01-31T00:05:00"],
    [{}, "01/02/2026 10:00", null],
    [{}, "31.01.2026", null],
    [{ format: "dd.MM.yyyy HH:mm:ss" }, "2026-01-31T10:11:12", "31.01.2026 10:11:12"],
    [{ format: "dd.MM.yyyy HH:mm" }, "2026-01-31 10:11:12", null],
    [{ format: "dd.MM.yyyy h:mm a" }, "2026-01-31 15:04", "31.01.2026 3:04 PM"],
    [{ format: "yyyy-MM-dd HH:mm:ssX" }, "31.01.2026 10:11:12", null],
  ])("of a timestamp %j: %j → %j", (column, text, fix) => {
    expect(fixOf({ type: "timestamp", ...column }, "not_a_timestamp", text)).toBe(fix);
  });

  it.each<[object, CellFaultCode, string, string | null]>([
    [{ type: "boolean" }, "not_a_boolean", "Ja", "true"],
    [{ type: "boolean", trueValues: ["J"], falseValues: ["N"] }, "not_a_boolean", "FALSE", "N"],
    [{ type: "boolean" }, "not_a_boolean", "perhaps", null],
    [{ type: "enum", values: ["Red", "Blue"] }, "not_in_values", "blue", "Blue"],
    [{ type: "enum", values: ["shipped", "returned"] }, "not_in_values", "shiped", "shipped"],
    [{ type: "enum", values: ["shipped", "returned"] }, "not_in_values", "shippde", "shipped"],
    [{ type: "enum", values: ["gold", "bold"] }, "not_in_values", "cold", null],
    [{ type: "enum", values: ["A", "B"] }, "not_in_values", "C", null],
    [{ type: "enum", values: ["EUR", "EURO"] }, "not_in_values", "EURX", null],
    [{ type: "enum", values: ["A100", "other"] }, "not_in_values", "A101", null],
    [{ type: "integer" }, "not_an_integer", "1.000", null],
    [{ type: "integer" }, "not_an_integer", "-12.000", null],
    [{ type: "integer" }, "not_an_integer", "1000.000", "1000"],
    [{ type: "enum", values: ["in stock"] }, "not_in_values", "In  Stock", "in stock"],
    [{ type: "email" }, "not_an_email", " a@b.de ", "a@b.de"],
    [{ type: "email" }, "not_an_email", "mailto:a@b.de", "a@b.de"],
    [{ type: "email" }, "not_an_email", "Zoë <a@b.de>", "a@b.de"],
    [{ type: "email" }, "not_an_email", "a@b.de; c@d.de", null],
    [{ maxLength: 3 }, "too_long", "abc ", "abc"],
  ])("of %j (%s): %j → %j", (column, code, text, fix) => {
    expect(fixOf(column, code, text)).toBe(fix);
  });
});

describe("whatever is suggested passes the check", () => {
  const columns = [
    { name: "whole", type: "integer", min: -2000 },
    { name: "number", type: "decimal", decimalSeparator: ",", precision: 8, scale: 2 },
    { name: "day", type: "date", format: "dd.MM.yyyy" },
    { name: "stamp", type: "timestamp" },
    { name: "truth", type: "boolean", trueValues: ["ja"], falseValues: ["nein"] },
    { name: "kind", type: "enum", values: ["shipped", "returned", "Lost"] },
    { name: "mail", type: "email" },
    { name: "free", maxLength: 12, pattern: "[^ ].*" },
  ];
  const table = buildTable({ columns, invalid: { policy: "skip" } });
  const digits = fc.array(fc.constantFrom("1", "12", "234", "000", "567"), { minLength: 1, maxLength: 4 });
  const number = fc
    .tuple(
      fc.constantFrom("", "-", "+", " "),
      digits,
      fc.constantFrom(".", ",", " ", "'", ""),
      fc.constantFrom("", "-"),
    )
    .map(([sign, parts, mark, end]) => sign + parts.join(mark) + end);
  const pad = (value: number, width: number) => String(value).padStart(width, "0");
  const time = fc
    .tuple(
      fc.integer({ min: 1, max: 32 }),
      fc.integer({ min: 1, max: 13 }),
      fc.constantFrom(".", "-", "/", ""),
      fc.boolean(),
    )
    .map(([day, month, mark, isIso]) =>
      (isIso ? [2026, pad(month, 2), pad(day, 2)] : [pad(day, 2), month, 2026]).join(mark),
    );
  const cell = fc.oneof(
    number,
    time,
    fc.tuple(time, fc.constantFrom(" 7:05", "T10:11:12", " 3:04 PM", "T00:00:00")).map(([day, at]) => day + at),
    fc.constantFrom(
      "Ja",
      "yes",
      "NO",
      "Shipped",
      "retuned",
      "lost ",
      "a@b.de",
      "<a@b.de>",
      "mailto:x@y.zz",
      "",
      'say "hi"',
    ),
  );
  const row = fc.tuple(...columns.map(() => cell));
  const line = (cells: readonly string[]) => cells.map((text) => `"${text.replaceAll('"', '""')}"`).join(";");
  const textOf = (rows: readonly (readonly string[])[]) =>
    [columns.map(({ name }) => name).join(";"), ...rows.map(line)].join("\n");
  const cellOf = ({ record, column }: Issue) => `${record}:${column}`;

  it("cell by cell", async () => {
    let fixes = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 20 }), async (rows) => {
        const { issues } = await checkAll(textOf(rows), table);
        const mended = rows.map((cells) => [...cells]);
        const fixed = issues.filter(({ fix }) => fix !== null);
        for (const { record, column, fix } of fixed) {
          mended[record! - 1]![columns.findIndex(({ name }) => name === column)] = fix!;
        }
        fixes += fixed.length;
        const after = await checkAll(textOf(mended), table);
        const left = new Set(after.issues.map(cellOf));
        expect(fixed.filter((issue) => left.has(cellOf(issue)))).toEqual([]);
      }),
      { numRuns: 300 },
    );
    expect(fixes).toBeGreaterThan(1000);
  });
});
