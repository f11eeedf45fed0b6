import type { DraftRow, DraftRows } from "@inlet/contracts";
import { expect, test } from "vitest";
import { readBlock } from "./read-block.ts";

/** An API with a file of so many records that answers with a few of them at once. */
function fileOf({
  records,
  atOnce,
  versionAt = () => 1,
}: {
  records: number;
  atOnce: number;
  versionAt?: (from: number) => number;
}) {
  const asked: number[] = [];
  const ask = async ({ from, count }: { from: number; count: number }): Promise<DraftRows> => {
    asked.push(from);
    const length = Math.max(0, Math.min(count, atOnce, records + 1 - from));
    const rows = Array.from({ length }, (_, n) => ({ record: from + n }) as DraftRow);
    return { rows, recordCount: records, fromColumn: 0, columnCount: 1, contentVersion: versionAt(from), next: null };
  };
  return { ask, asked };
}

test.each([
  ["in one answer", 200, 1_000, 200, [201]],
  ["in several", 200, 90, 200, [201, 291, 381]],
  ["up to the end of the file", 200, 90, 250 - 200, [201]],
])("a block of rows is read %s", async (_, count, atOnce, length, asked) => {
  const file = fileOf({ records: length === count ? 1_000 : 250, atOnce });
  const { rows } = await readBlock(file.ask, { from: 201, count });
  expect(rows.map(({ record }) => record)).toEqual(Array.from({ length }, (_, n) => 201 + n));
  expect(file.asked).toEqual(asked);
});

test("rows of two states of the file are not mixed", async () => {
  const file = fileOf({ records: 100, atOnce: 10, versionAt: (from) => (from > 10 ? 2 : 1) });
  expect((await readBlock(file.ask, { from: 1, count: 50 })).rows).toHaveLength(10);
});
