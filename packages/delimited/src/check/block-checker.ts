import { isUtf8 } from "node:buffer";
import { CanonicalWriter } from "../canonical/canonical-writer.ts";
import { RejectedEncoder } from "../canonical/rejected.ts";
import type { ColumnPlan } from "../cells/column-plan.ts";
import { FORM_UTF8, mostCanonicalBytes, writeCell } from "../cells/write-cell.ts";
import type { ColumnSum } from "../controls/column-sum.ts";
import type { IssueLog } from "../issues/issue-log.ts";
import type { DuplicateProof } from "../keys/duplicate-proof.ts";
import { type DuplicateWatch, KEY_NEW, KEY_NOT_USABLE } from "../keys/duplicate-watch.ts";
import type { CellSpans } from "../keys/unique-rule.ts";
import { type HookRule, RowView } from "../rules/hook.ts";
import type { RecordRule } from "../rules/record-rule.ts";
import type { ReferenceRule } from "../rules/references.ts";
import type { ScanPlan } from "../scan/dialect.ts";
import { faultsOf, RECORD_FAULTY, type RecordBlock } from "../scan/record-block.ts";
import { FieldContent } from "./field-content.ts";
import type { GroupRule } from "./groups.ts";
import { type FailedRecord, RecordFindings } from "./record-findings.ts";
import { isBlankRecord, isSoundRecord } from "./record-shape.ts";
import { ReferenceKeys } from "./reference-keys.ts";
import { isForgivable, relaxedPlan } from "./relaxed-plan.ts";
import { fitsRow, mayBeTooWide } from "./row-width.ts";
import { VerbatimCopier } from "./verbatim-copier.ts";

export type { FailedRecord } from "./record-findings.ts";

/** What a checker looks for. */
export interface CheckerRules {
  plans: readonly ColumnPlan[];
  scan: ScanPlan;
  watches?: readonly DuplicateWatch[];
  /** For the reading that only proves duplicates. */
  proofs?: readonly DuplicateProof[];
  records?: readonly RecordRule[];
  /** Those of `records` whose keys are looked up before a block is checked. */
  references?: readonly ReferenceRule[];
  hooks?: readonly HookRule[];
  /** Columns whose numbers are added up. */
  sums?: readonly ColumnSum[];
  group?: GroupRule | undefined;
  /** Nobody stores the records: their width is no matter. */
  notStored?: boolean | undefined;
  /** Whether the canonical file is wanted. */
  writesLines: boolean;
  log: IssueLog;
  /** Told of each record that failed; absent: nothing is put together for it. */
  onFailed?: ((record: FailedRecord) => void) | undefined;
}

const TAB = 9;
const LF = 10;
const NONE = [] as const;

/** Checks the records of one block after the other. The only place through which every cell of every file goes. */
export class BlockChecker {
  readonly writer = new CanonicalWriter();
  readonly rejected = new RejectedEncoder();
  recordCount = 0;
  rejectedCount = 0;
  readonly #plans: readonly ColumnPlan[];
  /** By the column's place in the table: its plan where its severity forgives constraints. */
  readonly #relaxed: (ColumnPlan | undefined)[] = [];
  readonly #watches: readonly DuplicateWatch[];
  readonly #proofs: readonly DuplicateProof[];
  readonly #records: readonly RecordRule[];
  readonly #hooks: readonly HookRule[];
  readonly #sums: readonly ColumnSum[];
  readonly #group: GroupRule | undefined;
  readonly #references: ReferenceKeys | undefined;
  readonly #findings: RecordFindings;
  readonly #content: FieldContent;
  readonly #copier: VerbatimCopier;
  readonly #view: RowView;
  readonly #width: number;
  readonly #cells: CellSpans;
  /** Whether anything looks at the cells after they have been written. */
  readonly #keepsSpans: boolean;
  readonly #measuresRows: boolean;
  readonly #writesLines: boolean;

