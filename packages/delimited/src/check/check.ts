import { isAscii, isUtf8 } from "node:buffer";
import type { Issue, Reason, Table } from "@inlet/contracts";
import { type ColumnPlan, planColumns } from "../cells/column-plan.ts";
import { FORM_ASCII, FORM_ESCAPES, FORM_UTF8, FORM_WINDOWS_1252 } from "../cells/write-cell.ts";
import { judgeEncoding } from "../detect/judge-encoding.ts";
import type { MappedLabel } from "../header/header.ts";
import { IssueLog } from "../issues/issue-log.ts";
import { DuplicateWatch, uniqueRules } from "../keys/duplicates.ts";
import type { LineEnd, ScanPlan } from "../scan/dialect.ts";
import type { RecordBlock } from "../scan/record-block.ts";
import { scanBlocks } from "../scan/scan-blocks.ts";
import { countLineEnds, type Scanner } from "../scan/scanner.ts";
import type { ByteSource } from "../scan/source.ts";
import { BlockChecker, type CheckerRules, type FailedRecord } from "./block-checker.ts";
import { GroupRule } from "./groups.ts";
import { type Inspection, inspect } from "./inspect.ts";
import { judgeOutcome, type Outcome } from "./verdict.ts";

/**
 * Where the check's products go, as they come. A promise holds the check back; a chunk is lent until it resolves, and is
 * written over then.
 */
export interface CheckSinks {
  /** The canonical file (see canonical.ts). */
  canonical?: (chunk: Buffer) => void | Promise<void>;
  /** The index of the canonical file. */
  index?: (chunk: Buffer) => void | Promise<void>;
  /** The rejected file (see rejected.ts). */
  rejected?: (chunk: Buffer) => void | Promise<void>;
  /** Every record that failed, with its issues: `begin` comes first, once; `flush` is awaited now and then. */
  failed?: { begin: (scan: ScanPlan) => void; add: (record: FailedRecord) => void; flush: () => Promise<void> };
}

/** What a check is to look for, and whom to tell. */
export interface CheckOptions {
  table: Table;
  /** Labels that a later stage adds to the file, so that the file must not have them already. */
  reservedHeaders?: readonly string[];
  sinks?: CheckSinks;
  /** Called for every issue, in the order of the file within one kind of finding; keep what you need. */
  onIssue?: (issue: Issue) => void;
  signal?: AbortSignal;
}

/** The outcome of a check. Plain JSON. */
export interface Report {
  /** `pass`: the valid records may be imported. `fail`: nothing of the file may be. */
  verdict: "pass" | "fail";
  /** Why it failed, in words for the client. */
  reason: Reason | null;
  counts: { records: number; valid: number; rejected: number };
  /** Exact, however many were kept. */
  issues: { errors: number; warnings: number; byCode: Record<string, number> };
  /** How to read the same records again; null when none could be read. */
  scan: ScanPlan | null;
  /** Which field of the file is which column. */
  columns: MappedLabel[];
  /** Where the file is not valid UTF-8, if that is why it was read as Windows-1252. */
  firstInvalidUtf8: { offset: number; line: number | null } | null;
  canonicalBytes: number;
}

/** Canonical bytes that come together before they are handed on. */
const FLUSH_BYTES = 700 * 1024;
const BACKSLASH = 0x5c;
const TAB = 0x09;

/**
 * Checks a file against a table: structure, types, rules, keys; decides by the table's policy for invalid rows; and writes
 * the valid records in canonical form, so that PostgreSQL takes every line of it. One reading, and a second one where rows
 * stand or fall in groups, or where duplicates have to be proved. Memory does not grow with the file, but for the keys of
 * unique columns (some 12 bytes each).
 * @throws Misconfigured when the table's own rules cannot be used; Unavailable (retry) when two keys had one hash.
 */
