import type { ColumnPlan } from "../cells/column-plan.ts";
import { mostCanonicalBytes, writeCell } from "../cells/write-cell.ts";
import type { CellSpans } from "../keys/unique-rule.ts";
import type { ReferenceRule } from "../rules/references.ts";
import { RECORD_FAULTY, type RecordBlock } from "../scan/record-block.ts";
import type { FieldContent } from "./field-content.ts";

/**
 * Collects the keys by which a block's records refer to other tables, so that they can be looked up together before the
 * block is checked. Only the cells of these keys are read here.
 */
export class ReferenceKeys {
  readonly #rules: readonly ReferenceRule[];
  readonly #plans: readonly ColumnPlan[];
  readonly #relaxed: readonly (ColumnPlan | undefined)[];
  readonly #content: FieldContent;
  readonly #cells: CellSpans;
  #out = Buffer.allocUnsafe(4096);

  constructor(rules: readonly ReferenceRule[], relaxed: readonly (ColumnPlan | undefined)[], content: FieldContent) {
    this.#rules = rules;
    this.#plans = [...new Set(rules.flatMap(({ plans }) => plans))];
    this.#relaxed = relaxed;
    this.#content = content;
    const columns = Math.max(...this.#plans.map(({ index }) => index + 1));
    this.#cells = { starts: new Int32Array(columns).fill(-1), ends: new Int32Array(columns) };
  }

  async lookUp(block: RecordBlock, form: number): Promise<void> {
    for (const rule of this.#rules) rule.begin();
    for (let r = 0; r < block.count; r += 1) {
      if (block.faulty[r] === RECORD_FAULTY) continue;
      this.#read(block, r, form);
      for (const rule of this.#rules) rule.note(this.#out, this.#cells);
    }
    for (const rule of this.#rules) await rule.answer();
  }

  /** Writes the cells of all keys of a record, one after the other. */
  #read(block: RecordBlock, r: number, form: number): void {
    const { starts, ends } = this.#cells;
    const first = block.firstFields[r]!;
    const next = block.firstFields[r + 1]!;
    const most = mostCanonicalBytes(block.ends[r]! - block.starts[r]!) + this.#plans.length * 40;
    if (this.#out.length < most) this.#out = Buffer.allocUnsafe(most * 2);
    let at = 0;
    for (const plan of this.#plans) {
      const field = first + plan.field;
      starts[plan.index] = -1;
      if (plan.field < 0 || field >= next) continue;
      this.#content.locate(block, field);
      const { bytes, start, end } = this.#content;
      let to = writeCell(plan, bytes, start, end, form, this.#out, at);
      const relaxed = this.#relaxed[plan.index];
      if (to < 0 && relaxed !== undefined) to = writeCell(relaxed, bytes, start, end, form, this.#out, at);
      if (to < 0) continue;
      starts[plan.index] = at;
      ends[plan.index] = to;
      at = to;
    }
  }
}
