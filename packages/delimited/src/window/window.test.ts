import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { check } from "../check/check.ts";
import { buildTable } from "../check/check-all.test-kit.ts";
import type { ScanPlan } from "../scan/dialect.ts";
import { type Scanned, scanAll } from "../scan/scan-all.test-kit.ts";
import { memorySource } from "../scan/source.ts";
import { dialects, hostileFiles, planOf, readerOf } from "./hostile-file.test-kit.ts";
import { indexRows, ROW_ENTRY_BYTES, ROW_INDEX_BYTES, ROW_INDEX_RECORDS } from "./row-index.ts";
import { findLine, readWindow, type WindowRange, type WindowRow } from "./window.ts";

async function indexOf(bytes: Buffer, plan: ScanPlan): Promise<Buffer> {
  const chunks: Buffer[] = [];
  await indexRows(memorySource(bytes), plan, (chunk) => void chunks.push(chunk));
  return Buffer.concat(chunks);
}

/** The same bytes from the first record on, all of them scanned. */
async function scanWhole(bytes: Buffer, { dialect, limits, data }: ScanPlan): Promise<Scanned> {
  return await scanAll(memorySource(bytes.subarray(data.offset)), dialect, limits);
}

const cut = (text: string, most: number) =>
  text.length <= most ? text : text.slice(0, most).replace(/[\ud800-\udbff]$/, "");

function expectedRow(scanned: Scanned, r: number, range: WindowRange): WindowRow {
  const { fromColumn = 0, columnCount = Number.POSITIVE_INFINITY, maxCellChars = 1_000 } = range;
  const own = scanned.records[r]!;
  const shown = own.slice(fromColumn, fromColumn + columnCount);
  const cutColumns = shown.flatMap((text, i) => (text.length > maxCellChars ? [fromColumn + i] : []));
  return {
    ...{ record: r + 1, line: scanned.lines[r]!, cells: shown.map((text) => cut(text, maxCellChars)) },
    ...{ cellCount: own.length, cutColumns, isCut: cutColumns.length > 0, isBroken: scanned.levels[r] === 1 },
  };
}

const isTooLong = (scanned: Scanned, r: number) =>
  scanned.faults.some(({ record, code }) => record === r && code === "record_too_long");

