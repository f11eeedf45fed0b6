import type { Format } from "@inlet/contracts";
import { normaliseLabel } from "../header/header.ts";
import { DELIMITERS, type Encoding, type LineEnd, type Marks, type Quote, type ScanLimits } from "../scan/dialect.ts";
import { recordTexts } from "../scan/field-text.ts";
import { FIELD_QUOTED, type RecordBlock } from "../scan/record-block.ts";
import { countLineEnds } from "../scan/scanner.ts";
import { joinLabels } from "./join-labels.ts";
import { type Head, type Reading, readWith, widthOf } from "./reading.ts";
import { findTable, type TableStart } from "./table-start.ts";

export { HEAD_BYTES } from "./head.ts";

/** What is fixed of a dialect; what is left out is looked for in the file. */
export type FixedFormat = Partial<
  Pick<
    Format,
    | "delimiter"
    | "quote"
    | "escape"
    | "reading"
    | "preambleLines"
    | "headerLines"
    | "trimSpaces"
    | "comment"
    | "trailer"
  >
>;

/** The labels that a table expects: normalised label → column. */
export interface ExpectedLabels {
  labels: ReadonlyMap<string, string>;
  columnCount: number;
}

/** What a file's beginning shows of its dialect. */
export interface Detected {
  marks: Required<Marks>;
  quoteAll: boolean;
  /** From 0 to 1: how likely the dialect is right. */
  confidence: number;
  /** Where the records begin, and what names their columns; null when the beginning holds no record at all. */
  table: DetectedTable | null;
  /** Share of the table's columns that the header names, from 0 to 1; 0 where no table is known. */
  headerMatch: number;
  /** How many records the head holds, header and title lines included. */
  records: number;
  /** Of the head's lines. */
  lineEnd: LineEnd;
}

/** The header, or where it would be. */
export interface DetectedTable {
  /** Records that name the columns; 0: none does. */
  headerRecords: number;
  /** Of the first header record's first byte; without a header of the first record's. */
  offset: number;
  /** End of the last header record, without its line end; without a header the same as `offset`. */
  end: number;
  /** Physical line, from 1. */
  line: number;
  /** One for each column; empty without a header. */
  labels: string[];
  /** Cells of the usual record. */
  width: number;
  isFaulty: boolean;
  /** Records above it that were taken for titles. */
  titleLines: number;
  /** Where the first data record's line begins. */
  next: number;
  nextLine: number;
}

/** A header that a table knows is looked for in the first records only, so that no data record is taken for one. */
const HEADER_WITHIN = 20;
/** In characters; a column's header in a profile has 200 at most. */
const LONGEST_LABEL = 300;
/** A header that names the table's columns outweighs everything that the shape of the records says. */
const MATCH_WEIGHT = 4;

/** So many times as many cells in single quotes as in double ones make single ones the quote. */
const SINGLE_QUOTES_LEAD = 10;
/** How much better a reading must be than the usual one, where neither breaks a rule. */
const CLEARLY_BETTER = 1.1;
/** What a reading is worth that finds title lines and no header below them. */
const NAMELESS_TABLE = 0.25;
/** Records that say whether every cell is quoted. */
const QUOTED_RECORDS = 1000;
/** As many records with quotes round no cell say that quotes are ordinary characters; fewer are faults. */
const UNQUOTED_RECORDS = 5;

/** A reading, and the header that the table knows in it. */
interface Candidate {
  reading: Reading;
  table: TableStart;
  headerIndex: number;
  headerMatch: number;
  score: number;
}

/**
 * Finds delimiter, quote, escape, title lines and header in a file's beginning. Each dialect that the bytes allow is tried
 * with the scanner itself; the best is the one whose header names the table's columns, whose records have the same number of
 * cells, and whose cells look like data rather than like pieces of it (after the pattern and type scores of G. van den Burg
 * and others, "Wrangling messy CSV files by detecting row and type patterns", 2019).
 */
