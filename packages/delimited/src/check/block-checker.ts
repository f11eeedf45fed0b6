import { isUtf8 } from "node:buffer";
import type { Issue } from "@inlet/contracts";
import { CanonicalWriter } from "../canonical/canonical-writer.ts";
import { RejectedEncoder } from "../canonical/rejected.ts";
import { cellFaultCode, FAULT_KEY_EMPTY, FAULT_REQUIRED } from "../cells/cell-fault.ts";
import type { ColumnPlan } from "../cells/column-plan.ts";
import { mostCanonicalBytes, writeCell } from "../cells/write-cell.ts";
import { cutValue, explainCell, explainFault, explainWidth } from "../issues/explain.ts";
import type { IssueFacts, IssueLog } from "../issues/issue-log.ts";
import { suggestFix } from "../issues/suggest-fix.ts";
import {
  type CellSpans,
  type DuplicateProof,
  type DuplicateWatch,
  KEY_NEW,
  KEY_NOT_USABLE,
  KEY_TOO_LONG,
} from "../keys/duplicates.ts";
import type { ScanPlan } from "../scan/dialect.ts";
import { decodeText, invalidUtf8At } from "../scan/encoding.ts";
import { fieldText, recordTexts, unescapeField } from "../scan/field-text.ts";
import { type Fault, FIELD_ESCAPED, FIELD_QUOTED, type RecordBlock } from "../scan/record-block.ts";
import { countLineEnds } from "../scan/scanner.ts";
import type { GroupRule } from "./groups.ts";
import { fitsRow, mayBeTooWide } from "./row-width.ts";

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

/** What a checker looks for. */
export interface CheckerRules {
  plans: readonly ColumnPlan[];
  scan: ScanPlan;
  watches: readonly DuplicateWatch[];
  /** For the reading that only proves duplicates. */
  proofs?: readonly DuplicateProof[];
  group?: GroupRule | undefined;
  log: IssueLog;
  /** Told of each record that failed; absent: nothing is put together for it. */
  onFailed?: ((record: FailedRecord) => void) | undefined;
}

const TAB = 9;
const LF = 10;
/** A raw record in the error file is cut here. */
const RAW_CHARACTERS = 10_000;

/** Checks the records of one block after the other. The only place through which every cell of every file goes. */
export class BlockChecker {
  readonly writer = new CanonicalWriter();
  readonly rejected = new RejectedEncoder();
  recordCount = 0;
  rejectedCount = 0;
  readonly #rules: CheckerRules;
  readonly #width: number;
  readonly #quote: number;
  readonly #cells: CellSpans;
  /** Whether anything looks at the cells after they have been written. */
  readonly #keepsSpans: boolean;
  readonly #measuresRows: boolean;
  #scratch = Buffer.allocUnsafe(1024);
  /** The issues of the record at hand. */
  #issues: Issue[] = [];

  constructor(rules: CheckerRules) {
    this.#rules = rules;
    this.#width = rules.scan.header.labels.length;
    this.#quote = rules.scan.dialect.quote?.charCodeAt(0) ?? -1;
    const columns = Math.max(0, ...rules.plans.map((plan) => plan.index + 1));
    this.#cells = { starts: new Int32Array(columns).fill(-1), ends: new Int32Array(columns) };
    this.#measuresRows = mayBeTooWide(rules.plans.length);
    this.#keepsSpans =
      this.#measuresRows || rules.watches.length > 0 || (rules.proofs?.length ?? 0) > 0 || rules.group !== undefined;
  }

