import type { Issue, Severity } from "@inlet/contracts";
import { cellFaultCode, FAULT_KEY_EMPTY, FAULT_REQUIRED } from "../cells/cell-fault.ts";
import type { ColumnPlan } from "../cells/column-plan.ts";
import { cutValue, explainCell, explainFault, explainWidth } from "../issues/explain.ts";
import type { IssueFacts, IssueLog } from "../issues/issue-log.ts";
import { isQuoteFault, mendQuotes } from "../issues/mend-quotes.ts";
import { suggestFix } from "../issues/suggest-fix.ts";
import { type DuplicateWatch, KEY_TOO_LONG } from "../keys/duplicate-watch.ts";
import type { HookRule } from "../rules/hook.ts";
import { labelOf, labelsOf, type RecordRule } from "../rules/record-rule.ts";
import type { ScanPlan } from "../scan/dialect.ts";
import { decodeText, invalidUtf8At } from "../scan/encoding.ts";
import { fieldText, recordTexts } from "../scan/field-text.ts";
import { FIELD_QUOTED, faultsOf, RECORD_FAULTY, type RecordBlock } from "../scan/record-block.ts";
import { countLineEnds } from "../scan/scanner.ts";
import { isBlankRecord } from "./record-shape.ts";

/** A record that failed, as the error file shows it. */
export interface FailedRecord {
  record: number;
  /** Physical line on which it begins. */
  line: number;
  /** Its cells as the client meant them. */
  cells: string[];
  /** Its own text, where cells and header do not agree in number or a quote is wrong; else null. */
  raw: string | null;
  issues: Issue[];
}

/** A raw record in the error file is cut here. */
const RAW_CHARACTERS = 10_000;

/** What is said about a place in a block. */
type Finding = Pick<IssueFacts, "code" | "message" | "fix" | "severity"> & {
  at: number;
  column: string | null;
  value: string | null;
};

interface FindingsOptions {
  plans: readonly ColumnPlan[];
  scan: ScanPlan;
  log: IssueLog;
  /** Told of each record that failed; absent: nothing is put together for it. */
  onFailed?: ((record: FailedRecord) => void) | undefined;
}

/**
 * Says what is wrong with records: the slow half of the check, which a good record never meets. `record` is always the
 * record's number in the file, `r` its index in the block.
 */
export class RecordFindings {
  readonly #plans: readonly ColumnPlan[];
  readonly #scan: ScanPlan;
  readonly #log: IssueLog;
  readonly #onFailed: ((record: FailedRecord) => void) | undefined;
  readonly #width: number;
  readonly #isTolerant: boolean;
  /** The issues of one record. */
  #issues: Issue[] = [];
  #issuesOf = 0;

  constructor({ plans, scan, log, onFailed }: FindingsOptions) {
    this.#plans = plans;
    this.#scan = scan;
    this.#log = log;
    this.#onFailed = onFailed;
    this.#width = scan.header.labels.length;
    this.#isTolerant = scan.dialect.reading === "tolerant";
  }

