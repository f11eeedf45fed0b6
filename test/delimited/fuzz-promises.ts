import { isUtf8 } from "node:buffer";
import { createHash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { AppError, InvariantBroken, type Issue, issueSchema } from "@inlet/contracts";
import {
  type CheckSinks,
  check,
  decodeRejected,
  ErrorFile,
  inferTable,
  isUnreadable,
  normalized,
  parseCells,
  type Report,
  readRecord,
  sniff,
  withColumns,
} from "@inlet/delimited";
import { parse } from "csv-parse/sync";
import { choppedSource } from "./chopped-source.ts";
import type { FuzzCase } from "./fuzz-case.ts";

/** A promise that the engine did not keep. */
export class BrokenPromise extends Error {}

/** All that one check of a case hands out. */
interface Looked {
  report: Report;
  /** The first of them, and a hash of all. */
  issues: Issue[];
  issuesHash: string;
  byCode: Record<string, number>;
  canonical: Buffer;
  index: Buffer;
  rejected: Buffer;
  errors: Buffer;
  errorRows: number;
}

/** How far a check has read is no part of its result: a file that is given up early is read further with larger chunks. */
interface Read {
  looked: Looked | string;
  readTo: number;
}

/** Findings after which the rest of a file is not read. */
const CUT_CODES = ["file_too_large", "records_too_many"];
/** Findings that are looked at one by one. */
const KEPT_ISSUES = 20_000;
/** No generated file holds it. */
const MARK = "ZQXJK";
const MARKED = new RegExp(`[\\x00-\\xff]["']?${MARK}[0-9a-z]{8}["']?`, "g");

/**
 * Checks a case and holds the engine to what it promises.
 * @returns how the check ended, for statistics.
 * @throws BrokenPromise, or whatever the engine threw that it must not.
 */
export async function holdToPromises({ bytes, table, cuts }: FuzzCase): Promise<string> {
  let first: Looked | string | undefined;
  for (const at of cuts) {
    const { looked, readTo } = await look(bytes, table, at);
    if (typeof looked !== "string") judgeReading(bytes, looked, readTo);
    first ??= looked;
    if (!isDeepStrictEqual(first, looked)) {
      throw new BrokenPromise(`the result depends on how the bytes are cut: ${difference(first, looked)}`);
    }
  }
  if (first === undefined || typeof first === "string") return first ?? "nothing";
  judgeIssues(bytes, first);
  await judgeProducts(table.columns.length, first);
  await judgeResultFile(bytes, first, cuts.at(-1)!);
  await judgeWithoutTable(bytes, cuts);
  return first.report.verdict;
}

/** One check; or the code of the error with which it refused, where it may. */
async function look(bytes: Buffer, table: FuzzCase["table"], cuts: readonly number[]): Promise<Read> {
  const source = choppedSource(bytes, cuts);
  const parts = { canonical: [] as Buffer[], index: [] as Buffer[], rejected: [] as Buffer[], errors: [] as Buffer[] };
  const into = (list: Buffer[]) => (chunk: Buffer) => void list.push(Buffer.from(chunk));
  const errorFile = new ErrorFile(into(parts.errors));
  const sinks: CheckSinks = {
    canonical: into(parts.canonical),
    index: into(parts.index),
    rejected: into(parts.rejected),
    failed: errorFile,
  };
  const issues: Issue[] = [];
  const byCode: Record<string, number> = {};
  const hash = createHash("sha256");
  const onIssue = (issue: Issue) => {
    hash.update(JSON.stringify(issue));
    byCode[issue.code] = (byCode[issue.code] ?? 0) + 1;
    if (issues.length < KEPT_ISSUES || issue.record === null) issues.push(issue);
  };
  try {
    const report = await check(source, { table, sinks, onIssue });
    await errorFile.end();
    const looked: Looked = {
      report,
      issues,
      issuesHash: hash.digest("hex"),
      byCode,
      canonical: Buffer.concat(parts.canonical),
      index: Buffer.concat(parts.index),
      rejected: Buffer.concat(parts.rejected),
      errors: Buffer.concat(parts.errors),
      errorRows: errorFile.rowCount,
    };
    return { looked, readTo: source.readTo };
  } catch (error) {
    if (error instanceof AppError && !(error instanceof InvariantBroken)) {
      return { looked: error.code, readTo: source.readTo };
    }
    throw error;
  }
}

/** A file that could be read and is within its limits is read to its last byte. */
function judgeReading(bytes: Buffer, { report }: Looked, readTo: number): void {
  if (report.scan === null || CUT_CODES.some((code) => code in report.issues.byCode)) return;
  promise(readTo === bytes.length, `read to ${readTo} of ${bytes.length} bytes`);
}

/** Totals agree, and every finding is about a place that the file has. */
function judgeIssues(bytes: Buffer, { report, issues, byCode }: Looked): void {
  const { counts, verdict, reason } = report;
  promise(counts.records === counts.valid + counts.rejected, `records = valid + rejected: ${JSON.stringify(counts)}`);
  promise((verdict === "fail") === (reason !== null), "a failed file has a reason, a passed one none");
  promise(isDeepStrictEqual(JSON.parse(JSON.stringify(report)), report), "the report is plain JSON");
  promise(
    isDeepStrictEqual({ ...byCode }, { ...report.issues.byCode }),
    `totals per code: ${JSON.stringify([byCode, report.issues.byCode])}`,
  );
  const total = Object.values(byCode).reduce((sum, count) => sum + count, 0);
  promise(report.issues.errors + report.issues.warnings === total, "errors + warnings = all findings");
  const lineOf = lineCounter(bytes);
  for (const issue of issues) {
    const shown = JSON.stringify(issue);
    promise(issueSchema.safeParse(issue).success, `a finding fits its schema: ${shown}`);
    if (issue.record !== null) {
      promise(issue.record <= counts.records, `a finding's record is in the file: ${shown}`);
      promise(issue.line !== null && issue.offset !== null, `a record's finding has a place: ${shown}`);
    }
    if (issue.offset === null) continue;
    promise(issue.offset <= bytes.length, `a finding lies inside the file of ${bytes.length} bytes: ${shown}`);
    if (issue.line === null) continue;
    const line = lineOf(issue.offset);
    promise(issue.line === line, `offset ${issue.offset} is in line ${line}: ${shown}`);
  }
}

/** Canonical file, index, rejected and error file agree with the counts and with one another. */
async function judgeProducts(columns: number, looked: Looked): Promise<void> {
  const { report, canonical, index, rejected, issues, errors } = looked;
  const { counts } = report;
  const numbers: number[] = [];
  for await (const number of decodeRejected([rejected])) numbers.push(number);
  const lines = canonical.length === 0 ? [] : canonical.subarray(0, -1).toString().split("\n");
  const hasFileError = issues.some(({ record, severity }) => record === null && severity === "error");
  const isKept = lines.length > 0 || numbers.length > 0 || !hasFileError;
  if (isKept) {
    promise(canonical.length === 0 || canonical.at(-1) === 10, "the canonical file ends with a line feed");
    promise(lines.length === counts.valid, `${counts.valid} valid records, ${lines.length} canonical lines`);
    promise(canonical.length === report.canonicalBytes, "the canonical bytes are counted");
    promise(numbers.length === counts.rejected, `${counts.rejected} rejected records, ${numbers.length} numbers`);
    const rejectedSet = new Set(numbers);
    promise(
      rejectedSet.size === numbers.length && numbers.every((n) => n >= 1 && n <= counts.records),
      "rejected numbers rise",
    );
    let last = 0;
    for (const line of lines) {
      const cells = line.split("\t");
      const number = Number(cells[0]);
      promise(cells.length === columns + 1, `a canonical line has every column: ${JSON.stringify(line.slice(0, 200))}`);
      promise(
        number > last && number <= counts.records && !rejectedSet.has(number),
        `canonical record ${number} after ${last}`,
      );
      last = number;
    }
    const probes = new Set([0, lines.length >> 1, lines.length - 1].filter((at) => at >= 0 && at < lines.length));
    for (const probe of probes) {
      const bytes = Buffer.from(lines[probe]!);
      const tab = bytes.indexOf(9);
      const number = Number(bytes.toString("latin1", 0, tab));
      const found = await readRecord(async (at, length) => canonical.subarray(at, at + length), index, number);
      promise(
        isDeepStrictEqual(found, parseCells(bytes, tab + 1, bytes.length)),
        `record ${number} is found through the index`,
      );
    }
  }
  promise(
    looked.errorRows === counts.rejected,
    `${counts.rejected} rejected records, ${looked.errorRows} rows in the error file`,
  );
  if (errors.length > 0) {
    // A delimiter that no spreadsheet knows is not used for a file that people open.
    const own = report.scan!.dialect.delimiter;
    const delimiter = [",", ";", "|", "\t"].includes(own) ? own : ",";
    const rows = parse(errors, { bom: true, delimiter, relax_column_count: false, record_delimiter: "\r\n" });
    promise(
      rows.length === counts.rejected + 1,
      `the error file has ${rows.length} rows for ${counts.rejected} records`,
    );
  }
}

/** The result file without the added cells is the client's file, where nothing was rejected. */
async function judgeResultFile(
  bytes: Buffer,
  { report, rejected, issues, byCode }: Looked,
  cuts: readonly number[],
): Promise<void> {
  const { scan, counts } = report;
  if (scan === null || issues.some(({ record, severity }) => record === null && severity === "error")) return;
  if (bytes.includes(MARK)) return;
  const written: Buffer[] = [];
  const added = { labels: [`${MARK}label000`], widths: [MARK.length + 8], fill };
  for await (const chunk of withColumns({
    source: choppedSource(bytes, cuts),
    plan: scan,
    rejected: [rejected],
    added,
  })) {
    written.push(Buffer.from(chunk));
  }
  const result = Buffer.concat(written).toString("latin1");
  const cells = result.match(MARKED)?.length ?? 0;
  const stripped = result.replaceAll(MARKED, "");
  const rows = cells - (result.includes(`${MARK}label000`) ? 1 : 0);
  promise(rows === counts.valid, `${counts.valid} valid records, ${rows} rows with added cells`);
  if (counts.rejected === 0) {
    // Tolerant reading fills up records that are too short, so that the new cells stand under their labels.
    const isFilled = scan.dialect.reading === "tolerant" && "cells_missing" in byCode;
    const compared = (text: string) => (isFilled ? text.replaceAll(scan.dialect.delimiter, "") : text);
    const original = bytes.toString("latin1");
    promise(compared(stripped) === compared(original), "the result without the added cells is the client's file");
  } else if (scan.dialect.reading === "strict") {
    promise(stripped.length < bytes.length, "the result leaves rejected records out");
  }
}

/** A file that no profile knows: its dialect is found, a table is made for it, and what was understood is written down. */
async function judgeWithoutTable(bytes: Buffer, cuts: readonly number[][]): Promise<void> {
  const found = await sniff(choppedSource(bytes, []));
  const again = await sniff(choppedSource(bytes, cuts.at(-1)!));
  promise(
    isDeepStrictEqual(found, again),
    `the dialect depends on how the bytes are cut: ${cut(found)} or ${cut(again)}`,
  );
  if (isUnreadable(found)) return;
  promise(isDeepStrictEqual(JSON.parse(JSON.stringify(found)), found), "what was sniffed is plain JSON");
  const source = choppedSource(bytes, cuts.at(-1)!);
  const counted = { written: 0, leftOut: 0 };
  const chunks: Buffer[] = [];
  for await (const chunk of normalized({
    source,
    plan: found.scan,
    onEnd: (counts) => void Object.assign(counted, counts),
  })) {
    chunks.push(Buffer.from(chunk));
  }
  const text = Buffer.concat(chunks);
  promise(isUtf8(text), "the normalized file is UTF-8");
  const rows = parse(text, { relax_column_count: true, record_delimiter: "\n" });
  promise(
    rows.length === counted.written + 1,
    `${counted.written} records written, ${rows.length} rows in the normalized file`,
  );
  const { table } = await inferTable({ source, scan: found.scan });
  const looked = (await look(bytes, table, cuts.at(-1)!)).looked;
  promise(typeof looked !== "string", `an inferred table can be used: ${looked}`);
  judgeIssues(bytes, looked as Looked);
}

function fill(records: Float64Array, target: Buffer): void {
  records.forEach(
    (record, i) => void target.write(`${MARK}${String(record).padStart(8, "0")}`, i * (MARK.length + 8), "latin1"),
  );
}

/** The physical line, from 1, in which a byte lies; offsets may come in any order. */
function lineCounter(bytes: Buffer): (offset: number) => number {
  const ends: number[] = [];
  for (let i = 0; i < bytes.length; i += 1) {
    if (bytes[i] === 10 || (bytes[i] === 13 && bytes[i + 1] !== 10)) ends.push(i + 1);
  }
  return (offset) => {
    let low = 0;
    let high = ends.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (ends[middle]! <= offset) low = middle + 1;
      else high = middle;
    }
    return low + 1;
  };
}

function difference(a: Looked | string, b: Looked | string): string {
  if (typeof a === "string" || typeof b === "string")
    return `${typeof a === "string" ? a : "a report"} or ${typeof b === "string" ? b : "a report"}`;
  for (const key of Object.keys(a) as (keyof Looked)[]) {
    if (!isDeepStrictEqual(a[key], b[key])) return `${key} ${cut(a[key])} or ${cut(b[key])}`;
  }
  return "";
}

function cut(value: unknown): string {
  return (Buffer.isBuffer(value) ? JSON.stringify(value.toString("latin1")) : JSON.stringify(value)).slice(0, 600);
}

function promise(isKept: boolean, what: string): void {
  if (!isKept) throw new BrokenPromise(what);
}
