import { expect, it } from "vitest";
import type { ScanPlan } from "../scan/dialect.ts";
import { RecordBlock } from "../scan/record-block.ts";
import { TrailerWatch } from "./trailer-watch.ts";

const plan = { dialect: { encoding: "utf-8", quote: '"' } } as ScanPlan;

/** A block of some records, with a trailer after as many of them as are given. */
function buildBlock(count: number, recordsBefore?: number): RecordBlock {
  const block = new RecordBlock(4, 100);
  block.count = count;
  if (recordsBefore === undefined) return block;
  block.trailerLines = 1;
  block.firstTrailer = { start: 0, end: 0, line: recordsBefore, recordsBefore, fields: [], faults: [] };
  block.lastTrailer = block.firstTrailer;
  return block;
}

it.each<[string, RecordBlock[], boolean, boolean]>([
  ["at the end of the last block", [buildBlock(3), buildBlock(3, 3)], true, false],
  ["alone in a block of its own", [buildBlock(3), buildBlock(0, 0)], true, false],
  ["with nothing but blank lines after it", [buildBlock(3, 3), buildBlock(0)], true, false],
  ["with records after it in its block", [buildBlock(3, 2)], true, true],
  ["with records after it in the next block", [buildBlock(3, 3), buildBlock(1)], true, true],
  ["with another one in the next block", [buildBlock(3, 3), buildBlock(0, 0)], true, true],
  ["nowhere", [buildBlock(3), buildBlock(1)], false, false],
])("a trailer %s", (_, blocks, isFound, isEarly) => {
  const watch = new TrailerWatch(plan);
  for (const block of blocks) watch.look(block);
  expect([watch.last !== undefined, watch.early !== undefined]).toEqual([isFound, isEarly]);
});