  /**
   * Reports what is odd about a record's structure.
   * @param isSound its bytes are valid in the file's encoding.
   * @returns whether its cells can be read all the same: only what tolerant reading forgives was found.
   */
  structure(block: RecordBlock, r: number, record: number, isSound: boolean): boolean {
    if (block.faulty[r] !== 0) {
      this.#faults(block, r, record);
      if (block.faulty[r] === RECORD_FAULTY) return false;
    }
    if (!this.#isAsWide(block, r, record)) return false;
    if (isBlankRecord(block, r)) {
      this.#report(block, r, record, {
        code: "record_blank",
        message: "The record has no value in any cell; delete the line.",
        at: block.starts[r]!,
        column: null,
        value: null,
      });
      return false;
    }
    if (isSound) return true;
    const at = block.starts[r]! + invalidUtf8At(block.bytes.subarray(block.starts[r]!, block.ends[r]!));
    const field = this.#fieldAt(block, r, at);
    this.#report(block, r, record, {
      code: "encoding_invalid",
      message: "The bytes here are no valid UTF-8; save the whole file as UTF-8 again.",
      at,
      column: this.#label(field - block.firstFields[r]!),
      value: this.#rawText(block, field),
    });
    return false;
  }

  #isAsWide(block: RecordBlock, r: number, record: number): boolean {
    const first = block.firstFields[r]!;
    const width = block.firstFields[r + 1]! - first;
    if (width === this.#width) return true;
    let extra = first + this.#width;
    while (extra < first + width && block.fieldEnds[extra] === block.fieldStarts[extra]) extra += 1;
    // A spreadsheet writes empty cells wherever a row was once longer.
    if (this.#isTolerant && width > this.#width && extra === first + width) return true;
    this.#report(block, r, record, {
      code: width < this.#width ? "cells_missing" : "cells_extra",
      severity: this.#isTolerant ? "warning" : "error",
      message: explainWidth(width, this.#width, this.#isTolerant),
      at: block.starts[r]!,
      column: null,
      value: this.#recordText(block, r, 200),
    });
    return this.#isTolerant;
  }

  #faults(block: RecordBlock, r: number, record: number): void {
    const faults = faultsOf(block, r);
    let fix: string | null = faults.every(isQuoteFault) ? this.#mended(block, r) : null;
    for (const fault of faults) {
      const { code, field, at, forgiven } = fault;
      const index = block.firstFields[r]! + field;
      const isField = field >= 0 && index < block.firstFields[r + 1]!;
      this.#report(block, r, record, {
        code,
        severity: forgiven ? "warning" : "error",
        message: explainFault(code, this.#scan.dialect.quote ?? '"', this.#scan.limits),
        at,
        column: isField ? this.#label(field) : null,
        value: isField ? this.#rawText(block, index) : this.#recordText(block, r, 200),
        fix,
      });
      fix = null;
    }
  }

  #mended(block: RecordBlock, r: number): string | null {
    const text = block.bytes.subarray(block.starts[r]!, block.ends[r]!);
    return mendQuotes(text, this.#scan, this.#plans);
  }

  /** Reports a cell that is not of its column. Returns whether it is an error, and not a warning. */
  cell(block: RecordBlock, r: number, record: number, plan: ColumnPlan, fault: number, severity: Severity): void {
    const { encoding, quote } = this.#scan.dialect;
    const code = cellFaultCode(fault);
    const field = block.firstFields[r]! + plan.field;
    // A file's missing column is the header's own finding.
    if (plan.field < 0 && (fault === FAULT_REQUIRED || fault === FAULT_KEY_EMPTY)) return;
    const isThere = plan.field >= 0 && field < block.firstFields[r + 1]!;
    const text = isThere ? fieldText(block, field, encoding, quote) : "";
    this.#report(block, r, record, {
      code,
      severity,
      message: explainCell(code, plan.column),
      at: isThere ? fieldAt(block, field) : block.ends[r]!,
      column: plan.column.name,
      value: text,
      fix: suggestFix(plan, code, text),
    });
  }

  /** Reports a record that has too many long values for a row of PostgreSQL. */
  tooWide(block: RecordBlock, r: number, record: number): void {
    this.#report(block, r, record, {
      code: "record_too_wide",
      message: "The record has too many values to be stored as one row of the database; leave some of them empty.",
      at: block.starts[r]!,
      column: null,
      value: null,
    });
  }

  /** @param answer what the watch said: the line of the first record with this key, 0, or KEY_TOO_LONG. */
  duplicate(block: RecordBlock, r: number, record: number, { rule }: DuplicateWatch, answer: number): void {
    const { plans, code, severity, message } = rule;
    const names = labelsOf(plans);
    const where = answer > 0 ? `in line ${answer}` : "in an earlier line";
    const isLong = answer === KEY_TOO_LONG;
    const sentence = `The same ${names} stands ${where} already; ${plans.length > 1 ? "together they" : "it"} must be different in every record.`;
    this.#report(block, r, record, {
      code: isLong ? "key_too_long" : code,
      severity,
      message: isLong
        ? `${names} is too long for a value that names a record; shorten it to 2,500 bytes.`
        : (message ?? sentence),
      ...this.#cellsOf(block, r, plans),
    });
  }

  /** Reports a record that breaks a rule of the table's. */
  rule(block: RecordBlock, r: number, record: number, rule: RecordRule): void {
    const { code, severity, plans } = rule;
    this.#report(block, r, record, { code, severity, message: rule.explain(), ...this.#cellsOf(block, r, plans) });
  }

  /** Reports what a hook said. */
  hook(
    block: RecordBlock,
    r: number,
    record: number,
    { code, severity }: HookRule,
    { message, column, fix }: { message: string; column: string | null; fix: string | null },
  ): void {
    const plan = this.#plans.find((candidate) => candidate.column.name === column);
    const place = plan === undefined ? { at: block.starts[r]!, value: null } : this.#cellsOf(block, r, [plan]);
    this.#report(block, r, record, { code, severity, message, fix, ...place, column });
  }

  /** Reports a good record that falls with its group. */
  group(block: RecordBlock, r: number, record: number, plan: ColumnPlan): void {
    const name = labelOf(plan);
    this.#report(block, r, record, {
      code: "group_rejected",
      message: `Another record with the same ${name} has an error, and the records of one ${name} are taken together or not at all.`,
      ...this.#cellsOf(block, r, [plan]),
    });
  }

  /** Hands on a record that failed, with all that was reported of it. */
  failed(block: RecordBlock, r: number, record: number): void {
    if (this.#onFailed === undefined) return;
    const { encoding, quote } = this.#scan.dialect;
    const isWhole = block.faulty[r] === 0 && block.firstFields[r + 1]! - block.firstFields[r]! === this.#width;
    this.#onFailed({
      record,
      line: block.baseLine + block.lines[r]!,
      cells: recordTexts(block, r, encoding, quote),
      raw: isWhole ? null : this.#recordText(block, r, RAW_CHARACTERS),
      issues: this.#issuesOf === record ? this.#issues : [],
    });
    this.#issues = [];
  }

  /** Where some cells of a record stand, and what is in them. */
  #cellsOf(block: RecordBlock, r: number, plans: readonly ColumnPlan[]): Pick<Finding, "at" | "column" | "value"> {
    const { encoding, quote } = this.#scan.dialect;
    const end = block.firstFields[r + 1]!;
    const fields = plans.map((plan) => (plan.field < 0 ? end : block.firstFields[r]! + plan.field));
    const first = fields.find((field) => field < end);
    return {
      at: first === undefined ? block.starts[r]! : fieldAt(block, first),
      column: plans.map((plan) => plan.column.name).join(","),
      value: fields.map((field) => (field < end ? fieldText(block, field, encoding, quote) : "")).join(", "),
    };
  }

  #report(block: RecordBlock, r: number, record: number, { at, value, ...rest }: Finding): void {
    const issue = this.#log.add({
      ...rest,
      line: block.baseLine + block.lines[r]! + countLineEnds(block.bytes, block.starts[r]!, at),
      record,
      offset: block.baseOffset + at,
      value: value === null ? null : cutValue(value),
    });
    if (this.#onFailed === undefined) return;
    if (this.#issuesOf !== record) this.#issues = [];
    this.#issuesOf = record;
    this.#issues.push(issue);
  }

  #fieldAt(block: RecordBlock, r: number, position: number): number {
    let field = block.firstFields[r]!;
    while (field < block.firstFields[r + 1]! - 1 && block.fieldEnds[field]! < position) field += 1;
    return field;
  }

  #label(field: number): string | null {
    const plan = this.#plans.find((candidate) => candidate.field === field);
    return plan?.column.name ?? this.#scan.header.labels[field] ?? null;
  }

  #rawText(block: RecordBlock, field: number): string {
    const start = block.fieldStarts[field]!;
    const end = Math.min(block.fieldEnds[field]!, start + 400);
    return decodeText(block.bytes, start, end, this.#scan.dialect.encoding);
  }

  #recordText(block: RecordBlock, r: number, mostCharacters: number): string {
    const start = block.starts[r]!;
    const end = Math.min(block.ends[r]!, start + mostCharacters * 4);
    return decodeText(block.bytes, start, end, this.#scan.dialect.encoding).slice(0, mostCharacters);
  }
}

/** Where a field begins in the file, its opening quote included. */
function fieldAt(block: RecordBlock, field: number): number {
  return block.fieldStarts[field]! - ((block.fieldFlags[field]! & FIELD_QUOTED) === 0 ? 0 : 1);
}
