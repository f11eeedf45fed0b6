import { isAscii, isUtf8 } from "node:buffer";
import type { Table } from "@inlet/contracts";
import { FORM_ASCII, FORM_ESCAPES, FORM_UTF8, FORM_WINDOWS_1252 } from "../cells/write-cell.ts";
import { TrailerWatch } from "../controls/trailer-watch.ts";
import { judgeEncoding } from "../detect/judge-encoding.ts";
import type { IssueLog } from "../issues/issue-log.ts";
import type { LineEnd, ScanPlan } from "../scan/dialect.ts";
import type { RecordBlock } from "../scan/record-block.ts";
import { scanBlocks } from "../scan/scan-blocks.ts";
import { countLineEnds, type Scanner } from "../scan/scanner.ts";
import type { ByteSource } from "../scan/source.ts";
import { RowIndexWriter, WRITE_BYTES } from "../window/row-index.ts";
import type { BlockChecker } from "./block-checker.ts";
import type { Inspection } from "./inspect.ts";
import type { CheckSinks } from "./options.ts";

/** Canonical bytes that come together before they are handed on. */
const FLUSH_BYTES = 700 * 1024;
const BACKSLASH = 0x5c;
const TAB = 0x09;

/** Where a file's first byte lies that is no valid UTF-8. */
export interface InvalidUtf8 {
  /** From 0. */
  offset: number;
  /** Physical line, from 1; null where it is not known. */
  line: number | null;
}

/** Leads a checker through the file's records. */
export class Reader {
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
  /** What the last reading saw of the trailer. */
  trailer: TrailerWatch | undefined;

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

  get firstInvalidUtf8(): InvalidUtf8 | null {
    const offset = this.#firstInvalidUtf8;
    return offset === null ? null : { offset, line: this.firstInvalidLine };
  }

  async read(checker: BlockChecker, sinks: CheckSinks, log: IssueLog): Promise<void> {
    const { dialect, limits, data } = this.#scan;
    const { totalBytes, records } = this.#table.limits;
    const blocks = scanBlocks(this.#source, { marks: dialect, limits, ...data }, this.#signal);
    const blank = { count: 0, line: 0 };
    const trailer = new TrailerWatch(this.#scan);
    const rows = sinks.rows && new RowIndexWriter();
    try {
      for (;;) {
        const { value, done } = await blocks.next();
        if (done) {
          dialect.lineEnd = lineEndOf(value);
          break;
        }
        const { form, isDamaged } = await this.#judgeBytes(value);
        const lookUp = checker.prepare(value, form);
        if (lookUp !== undefined) await lookUp;
        checker.check(value, form, isDamaged);
        trailer.look(value);
        rows?.add(value);
        if (value.blankLines > 0 && blank.count === 0) blank.line = value.baseLine + value.firstBlankLine;
        blank.count += value.blankLines;
        if (value.baseOffset + value.to > totalBytes || checker.recordCount > records) {
          this.isCut = true;
          reportCut(log, this.#table, checker.recordCount > records);
          break;
        }
        if (checker.writer.position >= FLUSH_BYTES) await flush(checker, sinks);
        await sinks.failed?.flush();
        await sinks.findings?.flush();
        if (rows !== undefined && rows.pendingBytes >= WRITE_BYTES) await hand(sinks.rows!, rows.take());
      }
    } finally {
      await blocks.return({ lf: 0, cr: 0, crlf: 0 });
    }
    this.trailer = trailer;
    await flush(checker, sinks);
    await sinks.failed?.flush();
    if (rows !== undefined) await hand(sinks.rows!, rows.take());
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