  /**
   * Checks all records of a block, and writes the good ones in canonical form.
   * @param form how its bytes are to be read (FORM_…).
   * @param isDamaged the block holds bytes that its encoding does not have.
   */
  check(block: RecordBlock, form: number, isDamaged: boolean): void {
    const { starts, ends, firstFields, faulty } = block;
    const { writer } = this;
    for (let r = 0; r < block.count; r += 1) {
      const record = ++this.recordCount;
      const length = ends[r]! - starts[r]!;
      const width = firstFields[r + 1]! - firstFields[r]!;
      const out = writer.reserve(mostCanonicalBytes(length) + this.#width * 40 + this.#rules.plans.length * 40);
      if (
        faulty[r] === 1 ||
        width !== this.#width ||
        (length < width * 3 && isBlankRecord(block, r)) ||
        (isDamaged && !isSound(block, r))
      ) {
        this.#reportStructure(block, r);
        this.#reject(block, r);
        this.#noteGroup(block, r, form, out);
        continue;
      }
      const start = writer.position;
      const end = this.#checkCells(block, r, form, out, writeNumber(out, start, record));
      let isGood = end > 0;
      if (this.#keepsSpans && !this.#checkAmongOthers(block, r, out, isGood)) isGood = false;
      if (isGood) writer.commit(record, end);
      else this.#reject(block, r);
    }
  }

  /** Writes the cells of a record, its line feed included; returns the end, or 0 when a cell is faulty. */
  #checkCells(block: RecordBlock, r: number, form: number, out: Buffer, position: number): number {
    const { bytes, fieldStarts, fieldEnds, fieldFlags } = block;
    const { plans } = this.#rules;
    const { starts, ends } = this.#cells;
    const first = block.firstFields[r]!;
    let at = position;
    let isGood = true;
    for (let c = 0; c < plans.length; c += 1) {
      const plan = plans[c]!;
      out[at] = TAB;
      const from = at + 1;
      let to: number;
      if (plan.field < 0) {
        to = writeCell(plan, bytes, 0, 0, form, out, from);
      } else {
        const field = first + plan.field;
        if ((fieldFlags[field]! & FIELD_ESCAPED) === 0) {
          to = writeCell(plan, bytes, fieldStarts[field]!, fieldEnds[field]!, form, out, from);
        } else {
          const length = this.#unescape(block, field);
          to = writeCell(plan, this.#scratch, 0, length, form, out, from);
        }
      }
      if (to >= 0) {
        at = to;
        starts[plan.index] = from;
        ends[plan.index] = to;
      } else {
        isGood = false;
        starts[plan.index] = -1;
        this.#reportCell(block, r, plan, to);
      }
    }
    out[at] = LF;
    return isGood ? at + 1 : 0;
  }

  /** The rules for a record as a whole, and those that it can only break together with others. Returns whether it keeps them. */
  #checkAmongOthers(block: RecordBlock, r: number, out: Buffer, isGood: boolean): boolean {
    const { watches, proofs, group } = this.#rules;
    let keeps = true;
    if (this.#measuresRows && isGood && !fitsRow(this.#rules.plans, out, this.#cells)) {
      keeps = false;
      this.#report(block, r, {
        code: "record_too_wide",
        message: "The record has too many values to be stored as one row of the database; leave some of them empty.",
        at: block.starts[r]!,
        column: null,
        value: null,
      });
    }
    if (proofs !== undefined) for (const proof of proofs) proof.look(out, this.#cells);
    const line = block.baseLine + block.lines[r]!;
    for (const watch of watches) {
      const answer = watch.look(out, this.#cells, line);
      if (answer === KEY_NEW || answer === KEY_NOT_USABLE) continue;
      keeps = false;
      this.#reportDuplicate(block, r, watch, answer);
    }
    if (group === undefined) return keeps;
    return group.judge(out, this.#cells, isGood && keeps)
      ? keeps
      : this.#rejectWithGroup(block, r, group, keeps && isGood);
  }

  /** Reports what is wrong with the record's structure: its cells cannot be told apart, or cannot be read. */
  #reportStructure(block: RecordBlock, r: number): void {
    const width = block.firstFields[r + 1]! - block.firstFields[r]!;
    if (block.faulty[r] === 1) {
      for (const fault of block.faults) if (fault.record === r) this.#reportFault(block, fault);
    } else if (width !== this.#width) {
      this.#report(block, r, {
        code: width < this.#width ? "cells_missing" : "cells_extra",
        message: explainWidth(width, this.#width),
        at: block.starts[r]!,
        column: null,
        value: this.#recordText(block, r, 200),
      });
    } else if (isBlankRecord(block, r)) {
      this.#report(block, r, {
        code: "record_blank",
        message: "The record has no value in any cell; delete the line.",
        at: block.starts[r]!,
        column: null,
        value: null,
      });
    } else {
      const at = block.starts[r]! + invalidUtf8At(block.bytes.subarray(block.starts[r]!, block.ends[r]!));
      const field = this.#fieldAt(block, r, at);
      this.#report(block, r, {
        code: "encoding_invalid",
        message: "The bytes here are no valid UTF-8; save the whole file as UTF-8 again.",
        at,
        column: this.#label(field - block.firstFields[r]!),
        value: this.#rawText(block, field),
      });
    }
  }

  #reportFault(block: RecordBlock, fault: Fault): void {
    const { scan } = this.#rules;
    const first = block.firstFields[fault.record]!;
    const isField = fault.field >= 0 && first + fault.field < block.firstFields[fault.record + 1]!;
    this.#report(block, fault.record, {
      code: fault.code,
      message: explainFault(fault.code, scan.dialect.quote ?? '"', scan.limits),
      at: fault.at,
      column: isField ? this.#label(fault.field) : null,
      value: isField ? this.#rawText(block, first + fault.field) : this.#recordText(block, fault.record, 200),
    });
  }

  #fieldAt(block: RecordBlock, r: number, position: number): number {
    let field = block.firstFields[r]!;
    while (field < block.firstFields[r + 1]! - 1 && block.fieldEnds[field]! < position) field += 1;
    return field;
  }

  #reportCell(block: RecordBlock, r: number, plan: ColumnPlan, fault: number): void {
    const { encoding, quote } = this.#rules.scan.dialect;
    const code = cellFaultCode(fault);
    if (plan.field < 0) {
      // The header's own finding says already that the column is missing.
      if (fault === FAULT_REQUIRED || fault === FAULT_KEY_EMPTY) return;
    }
    const field = block.firstFields[r]! + plan.field;
    const text = fieldText(block, field, encoding, quote);
    this.#report(block, r, {
      code,
      message: explainCell(code, plan.column),
      at: fieldAt(block, field),
      column: plan.column.name,
      value: text,
      fix: suggestFix(plan, code, text),
    });
  }

  #reportDuplicate(block: RecordBlock, r: number, watch: DuplicateWatch, answer: number): void {
    const { encoding, quote } = this.#rules.scan.dialect;
    const { plans, code } = watch.rule;
    const fields = plans.map((plan) => block.firstFields[r]! + plan.field);
    const names = plans.map((plan) => plan.column.header ?? plan.column.name).join(", ");
    const where = answer > 0 ? `in line ${answer}` : "in an earlier line";
    const isLong = answer === KEY_TOO_LONG;
    this.#report(block, r, {
      code: isLong ? "key_too_long" : code,
      message: isLong
        ? `${names} is too long for a value that names a record; shorten it to 2,500 bytes.`
        : `The same ${names} stands ${where} already; ${plans.length > 1 ? "together they" : "it"} must be different in every record.`,
      at: fieldAt(block, fields[0]!),
      column: plans.map((plan) => plan.column.name).join(","),
      value: fields.map((field) => fieldText(block, field, encoding, quote)).join(", "),
    });
  }

  #rejectWithGroup(block: RecordBlock, r: number, group: GroupRule, wasGood: boolean): boolean {
    if (!wasGood) return false;
    const { encoding, quote } = this.#rules.scan.dialect;
    const field = block.firstFields[r]! + group.plan.field;
    const name = group.plan.column.header ?? group.plan.column.name;
    this.#report(block, r, {
      code: "group_rejected",
      message: `Another record with the same ${name} has an error, and the records of one ${name} are taken together or not at all.`,
      at: fieldAt(block, field),
      column: group.plan.column.name,
      value: fieldText(block, field, encoding, quote),
    });
    return false;
  }

  /** A record with a broken structure still speaks against its group, where its group's cell can be read. */
  #noteGroup(block: RecordBlock, r: number, form: number, out: Buffer): void {
    const { group } = this.#rules;
    if (group === undefined || group.plan.field < 0) return;
    const field = block.firstFields[r]! + group.plan.field;
    if (field >= block.firstFields[r + 1]!) return;
    const { writer } = this;
    const length = this.#unescape(block, field);
    const to = writeCell(group.plan, this.#scratch, 0, length, form, out, writer.position);
    if (to < 0) return;
    this.#cells.starts[group.plan.index] = writer.position;
    this.#cells.ends[group.plan.index] = to;
    group.judge(out, this.#cells, false);
  }

  #report(
    block: RecordBlock,
    r: number,
    finding: Pick<IssueFacts, "code" | "message" | "fix"> & {
      at: number;
      column: string | null;
      value: string | null;
    },
  ): void {
    const { at, value, ...rest } = finding;
    const issue = this.#rules.log.add({
      ...rest,
      line: block.baseLine + block.lines[r]! + countLineEnds(block.bytes, block.starts[r]!, at),
      record: this.recordCount,
      offset: block.baseOffset + at,
      value: value === null ? null : cutValue(value),
    });
    if (this.#rules.onFailed !== undefined) this.#issues.push(issue);
  }

  #reject(block: RecordBlock, r: number): void {
    this.rejectedCount += 1;
    this.rejected.add(this.recordCount);
    const { onFailed, scan } = this.#rules;
    if (onFailed === undefined) return;
    const isWhole = block.faulty[r] === 0 && block.firstFields[r + 1]! - block.firstFields[r]! === this.#width;
    onFailed({
      record: this.recordCount,
      line: block.baseLine + block.lines[r]!,
      cells: recordTexts(block, r, scan.dialect.encoding, scan.dialect.quote),
      raw: isWhole ? null : this.#recordText(block, r, RAW_CHARACTERS),
      issues: this.#issues,
    });
    this.#issues = [];
  }

  #label(field: number): string | null {
    const plan = this.#rules.plans.find((candidate) => candidate.field === field);
    return plan?.column.name ?? this.#rules.scan.header.labels[field] ?? null;
  }

  #rawText(block: RecordBlock, field: number): string {
    const start = block.fieldStarts[field]!;
    const end = Math.min(block.fieldEnds[field]!, start + 400);
    return decodeText(block.bytes, start, end, this.#rules.scan.dialect.encoding);
  }

  #recordText(block: RecordBlock, r: number, mostCharacters: number): string {
    const start = block.starts[r]!;
    const end = Math.min(block.ends[r]!, start + mostCharacters * 4);
    return decodeText(block.bytes, start, end, this.#rules.scan.dialect.encoding).slice(0, mostCharacters);
  }

  #unescape(block: RecordBlock, field: number): number {
    const size = block.fieldEnds[field]! - block.fieldStarts[field]!;
    if (size > this.#scratch.length) this.#scratch = Buffer.allocUnsafe(size * 2);
    if ((block.fieldFlags[field]! & FIELD_ESCAPED) !== 0) {
      return unescapeField(block, field, this.#quote, this.#scratch);
    }
    return block.bytes.copy(this.#scratch, 0, block.fieldStarts[field]!, block.fieldEnds[field]!);
  }
}

function isBlankRecord(block: RecordBlock, r: number): boolean {
  for (let field = block.firstFields[r]!; field < block.firstFields[r + 1]!; field += 1) {
    if (block.fieldEnds[field] !== block.fieldStarts[field]) return false;
  }
  return true;
}

/** Whether the record is valid UTF-8. */
function isSound(block: RecordBlock, r: number): boolean {
  return isUtf8(block.bytes.subarray(block.starts[r]!, block.ends[r]!));
}

/** Where a field begins in the file, its opening quote included. */
function fieldAt(block: RecordBlock, field: number): number {
  return block.fieldStarts[field]! - ((block.fieldFlags[field]! & FIELD_QUOTED) === 0 ? 0 : 1);
}

/** Writes a positive whole number of up to 31 bits in ASCII; returns the position after it. */
function writeNumber(out: Buffer, position: number, value: number): number {
  let digits = 1;
  for (let limit = 10; value >= limit; limit *= 10) digits += 1;
  let rest = value;
  for (let at = position + digits - 1; at >= position; at -= 1) {
    const tenth = (rest / 10) | 0;
    out[at] = 48 + rest - tenth * 10;
    rest = tenth;
  }
  return position + digits;
}
