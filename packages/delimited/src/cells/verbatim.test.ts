import { type Column, columnSchema } from "@inlet/contracts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RecordBlock } from "../scan/record-block.ts";
import { WIDE_LIMITS } from "../scan/scan-all.test-kit.ts";
import { Scanner } from "../scan/scanner.ts";
import { ColumnPlan } from "./column-plan.ts";
import { doubtColumn, isVerbatim, mayBeSure } from "./verbatim.ts";
import { FORM_UTF8, mostCanonicalBytes, writeCell } from "./write-cell.ts";

type ColumnInput = Partial<Column> & Pick<Column, "type">;

function planOf(column: ColumnInput): ColumnPlan {
  const plan = new ColumnPlan(columnSchema.parse({ name: "c", ...column }), 0, false);
  plan.field = 1;
  return plan;
}

/** Which of the cells are beyond doubt, each read as the second field of a record. */
function sure(plan: ColumnPlan, cells: readonly string[]): boolean[] {
  const bytes = Buffer.from(`${cells.map((cell) => `x,${cell}\n`).join("")}\0`);
  const block = new RecordBlock(10, bytes.length);
  const marks = {
    delimiter: ",",
    quote: '"',
    escape: "doubled",
    comment: null,
    trimSpaces: false,
    trailer: null,
  } as const;
  new Scanner({ ...marks, reading: "strict" }, WIDE_LIMITS).scan(block, bytes, 0, bytes.length - 1, true);
  expect(block.count).toBe(cells.length);
  const doubtful = new Uint8Array(block.count);
  doubtColumn(plan, block, doubtful);
  return [...doubtful].map((doubt) => doubt === 0);
}

/** What the long way makes of a cell; null: it is faulty. */
function written(plan: ColumnPlan, cell: string): string | null {
  const bytes = Buffer.from(cell);
  const out = Buffer.alloc(mostCanonicalBytes(bytes.length));
  const end = writeCell(plan, bytes, 0, bytes.length, FORM_UTF8, out, 0);
  return end < 0 ? null : out.toString("utf8", 0, end);
}

const COLUMNS: ColumnInput[] = [
  { type: "string" },
  { type: "string", required: true, maxLength: 3 },
  { type: "string", minLength: 2, maxLength: 4 },
  { type: "integer" },
  { type: "integer", required: true, min: -5, max: 1000 },
  { type: "decimal" },
  { type: "decimal", precision: 5, scale: 2, min: "-1.5", max: "99.99" },
  { type: "date" },
  { type: "date", min: "2000-01-31", max: "2024-02-29" },
  { type: "email" },
  { type: "url" },
  { type: "enum", values: ["DE", "FR", "é"] },
  { type: "boolean" },
  { type: "timestamp" },
];

const digits = fc.array(fc.constantFrom(..."0123456789"), { maxLength: 18 }).map((each) => each.join(""));
const cell = fc.oneof(
  fc.array(fc.constantFrom(..."0123456789-+. éaZ@/:"), { maxLength: 12 }).map((each) => each.join("")),
  fc.tuple(fc.constantFrom("", "-", "+"), digits, fc.constantFrom("", "."), digits).map((each) => each.join("")),
  fc
    .tuple(fc.nat(9999), fc.nat(13), fc.nat(32))
    .map(([y, m, d]) => [String(y).padStart(4, "0"), two(m), two(d)].join("-")),
  fc.constantFrom(
    "DE",
    "FR",
    "é",
    "de",
    "a@b.de",
    "a@b",
    "https://a.de/x",
    "http:/",
    "1000",
    "-5",
    "-1.5",
    "99.99",
    "TRUE",
    "no",
    "nö",
  ),
);
const two = (value: number) => String(value).padStart(2, "0");

describe("a cell that is beyond doubt", () => {
  it.each(COLUMNS)(
    "is good, and stands in the canonical file as it is, but for booleans and timestamps: %o",
    (column) => {
      const plan = planOf(column);
      fc.assert(
        fc.property(fc.array(cell, { minLength: 1, maxLength: 50 }), (cells) => {
          sure(plan, cells).forEach((isSure, index) => {
            if (!isSure) return;
            const line = written(plan, cells[index]!);
            if (isVerbatim(plan)) expect(line).toBe(cells[index] === "" ? "\\N" : cells[index]);
            else expect(line).not.toBeNull();
          });
        }),
        { numRuns: 300 },
      );
    },
  );

  it.each<[ColumnInput, string[]]>([
    [{ type: "string", maxLength: 60 }, ["Ada", "", "é"]],
    [{ type: "integer" }, ["1", "0", "-17", "123456789012345", ""]],
    [{ type: "decimal", precision: 12, scale: 2 }, ["0", "0.5", "-3.25", "1234567890.12", ""]],
    [{ type: "date" }, ["1999-12-31", "2024-02-28", ""]],
    [{ type: "email" }, ["ada.lovelace@example.com", ""]],
    [{ type: "url" }, ["https://example.com/a?b=c"]],
    [{ type: "enum", values: ["DE", "FR"] }, ["DE", "FR", ""]],
    [{ type: "boolean" }, ["true", "No", "1", ""]],
    [{ type: "timestamp" }, ["2024-02-28T23:59:59", "2024-01-01 10:00:00", ""]],
  ])("is what an ordinary one is: %o", (column, cells) => {
    expect(sure(planOf(column), cells)).toEqual(cells.map(() => true));
  });

  it("is none that holds doubled quotes, unless it is text", () => {
    expect(sure(planOf({ type: "email" }), ['"a""@b.de"'])).toEqual([false]);
    expect(sure(planOf({ type: "string" }), ['"a""b"'])).toEqual([true]);
  });

  it("is none of a column that needs more than a look", () => {
    const columns: ColumnInput[] = [
      { type: "string", pattern: "a" },
      { type: "decimal", decimalSeparator: "," },
      { type: "date", format: "dd.MM.yyyy" },
      { type: "timestamp", timezone: "Europe/Berlin" },
      { type: "timestamp", max: "2026-01-01T00:00:00Z" },
      { type: "email", maxLength: 10 },
    ];
    expect(columns.map((column) => mayBeSure(planOf(column)))).toEqual(columns.map(() => false));
  });
});
