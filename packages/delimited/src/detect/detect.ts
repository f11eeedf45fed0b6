import type { Format, Table } from "@inlet/contracts";
import { expectedLabels, normaliseLabel } from "../header/header.ts";
import { DELIMITERS, type Delimiter, type Encoding, type Quote, type ScanLimits } from "../scan/dialect.ts";
import { recordTexts } from "../scan/field-text.ts";
import { FIELD_QUOTED, RecordBlock } from "../scan/record-block.ts";
import { countLineEnds, Scanner } from "../scan/scanner.ts";

/** What a file's beginning shows of its dialect. */
export interface Detected {
  delimiter: Delimiter;
  quote: Quote;
  quoteAll: boolean;
  /** From 0 to 1. */
  confidence: number;
  /** The header record, or null when the beginning holds no record at all. */
  header: {
    offset: number;
    end: number;
    line: number;
    labels: string[];
    isFaulty: boolean;
    /** Where the line after it begins. */
    next: number;
    nextLine: number;
  } | null;
  /** Share of the table's columns that the header names, from 0 to 1. */
  headerMatch: number;
  /** Lines before the header that are not blank. */
  titleLines: number;
}

/** How many bytes of a file's beginning are looked at. */
export const HEAD_BYTES = 256 * 1024;
/** A header is looked for in the first records only, so that no data record is taken for one. */
const HEADER_WITHIN = 20;
/** In characters; a column's header in a profile has 200 at most. */
const LONGEST_LABEL = 300;
/** Records that say how regular a dialect reads the file. */
const SAMPLE_RECORDS = 1000;

/** One reading of the beginning: what it would be like in this dialect. */
interface Reading {
  delimiter: Delimiter;
  quote: Quote;
  block: RecordBlock;
  headerIndex: number;
  headerMatch: number;
  /** The most usual number of fields, and the share of records that have it. */
  width: number;
  regularity: number;
  quotedFields: number;
  faults: number;
  score: number;
}

/**
 * Finds delimiter, quote and header from a file's beginning (after the byte-order mark). What the profile fixes is kept.
 * A dialect is good when its header names the table's columns, and when its records have the same number of fields.
 * @param head the bytes; one more byte than `length` must be there, and is overwritten.
 * @param final the file ends with the head.
 */
export function detectDialect(
  head: Buffer,
  start: number,
  length: number,
  final: boolean,
  { table, encoding, limits }: { table: Pick<Table, "columns" | "format">; encoding: Encoding; limits: ScanLimits },
): Detected {
  const expected = expectedLabels(table);
  const read = (delimiter: Delimiter, quote: Quote) => {
    const block = new RecordBlock(limits.columns, length, HEADER_WITHIN + SAMPLE_RECORDS);
    new Scanner({ delimiter, quote }, limits).scan(block, head, start, length, final);
    return judge(block, delimiter, quote, encoding, expected, table.columns.length);
  };
  const { format } = table;
  const delimiters = format.delimiter === "auto" ? DELIMITERS : [format.delimiter];
  const readings = delimiters.flatMap((delimiter) =>
    quotesToTry(format, head, length).map((quote) => read(delimiter, quote)),
  );
  readings.sort((a, b) => b.score - a.score);
  const best = format.quote === "auto" ? settleQuote(readings, read) : readings[0]!;
  const rival = readings.find((reading) => reading.delimiter !== best.delimiter);
  const { block, headerIndex } = best;
  const hasHeader = block.count > 0;
  return {
    delimiter: best.delimiter,
    quote: best.quote,
    quoteAll: hasHeader && isQuoteAll(block, headerIndex),
    confidence: confidence(best, rival),
    header: hasHeader
      ? {
          offset: block.starts[headerIndex]!,
          end: block.ends[headerIndex]!,
          line: 1 + block.lines[headerIndex]!,
          next: block.nexts[headerIndex]!,
          nextLine:
            1 + block.lines[headerIndex]! + countLineEnds(head, block.starts[headerIndex]!, block.nexts[headerIndex]!),
          labels: recordTexts(block, headerIndex, encoding, best.quote),
          isFaulty: block.faulty[headerIndex] === 1,
        }
      : null,
    headerMatch: best.headerMatch,
    titleLines: headerIndex,
  };
}

