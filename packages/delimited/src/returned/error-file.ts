import type { Issue } from "@inlet/contracts";
import { writeToBuffer } from "fast-csv";
import type { FailedRecord } from "../check/block-checker.ts";
import type { Delimiter, ScanPlan } from "../scan/dialect.ts";
import { escapeFormula } from "./formula.ts";

/** The columns that stand after the client's own. */
export const ERROR_LABELS = [
  "error_line",
  "error_record",
  "error_column",
  "error_code",
  "error_message",
  "error_fix",
  "error_raw",
] as const;

/** Between several findings of one record. */
const BETWEEN = " | ";

/**
 * The error file: the client's records that failed, each with what is wrong with it, in the client's own delimiter and column
 * order; UTF-8 with a byte-order mark, so that a spreadsheet reads it rightly, every cell escaped against formulas (see
 * formula.ts). `error_raw` holds the record's own text where it could not be cut into cells. A finding about the file as a
 * whole has a row without cells. Made for `CheckSinks.failed`; call `end` after the check.
 */
export class ErrorFile {
  readonly #write: (chunk: Buffer) => void | Promise<void>;
  #labels: string[] = [];
  #delimiter: Delimiter = ",";
  #rows: string[][] = [];
  #isOpen = false;
  /** Rows made in all, the header not counted. */
  rowCount = 0;

  /** @param write takes the file's bytes as they come; a promise holds the check back. */
  constructor(write: (chunk: Buffer) => void | Promise<void>) {
    this.#write = write;
  }

  begin({ dialect, header }: ScanPlan): void {
    this.#labels = header.labels;
    this.#delimiter = dialect.delimiter;
  }

  /** Adds a record that failed. */
  add({ record, line, cells, raw, issues }: FailedRecord): void {
    const own = this.#labels.map((_, index) => cells[index] ?? "");
    this.#addRow(own, String(line), String(record), issues, raw ?? "");
  }

  /** Adds a finding that concerns the file as a whole. */
  addFileIssue(issue: Issue): void {
    this.#addRow(null, issue.line === null ? "" : String(issue.line), "", [issue], "");
  }

  /** Writes what has come together. */
  async flush(): Promise<void> {
    if (this.#rows.length === 0) return;
    const rows = this.#rows;
    this.#rows = [];
    if (!this.#isOpen) rows.unshift([...this.#labels, ...ERROR_LABELS]);
    const escaped = rows.map((row) => (row.length < this.#labels.length + ERROR_LABELS.length ? this.#pad(row) : row));
    const bytes = await writeToBuffer(
      escaped.map((row) => row.map(escapeFormula)),
      { headers: false, delimiter: this.#delimiter, rowDelimiter: "\r\n", includeEndRowDelimiter: true },
    );
    await this.#write(this.#isOpen ? bytes : Buffer.concat([BYTE_ORDER_MARK, bytes]));
    this.#isOpen = true;
  }

  /** Writes the rest. The file has no bytes when there was nothing to say. */
  async end(): Promise<void> {
    await this.flush();
  }

  #addRow(own: string[] | null, line: string, record: string, issues: readonly Issue[], raw: string): void {
    const join = (pick: (issue: Issue) => string | null) => {
      const texts = issues.map((issue) => pick(issue) ?? "");
      return texts.some((text) => text !== "") ? texts.join(BETWEEN) : "";
    };
    this.rowCount += 1;
    this.#rows.push([
      ...(own ?? []),
      line,
      record,
      join((issue) => issue.column),
      join((issue) => issue.code),
      join((issue) => issue.message),
      join((issue) => issue.fix),
      raw,
    ]);
  }

  /** A finding about the file may come before the labels are known; its cells are filled up when it is written. */
  #pad(row: string[]): string[] {
    return [...this.#labels.map(() => ""), ...row];
  }
}

const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);
