import type { LineEnd, Marks, ScanLimits } from "../scan/dialect.ts";
import { FIELD_QUOTED, RecordBlock } from "../scan/record-block.ts";
import { Scanner } from "../scan/scanner.ts";
import { type CellKind, cellKind, KIND_WEIGHT } from "./cell-kind.ts";

/** A file's beginning, with one byte more than `length`, which the scanner overwrites. */
export interface Head {
  bytes: Buffer;
  /** After the byte-order mark. */
  start: number;
  length: number;
  /** The file ends with the head. */
  final: boolean;
}

/** The beginning, read in one dialect, and what speaks for that dialect. */
export interface Reading {
  marks: Marks;
  block: RecordBlock;
  /** The most usual number of cells. */
  width: number;
  /** Share of the records that have it, from 0 to 1. */
  regularity: number;
  /** How much the cells look like data, from 0 to 1. */
  plausibility: number;
  quotedFields: number;
  /** Records that break the rules of the dialect. */
  faultyRecords: number;
  lineEnd: LineEnd;
  score: number;
}

/** Cells whose look is judged. */
const SAMPLE_CELLS = 6000;
/** What a file of one column is worth beside one of several: little, because every file can be read so. */
const ONE_COLUMN = 0.12;
/** In one quoted cell; beyond it a quote is rather taken for an apostrophe. Keeps bad guesses cheap, too. */
const SNIFFED_CELL_BYTES = 65_536;
/** Longer cells are prose; their beginning says so. */
const GLIMPSE_BYTES = 1000;
const HASH = 0x23;

/** Scans the head with these marks and measures what comes out. */
export function readWith(head: Head, marks: Marks, limits: ScanLimits): Reading {
  const { block, lineEnd } = scanHead(head, marks, limits);
  const { width, regularity } = usualWidth(block);
  const faultyRecords = countFaulty(block, width);
  const { plausibility, quotedFields, filledColumns } = judgeCells(block, width);
  const shape = worthOf(filledColumns) * regularity;
  const soundness = block.count === 0 ? 0 : 1 - 0.7 * (faultyRecords / block.count);
  const score = shape * plausibility * soundness;
  return { marks, block, width, regularity, plausibility, quotedFields, faultyRecords, lineEnd, score };
}

/** How many cells a record has. */
export function widthOf(block: RecordBlock, record: number): number {
  return block.firstFields[record + 1]! - block.firstFields[record]!;
}

/** Whether a record begins with the usual sign of a comment. */
export function isHashLine(block: RecordBlock, record: number): boolean {
  return block.bytes[block.starts[record]!] === HASH;
}

/** A cell for looking at, not for keeping: bytes beyond ASCII are some letters or other. */
export function glimpse(block: RecordBlock, field: number): string {
  const start = block.fieldStarts[field]!;
  return block.bytes.toString("latin1", start, Math.min(block.fieldEnds[field]!, start + GLIMPSE_BYTES));
}

function scanHead({ bytes, start, length, final }: Head, marks: Marks, limits: ScanLimits) {
  const bounds = { ...limits, fieldBytes: Math.min(limits.fieldBytes, SNIFFED_CELL_BYTES) };
  const block = new RecordBlock(bounds.columns, length);
  let scanner = new Scanner(marks, bounds);
  scanner.scan(block, bytes, start, length, final);
  // A quote that is still open where the head ends may be no quote: then it is read as if the file ended there.
  const isFull = block.count === block.maxRecords || block.firstFields[block.count]! >= block.maxFields;
  if (!final && !isFull && block.to < start + (length - start) / 2) {
    scanner = new Scanner(marks, bounds);
    scanner.scan(block, bytes, start, length, true);
  }
  return { block, lineEnd: lineEndOf(scanner.lineEnds) };
}

function lineEndOf({ lf, cr, crlf }: Scanner["lineEnds"]): LineEnd {
  if (Number(lf > 0) + Number(cr > 0) + Number(crlf > 0) > 1) return "mixed";
  return crlf > 0 ? "\r\n" : cr > 0 ? "\r" : "\n";
}

/**
 * The width of the table among the records, and how regular it is. Titles and totals stand above and below it, so a width is
 * judged where it occurs, from its first record to its last; the longer that stretch, the better.
 */
function usualWidth(block: RecordBlock): { width: number; regularity: number } {
  const stretches = new Map<number, { first: number; last: number; count: number }>();
  let records = 0;
  for (let record = 0; record < block.count; record += 1) {
    if (isHashLine(block, record)) continue;
    const width = widthOf(block, record);
    const stretch = stretches.get(width);
    if (stretch === undefined) stretches.set(width, { first: records, last: records, count: 1 });
    else {
      stretch.last = records;
      stretch.count += 1;
    }
    records += 1;
  }
  if (records === 0) return { width: block.count === 0 ? 0 : widthOf(block, 0), regularity: 1 };
  let best = { width: 0, regularity: 0, worth: -1 };
  for (const [width, { first, last, count }] of stretches) {
    const length = last - first + 1;
    const regularity = (count / length) * Math.sqrt(length / records);
    const worth = regularity * worthOf(width);
    if (worth > best.worth || (worth === best.worth && width > best.width)) best = { width, regularity, worth };
  }
  return best;
}

/** What a table of so many columns is worth beside one of more or less. */
function worthOf(columns: number): number {
  return columns > 1 ? 1 - 1 / columns : ONE_COLUMN;
}

/** Records that break the rules, title lines at the beginning not counted. */
function countFaulty(block: RecordBlock, width: number): number {
  let record = 0;
  while (record < block.count && widthOf(block, record) !== width) record += 1;
  let faulty = 0;
  for (; record < block.count; record += 1) if (block.faulty[record] !== 0) faulty += 1;
  return faulty;
}

/** How much like data the cells look: their kinds, and whether a column keeps to one kind. */
function judgeCells(block: RecordBlock, width: number) {
  const columns: Map<CellKind, number>[] = [];
  let quotedFields = 0;
  let cells = 0;
  let weight = 0;
  for (let record = 0; record < block.count && cells < SAMPLE_CELLS; record += 1) {
    const first = block.firstFields[record]!;
    const last = block.firstFields[record + 1]!;
    for (let field = first; field < last; field += 1) {
      const text = glimpse(block, field);
      const found = cellKind(text);
      const isQuoted = found !== "empty" && (block.fieldFlags[field]! & FIELD_QUOTED) !== 0;
      if (isQuoted) quotedFields += 1;
      cells += 1;
      weight += isQuoted ? 1 : KIND_WEIGHT[found];
      if (last - first !== width || found === "empty") continue;
      columns[field - first] ??= new Map();
      const kinds = columns[field - first]!;
      const kind = isQuoted && found === "odd" ? "text" : found;
      kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
    }
  }
  const plausibility = cells === 0 ? 0 : (weight / cells) * (0.7 + 0.3 * uniformity(columns));
  // A delimiter at every line's end makes no column.
  return { plausibility, quotedFields, filledColumns: columns.filter((kinds) => kinds !== undefined).length };
}

/** The share of cells that are of their column's most usual kind. */
function uniformity(columns: readonly (Map<CellKind, number> | undefined)[]): number {
  let all = 0;
  let usual = 0;
  for (const kinds of columns) {
    if (kinds === undefined) continue;
    let most = 0;
    for (const times of kinds.values()) {
      all += times;
      most = Math.max(most, times);
    }
    usual += most;
  }
  return all === 0 ? 1 : usual / all;
}
