import type { Issue } from "@inlet/contracts";
import type { ScanPlan } from "../scan/dialect.ts";
import { decodeText } from "../scan/encoding.ts";
import { fieldText } from "../scan/field-text.ts";
import { FIELD_QUOTED, type RecordBlock } from "../scan/record-block.ts";
import { scanFrom } from "../scan/scan-from.ts";

/** The piece of a line round a finding: what stands before the offending text, the text itself, what follows it. */
export interface Excerpt {
  before: string;
  /** Empty where something is missing. */
  marked: string;
  after: string;
  /** The line goes on to the left, or to the right, of what is here. */
  isCutBefore: boolean;
  isCutAfter: boolean;
}

/** Reads up to `length` bytes of the plain file from `offset`; fewer at the end. */
export type ReadBytes = (offset: number, length: number) => Promise<Buffer>;

/** Bytes that are looked at before and after the place of a finding. */
const BEFORE_BYTES = 2_000;
const AFTER_BYTES = 6_000;
const LF = 10;
const CR = 13;

/** Findings that mean one character, and not the cell in which it stands. */
const OF_ONE_CHARACTER: ReadonlySet<string> = new Set([
  "quote_stray",
  "text_after_quote",
  "spaces_round_quotes",
  "nul_byte",
  "encoding_invalid",
]);
/** Findings for which the rest of the line is meant. */
const OF_REST: ReadonlySet<string> = new Set(["quote_unclosed", "record_too_long"]);

/**
 * Cuts the line of a finding out of the file, as far as it is near, and says which part of it is meant: the cell, the
 * character, the cells too many, the label. A cell of several lines is cut at its first line's end.
 * @returns undefined for a finding that has no place in the file.
 */
export async function excerptOf(issue: Issue, scan: ScanPlan, read: ReadBytes): Promise<Excerpt | undefined> {
  if (issue.offset === null) return undefined;
  const from = Math.max(0, issue.offset - BEFORE_BYTES);
  const bytes = await read(from, issue.offset - from + AFTER_BYTES);
  const at = issue.offset - from;
  if (at > bytes.length) return undefined;
  const lineStart = startOfLine(bytes, at);
  const lineEnd = endOfLine(bytes, at);
  const span = spanOf(issue, scan, bytes, at, lineEnd);
  const start = Math.min(span.start, lineEnd);
  const end = Math.max(start, Math.min(span.end, lineEnd));
  const { encoding } = scan.dialect;
  const isCutBefore = lineStart === undefined && from > 0;
  const textAt =
    lineStart ?? (isCutBefore && encoding === "utf-8" ? wholeCharacter(bytes) : isBom(bytes, from) ? 3 : 0);
  return {
    before: decodeText(bytes, Math.min(textAt, start), start, encoding),
    marked: decodeText(bytes, start, end, encoding),
    after: decodeText(bytes, end, lineEnd, encoding),
    isCutBefore,
    isCutAfter: lineEnd === bytes.length && bytes.length === issue.offset - from + AFTER_BYTES,
  };
}

/** Where the line begins; undefined when that is further away. */
function startOfLine(bytes: Buffer, at: number): number | undefined {
  for (let i = at; i > 0; i -= 1) {
    const c = bytes[i - 1]!;
    if (c === LF || (c === CR && bytes[i] !== LF)) return i;
  }
  return undefined;
}

function endOfLine(bytes: Buffer, at: number): number {
  for (let i = at; i < bytes.length; i += 1) if (bytes[i] === LF || bytes[i] === CR) return i;
  return bytes.length;
}

/** Past the rest of a UTF-8 character that was cut through. */
function wholeCharacter(bytes: Buffer): number {
  let i = 0;
  while (i < 3 && (bytes[i]! & 0xc0) === 0x80) i += 1;
  return i;
}

const isBom = (bytes: Buffer, offset: number) =>
  offset === 0 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;

/** Which bytes are meant. */
function spanOf(issue: Issue, scan: ScanPlan, bytes: Buffer, at: number, lineEnd: number): Span {
  if (OF_REST.has(issue.code)) return { start: at, end: lineEnd };
  if (OF_ONE_CHARACTER.has(issue.code)) return { start: at, end: at + characterLength(bytes, at, scan) };
  if (issue.record === null) return labelSpan(issue, scan, bytes, at) ?? { start: at, end: lineEnd };
  if (issue.column !== null) return cellSpans(bytes, at, scan)[0] ?? { start: at, end: lineEnd };
  if (issue.code === "cells_missing") return { start: lineEnd, end: lineEnd };
  if (issue.code === "cells_extra") {
    const first = cellSpans(bytes, at, scan)[scan.header.labels.length];
    if (first !== undefined) return { start: first.start, end: lineEnd };
  }
  return { start: at, end: lineEnd };
}

function characterLength(bytes: Buffer, at: number, { dialect }: ScanPlan): number {
  if (dialect.encoding !== "utf-8") return 1;
  let length = 1;
  if (bytes[at]! >= 0xc0) while (length < 4 && (bytes[at + length]! & 0xc0) === 0x80) length += 1;
  return length;
}

interface Span {
  start: number;
  end: number;
}

/** The label that a finding about the header means: of several with one text the last, which is the one too many. */
function labelSpan({ value }: Issue, scan: ScanPlan, bytes: Buffer, at: number): Span | undefined {
  if (value === null) return undefined;
  const block = scanFrom(bytes, at, scan);
  if (block.count === 0) return undefined;
  const { encoding, quote } = scan.dialect;
  for (let field = block.firstFields[1]! - 1; field >= 0; field -= 1) {
    if (fieldText(block, field, encoding, quote).slice(0, 100) === value) return fieldSpan(block, field);
  }
  return undefined;
}

/** The cells from here to the record's end, each with its quotes. */
function cellSpans(bytes: Buffer, at: number, scan: ScanPlan): Span[] {
  const block = scanFrom(bytes, at, scan);
  if (block.count === 0) return [];
  return Array.from({ length: block.firstFields[1]! }, (_, field) => fieldSpan(block, field));
}

function fieldSpan({ fieldStarts, fieldEnds, fieldFlags }: RecordBlock, field: number): Span {
  const quotes = (fieldFlags[field]! & FIELD_QUOTED) === 0 ? 0 : 1;
  return { start: fieldStarts[field]! - quotes, end: fieldEnds[field]! + quotes };
}