function quotesToTry(format: Format, head: Buffer, length: number): Quote[] {
  if (format.quote !== "auto") return [format.quote === "none" ? null : format.quote];
  return head.subarray(0, length).includes("'") ? ['"', "'"] : ['"'];
}

function judge(
  block: RecordBlock,
  delimiter: Delimiter,
  quote: Quote,
  encoding: Encoding,
  expected: ReadonlyMap<string, string>,
  columnCount: number,
): Reading {
  let headerIndex = 0;
  let headerMatch = 0;
  for (let record = 0; record < Math.min(block.count, HEADER_WITHIN) && headerMatch < 1; record += 1) {
    const found = new Set<string>();
    for (const label of recordTexts(block, record, encoding, quote)) {
      if (label.length > LONGEST_LABEL) continue;
      const column = expected.get(normaliseLabel(label));
      if (column !== undefined) found.add(column);
    }
    const match = found.size / columnCount;
    if (match > headerMatch) {
      headerMatch = match;
      headerIndex = record;
    }
  }
  const sampled = Math.min(block.count, headerIndex + SAMPLE_RECORDS);
  const widths = new Map<number, number>();
  let faults = 0;
  for (let record = headerIndex; record < sampled; record += 1) {
    const width = block.firstFields[record + 1]! - block.firstFields[record]!;
    widths.set(width, (widths.get(width) ?? 0) + 1);
    faults += block.faulty[record]!;
  }
  let quotedFields = 0;
  for (let field = block.firstFields[headerIndex] ?? 0; field < (block.firstFields[sampled] ?? 0); field += 1) {
    quotedFields += block.fieldFlags[field]! & FIELD_QUOTED;
  }
  const [width, count] = [...widths].reduce((a, b) => (b[1] > a[1] ? b : a), [0, 0] as [number, number]);
  const records = Math.max(1, sampled - headerIndex);
  const regularity = count / records;
  // The header outweighs everything; among equals the more regular reading with the more fields wins.
  const shape = width > 1 ? regularity * regularity * (1 - 1 / width) : 0;
  const score = headerMatch * 4 + shape * 2 - (faults / records) * 0.5;
  return { delimiter, quote, block, headerIndex, headerMatch, width, regularity, quotedFields, faults, score };
}

/**
 * Chooses the quote for the best delimiter. Double quotes are the rule: single ones must be there and read cleanly, and a
 * file without quoting is believed only where that is usual (tab and bar) or where no field is properly quoted at all.
 */
function settleQuote(readings: readonly Reading[], read: (delimiter: Delimiter, quote: Quote) => Reading): Reading {
  const { delimiter } = readings[0]!;
  const of = (quote: Quote) => readings.find((reading) => reading.delimiter === delimiter && reading.quote === quote);
  const double = of('"')!;
  const single = of("'");
  if (single !== undefined && double.quotedFields === 0 && single.quotedFields > 1 && single.faults === 0)
    return single;
  const unquotedIsUsual = delimiter === "\t" || delimiter === "|";
  if (unquotedIsUsual && double.quotedFields === 0 && double.faults > 0) return read(delimiter, null);
  return double;
}

function confidence(best: Reading, rival: Reading | undefined): number {
  if (best.block.count === 0) return 0;
  const lead = rival === undefined ? 1 : Math.min(1, Math.max(0, best.score - rival.score));
  const clean = best.headerMatch > 0 ? 0.6 + 0.4 * best.headerMatch : 0.5 * best.regularity;
  return Math.round(Math.min(1, clean * (0.5 + 0.5 * lead)) * 100) / 100;
}

/** Whether the header and the records after it have every field in quotes. */
function isQuoteAll(block: RecordBlock, headerIndex: number): boolean {
  const last = Math.min(block.count, headerIndex + SAMPLE_RECORDS);
  for (let field = block.firstFields[headerIndex]!; field < block.firstFields[last]!; field += 1) {
    if ((block.fieldFlags[field]! & FIELD_QUOTED) === 0) return false;
  }
  return true;
}
