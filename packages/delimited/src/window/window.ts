import type { ReadAt, RecordIndex } from "../canonical/canonical.ts";
import type { ScanPlan } from "../scan/dialect.ts";
import { fieldStart } from "../scan/field-text.ts";
import { faultsOf, RECORD_FAULTY, type RecordBlock } from "../scan/record-block.ts";
import { scanBlocks } from "../scan/scan-blocks.ts";
import { scanFrom } from "../scan/scan-from.ts";
import type { ByteSource } from "../scan/source.ts";
import { ROW_INDEX_BYTES, type RowEntry, RowIndex } from "./row-index.ts";

/** Which rows and columns are looked at. */
export interface WindowRange {
  /** Number of the first record, from 1. */
  fromRecord: number;
  /** Records at most. */
  count: number;
  /** Place of the first column in the file, from 0. Default: 0. */
  fromColumn?: number;
  /** Columns at most. Default: all. */
  columnCount?: number;
  /** Characters of one cell at most; longer ones are cut. Default: 1,000. */
  maxCellChars?: number;
  /** Rows end here once so many bytes of the file have been read for them; the first is always there. Default: 32 MB. */
  maxBytes?: number;
  signal?: AbortSignal | undefined;
}

/** A record as it stands in the file. */
export interface WindowRow {
  /** From 1; header and preamble not counted. */
  record: number;
  /** Physical line on which it begins, from 1. */
  line: number;
  /** Its cells from the first wanted column on, decoded, without their quotes and escapes; fewer where it has no more. */
  cells: string[];
  /** How many cells it has in all (up to the plan's limit of columns). */
  cellCount: number;
  /** Places in the file, from 0, of the cells here that are longer than is shown. */
  cutColumns: number[];
  /** Some cell is longer than is shown, or the record is longer than its limit, so that only its beginning is. */
  isCut: boolean;
  /** Its quotes are wrong, it holds a NUL byte, or is beyond a limit: its cells are shown as well as they can be told apart. */
  isBroken: boolean;
}

const READ_BYTES = 64 * 1024;
const MAX_CELL_CHARS = 1_000;
const MAX_BYTES = 32 * 1024 * 1024;
/** Index entries that are held at once; what lies behind them is for another call. */
const MOST_ENTRIES = 4_096;
/** What is no record between two records is jumped over when it is longer than this. */
const JUMP_BYTES = 4 * READ_BYTES;
/** Of a record that is beyond its limit so much is shown. */
const OVERLONG_BYTES = 64 * 1024;

/**
 * Reads some rows of a file, wherever they stand, as its plan cuts it into records and cells. Memory and time depend on what
 * is asked for, not on the file: a search in the index, and the bytes from the entry before the first row to the last row.
 * @param read the plain file.
 * @param plan of its check, `report.scan`, or of `sniff`.
 * @param index of that file and plan: see {@link indexRows} and `CheckSinks.rows`.
 * @returns rising; fewer than asked for at the file's end, or where `maxBytes` were read: then ask again from the next one.
 */
export async function readWindow(
  read: ReadAt,
  plan: ScanPlan,
  index: RecordIndex,
  range: WindowRange,
): Promise<WindowRow[]> {
  const { fromRecord, count, maxBytes = MAX_BYTES, signal } = range;
  const rows: WindowRow[] = [];
  if (count < 1) return rows;
  // Between two entries there is a record at least.
  const entries = await new RowIndex(index).fromRecord(Math.max(1, fromRecord), Math.min(count + 1, MOST_ENTRIES));
  let bytes = 0;
  for await (const { block, firstRecord } of blocksFrom(read, plan, entries, signal)) {
    for (let r = 0; r < block.count; r += 1) {
      const record = firstRecord + r;
      if (record < fromRecord) continue;
      rows.push(rowOf(block, r, record, plan, range));
      if (rows.length === count) return rows;
    }
    bytes += block.to - block.from;
    if (rows.length > 0 && bytes >= maxBytes) return rows;
  }
  return rows;
}

/** The record to which a physical line belongs. */
export interface LinePlace {
  record: number;
  /** The line on which it begins: the one that was asked for, or one above it. */
  line: number;
}

/**
 * Finds the record of a physical line: the last one that begins on it or above it, so that a blank line or comment is found
 * with the record before it. Parameters as for {@link readWindow}.
 * @returns undefined for a line above the first record.
 */