export async function check(source: ByteSource, options: CheckOptions): Promise<Report> {
  const { table, sinks = {}, signal } = options;
  const plans = planColumns(table);
  const log = new IssueLog(options.onIssue);
  const { reservedHeaders = [] } = options;
  const inspection = await inspect(source, table, { reservedHeaders, log, signal });
  const { scan } = inspection;
  if (scan === undefined) return report({ table, log, inspection });

  for (const plan of plans) plan.field = inspection.labels.findIndex((label) => label.column === plan.column.name);
  const isSound = log.errors === 0;
  // With a broken header the file cannot pass; its records are looked at all the same, so that one answer says it all.
  const usable = isSound ? plans : plans.filter((plan) => plan.field >= 0);
  const reader = new Reader(source, table, scan, inspection, signal);
  const groupPlan = groupPlanOf(table, usable);
  let group: GroupRule | undefined;
  if (groupPlan !== undefined) {
    group = new GroupRule(groupPlan);
    const silent = { plans: usable, scan, watches: watchesOf(usable), group, log: new IssueLog(undefined) };
    await reader.read(new BlockChecker(silent), {}, new IssueLog(undefined));
    group.isFinal = true;
  }
  const { failed } = sinks;
  failed?.begin(scan);
  const watches = watchesOf(usable);
  const rules: CheckerRules = { plans: usable, scan, watches, group, log, onFailed: failed && ((r) => failed.add(r)) };
  const checker = new BlockChecker(rules);
  await reader.read(checker, isSound ? sinks : failed === undefined ? {} : { failed }, log);
  await prove(reader, watches, scan);
  return report({ table, log, inspection, checker, reader });
}

function watchesOf(plans: readonly ColumnPlan[]): DuplicateWatch[] {
  return uniqueRules(plans).map((rule) => new DuplicateWatch(rule));
}

function groupPlanOf({ invalid }: Table, plans: readonly ColumnPlan[]): ColumnPlan | undefined {
  if (invalid.policy !== "group") return undefined;
  return plans.find((plan) => plan.column.name === invalid.by && plan.field >= 0);
}

/** Reads the file again, as often as needed, to prove what looked like a duplicate by its hash. */
async function prove(reader: Reader, watches: readonly DuplicateWatch[], scan: ScanPlan): Promise<void> {
  const proofs = watches.map((watch) => watch.finish()).filter((proof) => proof !== undefined);
  const plans = [...new Set(watches.flatMap((watch) => watch.rule.plans))];
  for (;;) {
    const open = proofs.filter((proof) => proof.begin());
    if (open.length === 0) break;
    const log = new IssueLog(undefined);
    await reader.read(new BlockChecker({ plans, scan, watches: [], proofs: open, log }), {}, log);
  }
  for (const proof of proofs) proof.finish();
}

/** Leads a checker through the file's records. */
class Reader {
  readonly #source: ByteSource;
  readonly #table: Table;
  readonly #scan: ScanPlan;
  readonly #signal: AbortSignal | undefined;
  /** Known when the profile or a BOM says so, or once a byte beyond ASCII has been met. */
  #encodingKnown: boolean;
  #firstInvalidUtf8: number | null;
  firstInvalidLine: number | null = null;
  /** The file was longer than its limits; the rest was not read. */
  isCut = false;

  constructor(
    source: ByteSource,
    table: Table,
    scan: ScanPlan,
    { encoding, firstInvalidUtf8 }: Inspection,
    signal: AbortSignal | undefined,
  ) {
    this.#source = source;
    this.#table = table;
    this.#scan = scan;
    this.#signal = signal;
    this.#encodingKnown = encoding !== undefined;
    this.#firstInvalidUtf8 = firstInvalidUtf8;
  }

  get firstInvalidUtf8(): Report["firstInvalidUtf8"] {
    const offset = this.#firstInvalidUtf8;
    return offset === null ? null : { offset, line: this.firstInvalidLine };
  }