export function detectDialect(
  head: Head,
  {
    fixed,
    expected,
    encoding,
    limits,
  }: { fixed: FixedFormat; expected?: ExpectedLabels | undefined; encoding: Encoding; limits: ScanLimits },
): Detected {
  const skipped = typeof fixed.preambleLines === "number" ? skipLines(head, fixed.preambleLines) : undefined;
  const from = skipped === undefined ? head : { ...head, start: skipped.offset };
  const base: Omit<Required<Marks>, "delimiter" | "quote"> = {
    escape: fixed.escape === "backslash" ? "backslash" : "doubled",
    comment: fixed.comment ?? null,
    reading: "strict",
    trimSpaces: fixed.trimSpaces ?? false,
    trailer: fixed.trailer ?? null,
  };
  const read = (marks: Marks): Candidate => {
    const reading = readWith(from, marks, limits);
    const match =
      expected === undefined ? { index: 0, share: 0 } : findHeader(reading, expected, encoding, fixed.headerLines ?? 1);
    const table = findTable(reading);
    // Who writes titles above a table names its columns, too: else they are rather records that this reading breaks.
    const doubt = table.first > 0 && !table.hasHeader && match.share === 0 ? NAMELESS_TABLE : 1;
    const score = match.share * MATCH_WEIGHT + reading.score * doubt;
    return { reading, table, headerIndex: match.index, headerMatch: match.share, score };
  };
  const traits = traitsOf(from);
  const candidates: Candidate[] = [];
  for (const delimiter of delimitersToTry(fixed, traits)) {
    for (const quote of quotesToTry(fixed, traits)) {
      candidates.push(settle({ ...base, delimiter, quote }, fixed, traits, read));
    }
  }
  const plausible = candidates
    .filter((candidate) => isPlausibleQuote(candidate, candidates))
    .filter((candidate, _, others) => !isOutvoted(candidate, others, fixed.headerLines ?? 1));
  plausible.sort((a, b) => b.score - a.score);
  const best = settleNoQuote(plausible[0]!, fixed, read);
  const { reading } = best;
  const { block } = reading;
  const marks: Required<Marks> = { ...base, ...reading.marks, reading: fixed.reading ?? "strict" };
  if (block.count === 0)
    return { marks, quoteAll: false, confidence: 0, table: null, headerMatch: 0, records: 0, lineEnd: "\n" };

  const start = startOf(best, fixed);
  if (start.hasComments && !("comment" in fixed)) marks.comment = "#";
  const rival = plausible.find((candidate) => candidate !== plausible[0] && isOther(candidate, best));
  return {
    marks,
    quoteAll: isQuoteAll(block, start.first),
    confidence: confidenceOf(best, rival, fixed),
    table: describeTable(from.bytes, reading, start, encoding, (skipped?.lines ?? 0) + 1),
    headerMatch: best.headerMatch,
    records: block.count,
    lineEnd: reading.lineEnd,
  };
}

/** The marks that occur in the head at all: what does not occur needs no try. */
interface Traits {
  delimiters: string[];
  singleQuotes: boolean;
  doubleQuotes: boolean;
  escapedQuotes: boolean;
  spacedQuotes: boolean;
}

