import type { Issue } from "@inlet/contracts";
import { writeToBuffer } from "fast-csv";
import type { FailedRecord } from "../check/block-checker.ts";
import { DELIMITERS, type Delimiter, type ScanPlan } from "../scan/dialect.ts";
import { type ErrorFileMark, errorReference } from "./error-reference.ts";
import { escapeFormula } from "./formula.ts";

/**
 * The columns that stand after the client's own. The reference is the last one and never empty: some spreadsheets leave out
 * the empty cells at the end of a row.
 */
export const ERROR_LABELS = [
  "error_line",
  "error_record",
  "error_column",
  "error_code",
  "error_message",
  "error_fix",
  "error_raw",
  "error_ref",
] as const;
export type ErrorLabel = (typeof ERROR_LABELS)[number];

/** What parts the cells of an error file: what parts those of the file, or a comma, where no spreadsheet knows that one. */
export function errorFileDelimiter(delimiter: Delimiter): Delimiter {
  return (DELIMITERS as readonly string[]).includes(delimiter) ? delimiter : ",";
}

/** Between several findings of one record. */
const BETWEEN = " | ";

/**
 * The error file: the client's records that failed, each with what is wrong with it, in the client's own delimiter (a comma,
 * where no spreadsheet knows that one) and column order; UTF-8 with a byte-order mark, so that a spreadsheet reads it rightly, every cell escaped against formulas (see
 * formula.ts). `error_raw` holds the record's own text where it could not be cut into cells. A finding about the file as a
 * whole has a row without cells. `error_ref` says which record of which batch a row is, so that the mended file can come
 * back (see ../correction). Made for `CheckSinks.failed`; call `end` after the check.
 */
export class ErrorFile {
  readonly #write: (chunk: Buffer) => void | Promise<void>;
  readonly #mark: ErrorFileMark | undefined;
  #labels: string[] = [];
  #delimiter: Delimiter = ",";
  #rows: string[][] = [];
  #isOpen = false;
  /** Rows made in all, the header not counted. */
  rowCount = 0;

  /**
   * @param write takes the file's bytes as they come; a promise holds the check back.
   * @param mark the batch whose file is checked; without one the file cannot come back as a correction.
   */
  constructor(write: (chunk: Buffer) => void | Promise<void>, mark?: ErrorFileMark) {
    this.#write = write;
    this.#mark = mark;
  }

  begin({ dialect, header }: ScanPlan): void {
    this.#labels = header.labels;
    this.#delimiter = errorFileDelimiter(dialect.delimiter);
  }

  /** Adds a record that failed. */
  add({ record, line, cells, raw, issues }: FailedRecord): void {
    const own = this.#labels.map((_, index) => cells[index] ?? "");
    this.#addRow(own, String(line), record, issues, raw ?? "");
  }

  /** Adds a finding that concerns the file as a whole. */
  addFileIssue(issue: Issue): void {
    this.#addRow(null, issue.line === null ? "" : String(issue.line), 0, [issue], "");
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

  #addRow(own: string[] | null, line: string, record: number, issues: readonly Issue[], raw: string): void {
    const join = (pick: (issue: Issue) => string | null) => {
      const texts = issues.map((issue) => pick(issue) ?? "");
      return texts.some((text) => text !== "") ? texts.join(BETWEEN) : "";
    };
    this.rowCount += 1;
    this.#rows.push([
      ...(own ?? []),
      line,
      record === 0 ? "" : String(record),
      join((issue) => issue.column),
      join((issue) => issue.code),
      join((issue) => issue.message),
      join((issue) => issue.fix),
      raw,
      this.#mark === undefined ? "" : errorReference(this.#mark, record),
    ]);
  }

  /** A finding about the file may come before the labels are known; its cells are filled up when it is written. */
  #pad(row: string[]): string[] {
    return [...this.#labels.map(() => ""), ...row];
  }
}

const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);
