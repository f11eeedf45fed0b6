import { isNull } from "../canonical/null.ts";
import type { ColumnPlan } from "../cells/column-plan.ts";
import type { CellSpans } from "../keys/unique-rule.ts";
import { ExactSum } from "../rules/exact-sum.ts";

/** Adds up a column over the whole file, rejected records included: the sender's total counts them, too. */
export class ColumnSum {
  readonly plan: ColumnPlan;
  readonly sum = new ExactSum();
  /** Cells that could not be read, and the line of the first. With one of them the sum says nothing. */
  unreadableCount = 0;
  firstUnreadableLine = 0;

  constructor(plan: ColumnPlan) {
    this.plan = plan;
  }

  /** Adds a record's cell; an empty one counts as 0. */
  add(out: Buffer, { starts, ends }: CellSpans, line: number): void {
    const start = starts[this.plan.index]!;
    if (start < 0) {
      this.skip(line);
      return;
    }
    const end = ends[this.plan.index]!;
    if (!isNull(out, start, end)) this.sum.add(out, start, end);
  }

  /** Notes a record whose cell cannot be read. */
  skip(line: number): void {
    if (this.unreadableCount === 0) this.firstUnreadableLine = line;
    this.unreadableCount += 1;
  }
}
