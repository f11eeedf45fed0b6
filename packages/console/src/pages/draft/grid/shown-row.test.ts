import type { DraftRow } from "@inlet/contracts";
import { expect, test } from "vitest";
import { BLOCK_COLUMNS, rowOfParts, whyNotMended } from "./shown-row.ts";

const partOf = (block: number, cut: number[]) => {
  const cells = Array.from({ length: BLOCK_COLUMNS }, (_, n) => `cell ${block * BLOCK_COLUMNS + n}`);
  return { block, row: { record: 7, cells, cut, cellCount: 200 } as unknown as DraftRow };
};

test("a row in two blocks of columns has the cells of both, and knows of both which are cut", () => {
  const row = rowOfParts([partOf(1, [61]), partOf(2, [120, 179])]);
  expect(row?.record).toBe(7);
  expect([60, 119, 120, 179].map((column) => row?.cell(column))).toEqual([
    "cell 60",
    "cell 119",
    "cell 120",
    "cell 179",
  ]);
  expect(row?.cut).toEqual([61, 120, 179]);
});

test("what is not here yet is no empty cell", () => {
  expect(rowOfParts([{ block: 0, row: undefined }])).toBeUndefined();
  const row = rowOfParts([{ block: 0, row: undefined }, partOf(1, [])]);
  expect([row?.cell(0), row?.cell(60), row?.cell(200)]).toEqual([undefined, "cell 60", undefined]);
});

test("only a cell that is here, and whole, is mended; one that the record does not have may be added", () => {
  const row = rowOfParts([{ block: 0, row: undefined }, partOf(1, [61])])!;
  expect([0, 60, 61, 199, 200].map((column) => whyNotMended(row, column)?.slice(0, 22))).toEqual([
    "This cell is not here ",
    undefined,
    "This cell is longer th",
    "This cell is not here ",
    undefined,
  ]);
});