describe("a window of a file", () => {
  it("shows what a scan of the whole file finds, wherever it lies, whatever the file holds", async () => {
    const ranges = fc.record({
      from: fc.nat(),
      count: fc.integer({ min: 1, max: 400 }),
      fromColumn: fc.nat(3),
      columnCount: fc.integer({ min: 1, max: 50 }),
      maxCellChars: fc.constantFrom(1, 3, 1_000),
    });
    await fc.assert(
      fc.asyncProperty(hostileFiles, dialects, fc.array(ranges, { maxLength: 4 }), async (file, marks, asked) => {
        const plan = planOf(marks, undefined, file.offset);
        const scanned = await scanWhole(file.bytes, plan);
        const index = await indexOf(file.bytes, plan);
        for (const { from, ...rest } of asked) {
          const range = { ...rest, fromRecord: 1 + (from % (scanned.records.length + 2)) };
          const rows = await readWindow(readerOf(file.bytes), plan, index, range);
          const last = Math.min(scanned.records.length, range.fromRecord + range.count - 1);
          expect(rows.map(({ record }) => record)).toEqual(
            Array.from({ length: Math.max(0, last - range.fromRecord + 1) }, (_, i) => range.fromRecord + i),
          );
          for (const row of rows) {
            const r = row.record - 1;
            if (!isTooLong(scanned, r)) expect(row).toEqual(expectedRow(scanned, r, range));
            else expect(row).toMatchObject({ line: scanned.lines[r], isCut: true, isBroken: true });
          }
        }
      }),
      { numRuns: 150 },
    );
  });

  it("finds the record of every line", async () => {
    await fc.assert(
      fc.asyncProperty(hostileFiles, dialects, fc.array(fc.nat(), { maxLength: 6 }), async (file, marks, asked) => {
        const plan = planOf(marks, undefined, file.offset);
        const { lines } = await scanWhole(file.bytes, plan);
        const index = await indexOf(file.bytes, plan);
        for (const number of asked) {
          const line = 1 + (number % ((lines.at(-1) ?? 1) + 5));
          const r = lines.findLastIndex((begins) => begins <= line);
          const expected = r === -1 ? undefined : { record: r + 1, line: lines[r] };
          expect(await findLine(readerOf(file.bytes), plan, index, line)).toEqual(expected);
        }
      }),
      { numRuns: 150 },
    );
  });

  it("is the same with an index that is made on the way of a check, and read page by page", async () => {
    const rows = Array.from({ length: 200_000 }, (_, i) => `${i + 1},${"é".repeat(i % 7)}`);
    const bytes = Buffer.from(`\ufefftitle\nid,name\n${rows.join("\r\n")}\n`);
    const chunks: Buffer[] = [];
    const table = buildTable({ columns: [{ name: "id", type: "integer" }, { name: "name" }] });
    const { scan } = await check(memorySource(bytes), { table, sinks: { rows: (chunk) => void chunks.push(chunk) } });
    const index = Buffer.concat(chunks);
    expect(index).toEqual(await indexOf(bytes, scan!));
    const paged = { sizeBytes: index.length, read: readerOf(index) };
    let readBytes = 0;
    const read = async (offset: number, length: number) => {
      readBytes += length;
      return bytes.subarray(offset, offset + length);
    };
    for (const fromRecord of [1, 2, 99_999, 199_990]) {
      const window = await readWindow(read, scan!, paged, { fromRecord, count: 20 });
      expect(window).toHaveLength(Math.min(20, 200_001 - fromRecord));
      expect(window.map(({ cells }) => cells[0])).toEqual(window.map(({ record }) => String(record)));
      expect(await findLine(read, scan!, paged, window[0]!.line)).toEqual({
        record: fromRecord,
        line: fromRecord + 2,
      });
    }
    expect(readBytes).toBeLessThan(8 * 2 * ROW_INDEX_BYTES);
  });

  it("is made also for a file whose header is wrong, as far as it can be read", async () => {
    const table = buildTable({ columns: [{ name: "id" }, { name: "name" }] });
    const chunks: Buffer[] = [];
    const bytes = Buffer.from("id\n1\n2\n");
    const { scan } = await check(memorySource(bytes), { table, sinks: { rows: (chunk) => void chunks.push(chunk) } });
    const window = await readWindow(readerOf(bytes), scan!, Buffer.concat(chunks), { fromRecord: 1, count: 9 });
    expect(window.map(({ cells }) => cells)).toEqual([["1"], ["2"]]);
  });

  it("has no more entries than one for so many records or bytes, and no fewer", async () => {
    const bytes = Buffer.from("a,b\n".repeat(ROW_INDEX_RECORDS * 3) + `${"x".repeat(ROW_INDEX_BYTES)},\n`.repeat(3));
    const index = await indexOf(bytes, planOf({ delimiter: ",", quote: '"' }));
    const records = Array.from({ length: index.length / ROW_ENTRY_BYTES }, (_, i) =>
      Number(index.readBigUInt64BE(i * ROW_ENTRY_BYTES)),
    );
    expect(records).toEqual([1, 257, 513, 769, 770, 771]);
  });

  it("shows the beginning of a record that is longer than its limit, and jumps over the rest", async () => {
    const bytes = Buffer.from(`1,a\n2,"b",${"x".repeat(5_000_000)}\n3,c\n`);
    const plan = planOf({ delimiter: ",", quote: '"' });
    const index = await indexOf(bytes, plan);
    let readBytes = 0;
    const read = async (offset: number, length: number) => {
      readBytes += length;
      return bytes.subarray(offset, offset + length);
    };
    const rows = await readWindow(read, plan, index, { fromRecord: 1, count: 3, maxCellChars: 5 });
    expect(rows.map(({ cells, isCut }) => [cells, isCut])).toEqual([
      [["1", "a"], false],
      [["2", "b", "xxxxx"], true],
      [["3", "c"], false],
    ]);
    expect(rows[1]).toMatchObject({ cutColumns: [2], isBroken: true });
    expect(readBytes).toBeLessThan(1_000_000);
    expect(await findLine(read, plan, index, 3)).toEqual({ record: 3, line: 3 });
  });

  it("ends early where rows are giants, and goes on from the next one", async () => {
    const limits = { recordBytes: 2_000_000, fieldBytes: 2_000_000, columns: 10, linesInField: 5 };
    const plan = planOf({ delimiter: ",", quote: '"' }, limits);
    const bytes = Buffer.from(`${"x".repeat(1_000_000)},é\n`.repeat(6));
    const index = await indexOf(bytes, plan);
    const options = { count: 6, maxBytes: 2_500_000, maxCellChars: 4 };
    const first = await readWindow(readerOf(bytes), plan, index, { fromRecord: 1, ...options });
    expect(first.length).toBeGreaterThan(1);
    expect(first.length).toBeLessThan(6);
    const rest = await readWindow(readerOf(bytes), plan, index, { fromRecord: first.length + 1, ...options });
    expect(rest[0]).toMatchObject({ record: first.length + 1, cells: ["xxxx", "é"], cutColumns: [0] });
  });

  it("shows some of ten thousand columns, and Windows-1252 as it is meant", async () => {
    const limits = { recordBytes: 1_000_000, fieldBytes: 1_000, columns: 10_000, linesInField: 5 };
    const plan = planOf({ delimiter: ";", quote: '"', encoding: "windows-1252" }, limits);
    const record = Buffer.concat([Buffer.from("a;".repeat(9_999)), Buffer.from([0x80, 0xe9, 0x81, 0x0a])]);
    const bytes = Buffer.concat(Array.from({ length: 300 }, () => record));
    const index = await indexOf(bytes, plan);
    const rows = await readWindow(readerOf(bytes), plan, index, {
      ...{ fromRecord: 150, count: 100, fromColumn: 9_997, columnCount: 50 },
    });
    expect(rows).toHaveLength(100);
    expect(rows[99]).toMatchObject({ record: 249, cells: ["a", "a", "€é\ufffd"], cellCount: 10_000, isBroken: false });
  });

  it("is empty for a file without records, and beyond the end", async () => {
    const plan = planOf({ delimiter: ",", quote: '"' });
    const empty = Buffer.alloc(0);
    expect(await readWindow(readerOf(empty), plan, empty, { fromRecord: 1, count: 5 })).toEqual([]);
    expect(await findLine(readerOf(empty), plan, empty, 1)).toBeUndefined();
    const bytes = Buffer.from("a\nb\n");
    const index = await indexOf(bytes, plan);
    expect(await readWindow(readerOf(bytes), plan, index, { fromRecord: 3, count: 5 })).toEqual([]);
    expect(await readWindow(readerOf(bytes), plan, index, { fromRecord: 1, count: 0 })).toEqual([]);
  });
});