  async read(checker: BlockChecker, sinks: CheckSinks, log: IssueLog): Promise<void> {
    const { dialect, limits, data } = this.#scan;
    const { totalBytes, records } = this.#table.limits;
    const blocks = scanBlocks(this.#source, { marks: dialect, limits, ...data }, this.#signal);
    const blank = { count: 0, line: 0 };
    try {
      for (;;) {
        const { value, done } = await blocks.next();
        if (done) {
          dialect.lineEnd = lineEndOf(value);
          break;
        }
        const { form, isDamaged } = await this.#judgeBytes(value);
        checker.check(value, form, isDamaged);
        if (value.blankLines > 0 && blank.count === 0) blank.line = value.baseLine + value.firstBlankLine;
        blank.count += value.blankLines;
        if (value.baseOffset + value.to > totalBytes || checker.recordCount > records) {
          this.isCut = true;
          reportCut(log, this.#table, checker.recordCount > records);
          break;
        }
        if (checker.writer.position >= FLUSH_BYTES) await flush(checker, sinks);
        await sinks.failed?.flush();
      }
    } finally {
      await blocks.return({ lf: 0, cr: 0, crlf: 0 });
    }
    await flush(checker, sinks);
    await sinks.failed?.flush();
    if (blank.count > 0) {
      const message = `${blank.count === 1 ? "A blank line was" : `${blank.count} blank lines were`} passed over.`;
      log.add({ code: "blank_lines", severity: "warning", line: blank.line, message });
    }
  }

  /** How a block's bytes are to be read. The first byte beyond ASCII makes the whole rest of the file be judged. */
  async #judgeBytes(block: RecordBlock): Promise<{ form: number; isDamaged: boolean }> {
    const bytes = block.bytes.subarray(block.from, block.to);
    const { dialect } = this.#scan;
    const isPlain =
      !block.hasInnerBreaks && !bytes.includes(BACKSLASH) && (dialect.delimiter === "\t" || !bytes.includes(TAB));
    const escapes = isPlain ? 0 : FORM_ESCAPES;
    if (isAscii(bytes)) return { form: FORM_ASCII | escapes, isDamaged: false };
    if (!this.#encodingKnown) {
      const verdict = await judgeEncoding(this.#source, block.baseOffset + block.from, this.#signal);
      dialect.encoding = verdict.encoding;
      this.#firstInvalidUtf8 = verdict.firstInvalidUtf8;
      this.#encodingKnown = true;
    }
    this.#findInvalidLine(block);
    if (dialect.encoding === "windows-1252") return { form: FORM_WINDOWS_1252 | escapes, isDamaged: false };
    return { form: FORM_UTF8 | escapes, isDamaged: !isUtf8(bytes) };
  }

  #findInvalidLine(block: RecordBlock): void {
    if (this.#firstInvalidUtf8 === null || this.firstInvalidLine !== null) return;
    const at = this.#firstInvalidUtf8 - block.baseOffset;
    if (at < block.from || at >= block.to) return;
    let record = 0;
    while (record + 1 < block.count && block.starts[record + 1]! <= at) record += 1;
    if (block.count === 0) return;
    this.firstInvalidLine =
      block.baseLine + block.lines[record]! + countLineEnds(block.bytes, block.starts[record]!, at);
  }
}

async function flush({ writer, rejected }: BlockChecker, sinks: CheckSinks): Promise<void> {
  const entries = writer.takeIndex();
  if (sinks.index !== undefined) await hand(sinks.index, entries);
  if (sinks.canonical !== undefined) await hand(sinks.canonical, writer.pending());
  writer.release();
  const numbers = rejected.take();
  if (sinks.rejected !== undefined) await hand(sinks.rejected, numbers);
}

async function hand(sink: (chunk: Buffer) => void | Promise<void>, chunk: Buffer): Promise<void> {
  if (chunk.length > 0) await sink(chunk);
}

function lineEndOf({ lf, cr, crlf }: Scanner["lineEnds"]): LineEnd {
  const kinds: LineEnd[] = [];
  if (lf > 0) kinds.push("\n");
  if (crlf > 0) kinds.push("\r\n");
  if (cr > 0) kinds.push("\r");
  return kinds.length > 1 ? "mixed" : (kinds[0] ?? "\n");
}

function reportCut(log: IssueLog, { limits }: Table, isRecords: boolean): void {
  log.add(
    isRecords
      ? { code: "records_too_many", message: `The file has more than ${limits.records} records; send it in parts.` }
      : { code: "file_too_large", message: `The file is larger than ${limits.totalBytes} bytes; send it in parts.` },
  );
}

function report({
  table,
  log,
  inspection,
  checker,
  reader,
}: {
  table: Table;
  log: IssueLog;
  inspection: Inspection;
  checker?: BlockChecker;
  reader?: Reader;
}): Report {
  const records = checker?.recordCount ?? 0;
  const rejected = checker?.rejectedCount ?? 0;
  const counts = { records, valid: records - rejected, rejected };
  if (checker !== undefined && records === 0) {
    log.add({
      code: "records_missing",
      message: "The file has a line of column names, but no records; send it again with its data.",
      line: inspection.scan!.header.line,
    });
  }
  const outcome: Outcome = judgeOutcome(table.invalid, counts, log);
  return {
    ...outcome,
    counts,
    issues: { errors: log.errors, warnings: log.warnings, byCode: Object.fromEntries(log.totals) },
    scan: inspection.scan ?? null,
    columns: inspection.labels,
    firstInvalidUtf8: reader?.firstInvalidUtf8 ?? null,
    canonicalBytes: checker?.writer.sizeBytes ?? 0,
  };
}
