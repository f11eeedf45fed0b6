import { isAscii } from "node:buffer";
import type { IssueFacts } from "../issues/issue-log.ts";
import type { Encoding, ScanLimits, ScanPlan } from "../scan/dialect.ts";
import type { ByteSource } from "../scan/source.ts";
import { type Detected, type DetectedTable, detectDialect, type ExpectedLabels, type FixedFormat } from "./detect.ts";
import { type FirstBytes, hasBom, isUtf16, readHead } from "./head.ts";
import { judgeEncoding } from "./judge-encoding.ts";

/** What a look at a file's beginning needs to know. */
export interface LookOptions {
  fixed: FixedFormat & { encoding?: Encoding | "auto" | undefined };
  limits: ScanLimits;
  expected?: ExpectedLabels | undefined;
  signal?: AbortSignal | undefined;
}

/** A file whose records can be read. */
export interface Look {
  table: DetectedTable;
  /** How to read it, but for the labels of a file without header: these are the caller's to give. */
  scan: ScanPlan;
  /** undefined: all ASCII so far, so it does not matter yet. */
  encoding: Encoding | undefined;
  /** Offset of the first byte that is not valid UTF-8, where one was found. */
  firstInvalidUtf8: number | null;
}

/** A file of which nothing can be read, and why. */
export interface Unreadable {
  problem: IssueFacts;
}

/** Where few records fit into the head, a larger one is looked at, up to this. */
const LARGEST_HEAD_BYTES = 4 * 1024 * 1024;
/** With fewer, one record more or less says too much. */
const ENOUGH_RECORDS = 10;

/** Judges encoding, dialect and header from a file's beginning; the encoding, where it matters, from the whole file. */
export async function lookAt(source: ByteSource, options: LookOptions): Promise<Look | Unreadable> {
  const first = await readHead(source);
  const { bytes, length } = first;
  if (length === 0) {
    return { problem: { code: "file_empty", message: "The file is empty; send it again with its data." } };
  }
  if (isUtf16(bytes, length)) {
    return { problem: { code: "file_utf16", message: "The file is UTF-16; save it as UTF-8.", line: 1, offset: 0 } };
  }
  const bom = hasBom(bytes, length);
  const { encoding, firstInvalidUtf8 } = await encodingOf(source, first, bom, options);
  const { head, detected } = await detectIn(source, first, bom ? 3 : 0, encoding ?? "utf-8", options);
  const { table } = detected;
  if (table === null) return { problem: noRecords(head.final) };
  const scan: ScanPlan = {
    dialect: {
      ...detected.marks,
      encoding: encoding ?? "utf-8",
      bom,
      lineEnd: detected.lineEnd,
      quoteAll: detected.quoteAll,
      confidence: detected.confidence,
    },
    limits: options.limits,
    header: {
      records: table.headerRecords,
      offset: table.offset,
      end: table.end,
      line: table.line,
      labels: table.labels,
    },
    data: { offset: table.next, line: table.nextLine },
  };
  return { table, scan, encoding, firstInvalidUtf8 };
}

async function encodingOf(source: ByteSource, { bytes, length }: FirstBytes, bom: boolean, options: LookOptions) {
  const known = options.fixed.encoding;
  if (bom) return { encoding: "utf-8" as const, firstInvalidUtf8: null };
  if (known !== undefined && known !== "auto") return { encoding: known, firstInvalidUtf8: null };
  if (isAscii(bytes.subarray(0, length))) return { encoding: undefined, firstInvalidUtf8: null };
  return judgeEncoding(source, 0, options.signal);
}

/** Looks at more of the file until it has seen enough records, or all that it is willing to look at. */
async function detectIn(
  source: ByteSource,
  first: FirstBytes,
  start: number,
  encoding: Encoding,
  { fixed, expected, limits }: LookOptions,
): Promise<{ head: FirstBytes; detected: Detected }> {
  let head = first;
  for (;;) {
    const { bytes, length, final } = head;
    const detected = detectDialect({ bytes, start, length, final }, { fixed, expected, encoding, limits });
    const hasEnough = final || length >= LARGEST_HEAD_BYTES || detected.records >= ENOUGH_RECORDS;
    if (hasEnough) return { head, detected };
    head = await readHead(source, length * 4);
  }
}

function noRecords(final: boolean): IssueFacts {
  return final
    ? { code: "file_empty", message: "The file holds nothing but blank lines; send it again with its data." }
    : {
        code: "header_broken",
        message: `No line of column names ends within the first ${LARGEST_HEAD_BYTES} bytes.`,
        line: 1,
      };
}