  constructor(rules: CheckerRules) {
    const { plans, scan, watches = NONE, proofs = NONE, records = NONE, hooks = NONE, sums = NONE, group } = rules;
    const { references = NONE } = rules;
    this.#plans = plans;
    for (const plan of plans) this.#relaxed[plan.index] = relaxedPlan(plan);
    this.#watches = watches;
    this.#proofs = proofs;
    this.#records = records;
    this.#hooks = hooks;
    this.#sums = sums;
    this.#group = group;
    this.#findings = new RecordFindings(rules);
    this.#content = new FieldContent(scan.dialect);
    this.#view = new RowView(plans);
    this.#width = scan.header.labels.length;
    const columns = Math.max(0, ...plans.map((plan) => plan.index + 1));
    this.#cells = { starts: new Int32Array(columns).fill(-1), ends: new Int32Array(columns) };
    this.#references =
      references.length === 0 ? undefined : new ReferenceKeys(references, this.#relaxed, this.#content);
    this.#measuresRows = rules.notStored !== true && mayBeTooWide(plans.length);
    const looksAtAll =
      this.#measuresRows || proofs.length + records.length + hooks.length + sums.length > 0 || group !== undefined;
    this.#keepsSpans = looksAtAll || watches.length > 0;
    this.#writesLines = rules.writesLines;
    const watched = watches.flatMap((watch) => watch.rule.plans);
    const skimmed = rules.writesLines || looksAtAll ? undefined : watched;
    this.#copier = new VerbatimCopier(plans, this.#cells, this.#content, skimmed);
  }

  /** Looks up what the records of a block refer to; undefined where there is nothing to wait for. */
  prepare(block: RecordBlock, form: number): Promise<void> | undefined {
    return this.#references?.lookUp(block, form);
  }

  /**
   * Checks all records of a block, and writes the good ones in canonical form.
   * @param form how its bytes are to be read (FORM_…).
   * @param isDamaged the block holds bytes that its encoding does not have.
   */
  check(block: RecordBlock, form: number, isDamaged: boolean): void {
    const { starts, ends, firstFields, faulty } = block;
    const { writer } = this;
    const copier = this.#copier;
    copier.begin(block, form, this.#width);
    for (let r = 0; r < block.count; r += 1) {
      const record = ++this.recordCount;
      const length = ends[r]! - starts[r]!;
      const width = firstFields[r + 1]! - firstFields[r]!;
      const out = writer.reserve(mostCanonicalBytes(length) + this.#width * 40 + this.#plans.length * 40);
      const isSound = !isDamaged || isSoundRecord(block, r);
      const isOdd =
        !isSound || faulty[r] !== 0 || width !== this.#width || (length < width * 3 && isBlankRecord(block, r));
      if (isOdd && !this.#findings.structure(block, r, record, isSound)) {
        this.#checkOtherCells(block, r, record, form, out);
        this.#reject(block, r, record);
        this.#noteBroken(block, r, form, out);
        continue;
      }
      const start = writer.position;
      const at = writeNumber(out, start, record);
      let end = at;
      let cellsIn = block.bytes;
      if (!copier.skim(block, r, form, out, at)) {
        end = copier.copy(block, r, form, out, at) || this.#checkCells(block, r, record, form, out, at);
        cellsIn = out;
      }
      let isGood = end > 0;
      if (this.#keepsSpans && !this.#checkAmongOthers(block, r, record, cellsIn, isGood)) isGood = false;
      if (isGood && this.#writesLines) writer.commit(record, end);
      if (!isGood) this.#reject(block, r, record);
    }
  }

  /** Writes the cells of a record, its line feed included; returns the end, or 0 when a cell is faulty. */
  #checkCells(block: RecordBlock, r: number, record: number, form: number, out: Buffer, position: number): number {
    const plans = this.#plans;
    const content = this.#content;
    const { starts, ends } = this.#cells;
    const first = block.firstFields[r]!;
    const next = block.firstFields[r + 1]!;
    let at = position;
    let isGood = true;
    for (let c = 0; c < plans.length; c += 1) {
      const plan = plans[c]!;
      out[at] = TAB;
      const from = at + 1;
      const field = first + plan.field;
      // A column that the file does not have, or a cell that the record does not have, is empty.
      if (plan.field >= 0 && field < next) content.locate(block, field);
      else content.locateNothing();
      const { bytes, start, end } = content;
      let to = writeCell(plan, bytes, start, end, form, out, from);
      if (to < 0) {
        const relaxed = this.#relaxed[plan.index];
        const isForgiven = relaxed !== undefined && isForgivable(to);
        this.#findings.cell(block, r, record, plan, to, isForgiven ? "warning" : "error");
        if (isForgiven) to = writeCell(relaxed, bytes, start, end, form, out, from);
      }
      if (to >= 0) {
        at = to;
        starts[plan.index] = from;
        ends[plan.index] = to;
      } else {
        isGood = false;
        starts[plan.index] = -1;
      }
    }
    out[at] = LF;
    return isGood ? at + 1 : 0;
  }

  /**
   * Where the faults, or the bytes that are no UTF-8, are those of single cells, the others can be told apart and are checked,
   * so that one answer says it all.
   */
  #checkOtherCells(block: RecordBlock, r: number, record: number, form: number, out: Buffer): void {
    const first = block.firstFields[r]!;
    if (block.firstFields[r + 1]! - first !== this.#width || isBlankRecord(block, r)) return;
    const faults = block.faulty[r] === RECORD_FAULTY ? faultsOf(block, r) : [];
    if (faults.some(({ code, field }) => field < 0 || code === "quote_unclosed")) return;
    const faulty = new Set(faults.map(({ field }) => field));
    for (const plan of this.#plans) {
      if (plan.field < 0 || faulty.has(plan.field)) continue;
      this.#content.locate(block, first + plan.field);
      const { bytes, start, end } = this.#content;
      if ((form & FORM_UTF8) !== 0 && !isUtf8(bytes.subarray(start, end))) continue;
      const fault = writeCell(plan, bytes, start, end, form, out, this.writer.position);
      if (fault >= 0) continue;
      const isForgiven = this.#relaxed[plan.index] !== undefined && isForgivable(fault);
      this.#findings.cell(block, r, record, plan, fault, isForgiven ? "warning" : "error");
    }
  }

  /** The rules for a record as a whole, and those that it can only break together with others. Returns whether it keeps them. */
  #checkAmongOthers(block: RecordBlock, r: number, record: number, out: Buffer, isGood: boolean): boolean {
    const findings = this.#findings;
    const cells = this.#cells;
    let keeps = true;
    if (this.#measuresRows && isGood && !fitsRow(this.#plans, out, cells)) {
      keeps = false;
      findings.tooWide(block, r, record);
    }
    for (const proof of this.#proofs) proof.look(out, cells);
    const line = block.baseLine + block.lines[r]!;
    for (const sum of this.#sums) sum.add(out, cells, line);
    for (const watch of this.#watches) {
      const answer = watch.look(out, cells, line);
      if (answer === KEY_NEW || answer === KEY_NOT_USABLE) continue;
      if (watch.rule.severity === "error") keeps = false;
      findings.duplicate(block, r, record, watch, answer);
    }
    for (const rule of this.#records) {
      if (rule.holds(out, cells)) continue;
      if (rule.severity === "error") keeps = false;
      findings.rule(block, r, record, rule);
    }
    // A hook reads every cell, so it is not asked where one of them cannot be read.
    if (isGood && this.#hooks.length > 0 && !this.#askHooks(block, r, record, out)) keeps = false;
    const group = this.#group;
    if (group === undefined || group.judge(out, cells, isGood && keeps)) return keeps;
    if (keeps && isGood) findings.group(block, r, record, group.plan);
    return false;
  }

  #askHooks(block: RecordBlock, r: number, record: number, out: Buffer): boolean {
    let keeps = true;
    const place = { record, line: block.baseLine + block.lines[r]! };
    for (const hook of this.#hooks) {
      for (const finding of this.#view.show(out, this.#cells, (row) => hook.look(row, place))) {
        if (hook.severity === "error") keeps = false;
        this.#findings.hook(block, r, record, hook, finding);
      }
    }
    return keeps;
  }

  /** A record with a broken structure still speaks against its group, where its group's cell can be read; and against sums. */
  #noteBroken(block: RecordBlock, r: number, form: number, out: Buffer): void {
    if (this.#sums.length > 0 && !isBlankRecord(block, r)) {
      for (const sum of this.#sums) sum.skip(block.baseLine + block.lines[r]!);
    }
    const group = this.#group;
    if (group === undefined || group.plan.field < 0) return;
    const field = block.firstFields[r]! + group.plan.field;
    if (field >= block.firstFields[r + 1]!) return;
    const { writer } = this;
    this.#content.locate(block, field);
    const { bytes, start, end } = this.#content;
    const to = writeCell(group.plan, bytes, start, end, form, out, writer.position);
    if (to < 0) return;
    this.#cells.starts[group.plan.index] = writer.position;
    this.#cells.ends[group.plan.index] = to;
    group.judge(out, this.#cells, false);
  }

  #reject(block: RecordBlock, r: number, record: number): void {
    this.rejectedCount += 1;
    this.rejected.add(record);
    this.#findings.failed(block, r, record);
  }
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