function traitsOf({ bytes, start, length }: Head): Traits {
  const text = bytes.toString("latin1", start, length);
  return {
    delimiters: DELIMITERS.filter((delimiter) => text.includes(delimiter)),
    singleQuotes: /(?:^|[\r\n,;|\t] ?)'/.test(text),
    doubleQuotes: text.includes('"'),
    escapedQuotes: /\\["']/.test(text),
    spacedQuotes: /[,;|\t] +["']|["'] +[,;|\t\r\n]/.test(text),
  };
}

function delimitersToTry(fixed: FixedFormat, { delimiters }: Traits): readonly string[] {
  if (fixed.delimiter !== undefined && fixed.delimiter !== "auto") return [fixed.delimiter];
  // One that does not occur reads the file as a single column; in most such files that is the comma.
  const absent = DELIMITERS.find((delimiter) => !delimiters.includes(delimiter));
  return absent === undefined ? delimiters : [...delimiters, absent];
}

function quotesToTry(fixed: FixedFormat, { singleQuotes }: Traits): Quote[] {
  if (fixed.quote === "none") return [null];
  if (fixed.quote !== undefined && fixed.quote !== "auto") return [fixed.quote];
  return singleQuotes ? ['"', "'"] : ['"'];
}

/** Chooses escape and spaces round quotes for a delimiter and a quote: what leaves fewer broken records. */
function settle(
  marks: Required<Marks>,
  fixed: FixedFormat,
  { escapedQuotes, spacedQuotes }: Traits,
  read: (marks: Marks) => Candidate,
): Candidate {
  let best = read(marks);
  const tryOther = (change: Partial<Marks>) => {
    const other = read({ ...best.reading.marks, ...change });
    const fewer = best.reading.faultyRecords - other.reading.faultyRecords;
    // A wrong escape may break no rule and yet swallow half the file into one cell.
    if (fewer >= 0 && other.score > best.score * (fewer > 0 ? 0.999 : CLEARLY_BETTER)) best = other;
  };
  if (marks.quote === null) return best;
  if (fixed.trimSpaces === undefined && spacedQuotes) tryOther({ trimSpaces: true });
  if ((fixed.escape === undefined || fixed.escape === "auto") && escapedQuotes) tryOther({ escape: "backslash" });
  return best;
}

/**
 * Double quotes are the rule: where nothing stands in single ones, or double ones quote cells cleanly and are not a few
 * among many, apostrophes are no reason to believe in single ones.
 */
function isPlausibleQuote({ reading }: Candidate, candidates: readonly Candidate[]): boolean {
  if (reading.marks.quote !== "'") return true;
  const double = candidates.find(
    ({ reading: { marks } }) => marks.quote === '"' && marks.delimiter === reading.marks.delimiter,
  )?.reading;
  if (double === undefined) return true;
  if (reading.quotedFields === 0) return false;
  return double.faultyRecords > 0 || double.quotedFields * SINGLE_QUOTES_LEAD < reading.quotedFields;
}

/**
 * In a short file with a cell too many somewhere the wrong quote may make most records equally long; but not as long as the
 * header is. The other quote, with which they are, and which breaks no more rules, is the right one.
 */
function isOutvoted(candidate: Candidate, others: readonly Candidate[], headerLines: number): boolean {
  if (headerLines === 0 || isAsWideAsHeader(candidate, headerLines) !== false) return false;
  const { marks, faultyRecords } = candidate.reading;
  return others.some(
    (other) =>
      other.reading.marks.delimiter === marks.delimiter &&
      other.reading.marks.quote !== marks.quote &&
      other.reading.quotedFields > 0 &&
      other.reading.faultyRecords <= faultyRecords &&
      isAsWideAsHeader(other, headerLines) === true,
  );
}

/** Whether the usual record has as many cells as the header names; undefined where nothing names them. */
function isAsWideAsHeader(
  { reading: { block, width }, table, headerIndex, headerMatch }: Candidate,
  headerLines: number,
): boolean | undefined {
  if (block.count === 0 || (headerMatch === 0 && !table.hasHeader)) return undefined;
  const header = headerMatch > 0 ? headerIndex : table.first;
  return widthOf(block, Math.min(header + headerLines, block.count) - 1) === width;
}

/**
 * A file in which quotes are ordinary characters: they stand in several records and round no cell; with tabs and bars also
 * where some cells begin with one. A quote or two in the wrong place are faults of the file, and are to be reported.
 */
function settleNoQuote(best: Candidate, fixed: FixedFormat, read: (marks: Marks) => Candidate): Candidate {
  const { reading } = best;
  const { delimiter } = reading.marks;
  if (isFixed(fixed.quote) || reading.faultyRecords <= reading.quotedFields) return best;
  const isUsual = delimiter === "\t" || delimiter === "|";
  const opened = reading.block.faults.filter(({ code }) => code === "text_after_quote" || code === "quote_unclosed");
  const isMany = reading.faultyRecords >= UNQUOTED_RECORDS && (isUsual || reading.quotedFields === 0);
  if (!isMany && !(isUsual && reading.faultyRecords >= 2 && opened.length > 0)) return best;
  const unquoted = read({ ...reading.marks, quote: null, escape: "doubled", trimSpaces: fixed.trimSpaces ?? false });
  return unquoted.reading.faultyRecords < reading.faultyRecords && unquoted.reading.regularity >= reading.regularity
    ? unquoted
    : best;
}

/** The record, or the first of the records, that name the most of the table's columns. */
function findHeader(
  { block, marks }: Reading,
  { labels, columnCount }: ExpectedLabels,
  encoding: Encoding,
  headerLines: number,
) {
  let index = 0;
  let share = 0;
  const last = Math.min(block.count - headerLines + 1, HEADER_WITHIN);
  for (let record = 0; record < last && share < 1; record += 1) {
    const found = new Set<string>();
    for (const label of namesFrom(block, record, headerLines, encoding, marks.quote)) {
      if (label.length > LONGEST_LABEL) continue;
      const column = labels.get(normaliseLabel(label));
      if (column !== undefined) found.add(column);
    }
    if (found.size / columnCount > share) [index, share] = [record, found.size / columnCount];
  }
  return { index, share };
}

/** What some records together name the columns. */
function namesFrom(block: RecordBlock, first: number, records: number, encoding: Encoding, quote: Quote): string[] {
  return joinLabels(Array.from({ length: records }, (_, level) => recordTexts(block, first + level, encoding, quote)));
}

/** A table's header outweighs what the shape of the records says; so does what the profile fixes. */
function startOf(best: Candidate, fixed: FixedFormat) {
  const shape = best.table;
  // Without names below it nothing tells a title from a broken record.
  const isAtOnce = typeof fixed.preambleLines === "number" || fixed.headerLines === 0;
  const first = isAtOnce ? 0 : best.headerMatch > 0 ? best.headerIndex : shape.first;
  const headerRecords = fixed.headerLines ?? (best.headerMatch > 0 || shape.hasHeader ? 1 : 0);
  const last = Math.min(first + headerRecords, best.reading.block.count);
  return { first, headerRecords: last - first, hasComments: shape.hasComments };
}

function describeTable(
  bytes: Buffer,
  { block, marks, width }: Reading,
  { first, headerRecords }: { first: number; headerRecords: number },
  encoding: Encoding,
  baseLine: number,
): DetectedTable {
  const offset = block.starts[first]!;
  const line = baseLine + block.lines[first]!;
  if (headerRecords === 0) {
    return {
      headerRecords,
      offset,
      end: offset,
      line,
      labels: [],
      width,
      isFaulty: false,
      titleLines: first,
      next: offset,
      nextLine: line,
    };
  }
  const last = first + headerRecords - 1;
  let isFaulty = false;
  for (let record = first; record <= last; record += 1) isFaulty ||= block.faulty[record] !== 0;
  const next = block.nexts[last]!;
  return {
    headerRecords,
    offset,
    end: block.ends[last]!,
    line,
    labels: namesFrom(block, first, headerRecords, encoding, marks.quote),
    width,
    isFaulty,
    titleLines: first,
    next,
    nextLine: baseLine + block.lines[last]! + countLineEnds(bytes, block.starts[last]!, next),
  };
}

/** Whether two readings find other cells: another name for the same reading is no rival. */
function isOther({ reading: a }: Candidate, { reading: b }: Candidate): boolean {
  if (a.width === 1 && b.width === 1) return false;
  return a.marks.delimiter !== b.marks.delimiter || a.quotedFields !== b.quotedFields;
}

function confidenceOf(best: Candidate, rival: Candidate | undefined, fixed: FixedFormat): number {
  if (isFixed(fixed.delimiter) && isFixed(fixed.quote)) return 1;
  if (best.score === 0 || best.reading.width === 0) return 0;
  const lead = rival === undefined ? 1 : Math.max(0, 1 - rival.score / best.score);
  const { regularity, plausibility } = best.reading;
  const sound = best.headerMatch > 0 ? 0.6 + 0.4 * best.headerMatch : 0.5 + 0.5 * regularity * plausibility;
  // Quotes that are ordinary characters, or faults: nobody but the sender knows for sure.
  const settled = best.reading.marks.quote === null && !isFixed(fixed.quote) ? 0.85 : 1;
  const confidence = settled * sound * (0.5 + 0.5 * Math.sqrt(lead));
  return Math.round(Math.min(1, confidence) * 100) / 100;
}

function isFixed(setting: string | undefined): boolean {
  return setting !== undefined && setting !== "auto";
}

/** Whether the first record of the table and those after it have every cell in quotes. */
function isQuoteAll(block: RecordBlock, first: number): boolean {
  const last = Math.min(block.count, first + QUOTED_RECORDS);
  for (let field = block.firstFields[first]!; field < block.firstFields[last]!; field += 1) {
    if ((block.fieldFlags[field]! & FIELD_QUOTED) === 0) return false;
  }
  return true;
}

/** Where the line after the first `lines` physical lines begins; fewer lines when the head has no more. */
function skipLines({ bytes, start, length }: Head, lines: number): { offset: number; lines: number } {
  let offset = start;
  let passed = 0;
  for (let i = start; i < length && passed < lines; i += 1) {
    const isEnd = bytes[i] === 10 || (bytes[i] === 13 && !(i + 1 < length && bytes[i + 1] === 10));
    if (!isEnd) continue;
    passed += 1;
    offset = i + 1;
  }
  return { offset, lines: passed };
}
