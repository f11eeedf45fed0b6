import type { Rule, Severity } from "@inlet/contracts";
import { isNull } from "../canonical/null.ts";
import type { ColumnPlan } from "../cells/column-plan.ts";
import type { CellSpans } from "../keys/unique-rule.ts";
import { ExactSum } from "./exact-sum.ts";
import { labelOf, labelsOf, type RecordRule } from "./record-rule.ts";

type Addition = Extract<Rule, { rule: "sum" }>;

/** The numbers of some columns add up to the one in another, exactly or within a tolerance. Empty counts as 0. */
export class SumRule implements RecordRule {
  readonly code = "sum_differs";
  readonly severity: Severity;
  readonly plans: readonly ColumnPlan[];
  readonly #rule: Addition;
  readonly #addends: readonly ColumnPlan[];
  readonly #total: ColumnPlan;
  readonly #tolerance = new ExactSum();
  readonly #difference = new ExactSum();

  constructor(rule: Addition, addends: readonly ColumnPlan[], total: ColumnPlan) {
    this.#rule = rule;
    this.severity = rule.severity;
    this.#addends = addends;
    this.#total = total;
    this.plans = [...addends, total];
    this.#tolerance.addText(rule.tolerance);
  }

  holds(out: Buffer, { starts, ends }: CellSpans): boolean {
    for (const { index } of this.plans) if (starts[index]! < 0) return true;
    const difference = this.#difference;
    difference.reset();
    for (const { index } of this.#addends) {
      const start = starts[index]!;
      const end = ends[index]!;
      if (!isNull(out, start, end)) difference.add(out, start, end);
    }
    const start = starts[this.#total.index]!;
    const end = ends[this.#total.index]!;
    if (!isNull(out, start, end)) difference.add(out, start, end, -1);
    return difference.isWithin(this.#tolerance);
  }

  explain(): string {
    if (this.#rule.message !== undefined) return this.#rule.message;
    const off = this.#difference.toString();
    const by = off.startsWith("-") ? `${off.slice(1)} too little` : `${off} too much`;
    return `${labelsOf(this.#addends)} must add up to ${labelOf(this.#total)}; it is ${by}.`;
  }
}