export async function findLine(
  read: ReadAt,
  plan: ScanPlan,
  index: RecordIndex,
  line: number,
  signal?: AbortSignal,
): Promise<LinePlace | undefined> {
  const [entry, next] = await new RowIndex(index).fromLine(line, 2);
  if (entry === undefined) return undefined;
  let found: LinePlace = { record: entry.record, line: entry.line };
  for await (const { block, firstRecord } of blocksFrom(read, plan, [entry], signal)) {
    for (let r = 0; r < block.count; r += 1) {
      const record = firstRecord + r;
      const begins = block.baseLine + block.lines[r]!;
      if (begins > line || record === next?.record) return found;
      found = { record, line: begins };
    }
  }
  return found;
}

/**
 * The file's blocks from an entry on, as far as its records go. Long stretches without a record, such as the rest of one
 * that is beyond its limit, are jumped over by the next entry.
 */
async function* blocksFrom(
  read: ReadAt,
  { dialect: marks, limits }: ScanPlan,
  entries: readonly RowEntry[],
  signal: AbortSignal | undefined,
): AsyncGenerator<{ block: RecordBlock; firstRecord: number }, void> {
  const source = sourceOf(read);
  let start = entries[0];
  let place = 0;
  while (start !== undefined) {
    const { offset, line } = start;
    let firstRecord = start.record;
    start = undefined;
    for await (const block of scanBlocks(source, { marks, limits, offset, line }, signal)) {
      yield { block, firstRecord };
      firstRecord += block.count;
      while (place + 1 < entries.length && entries[place + 1]!.record < firstRecord) place += 1;
      const next = entries[place + 1];
      const at = block.baseOffset + block.to;
      if (next?.record === firstRecord && next.offset > at + JUMP_BYTES) {
        start = next;
        break;
      }
      // Every record begins near an entry: behind the last entry there are no others any more.
      if (next === undefined && at > entries[place]!.offset + ROW_INDEX_BYTES) return;
    }
  }
}

function sourceOf(read: ReadAt): ByteSource {
  return {
    async *open(offset = 0) {
      for (let at = offset; ; at += READ_BYTES) {
        const bytes = await read(at, READ_BYTES);
        if (bytes.length > 0) yield bytes;
        if (bytes.length < READ_BYTES) return;
      }
    },
  };
}

function rowOf(block: RecordBlock, r: number, record: number, plan: ScanPlan, range: WindowRange): WindowRow {
  const line = block.baseLine + block.lines[r]!;
  const isBroken = block.faulty[r] === RECORD_FAULTY;
  if (isBroken && faultsOf(block, r).some(({ code }) => code === "record_too_long")) {
    return { record, line, ...beginningOf(block, r, plan, range), isCut: true, isBroken };
  }
  const cells = cellsOf(block, r, plan, range);
  return { record, line, ...cells, isCut: cells.cutColumns.length > 0, isBroken };
}

type Cells = Pick<WindowRow, "cells" | "cellCount" | "cutColumns">;

function cellsOf(
  block: RecordBlock,
  r: number,
  { dialect }: ScanPlan,
  { fromColumn = 0, columnCount = Number.POSITIVE_INFINITY, maxCellChars = MAX_CELL_CHARS }: WindowRange,
): Cells {
  const first = block.firstFields[r]!;
  const cellCount = block.firstFields[r + 1]! - first;
  const cells: string[] = [];
  const cutColumns: number[] = [];
  for (let column = fromColumn; column < Math.min(cellCount, fromColumn + columnCount); column += 1) {
    const { text, isCut } = fieldStart(block, first + column, dialect, maxCellChars);
    cells.push(text);
    if (isCut) cutColumns.push(column);
  }
  return { cells, cellCount, cutColumns };
}

/** The cells with which an over-long record begins; the last of them goes on in the file. */
function beginningOf(block: RecordBlock, r: number, plan: ScanPlan, range: WindowRange): Cells {
  const start = block.starts[r]!;
  const bytes = block.bytes.subarray(start, Math.min(block.ends[r]!, start + OVERLONG_BYTES));
  const shown = cellsOf(scanFrom(bytes, 0, plan), 0, plan, range);
  const last = shown.cellCount - 1;
  const { fromColumn = 0 } = range;
  const isShown = last >= fromColumn && last < fromColumn + shown.cells.length && !shown.cutColumns.includes(last);
  return isShown ? { ...shown, cutColumns: [...shown.cutColumns, last] } : shown;
}
