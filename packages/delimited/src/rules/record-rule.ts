import type { Severity } from "@inlet/contracts";
import type { ColumnPlan } from "../cells/column-plan.ts";
import type { RecordIssueCode } from "../issues/issue-codes.ts";
import type { CellSpans } from "../keys/unique-rule.ts";

/** A rule about several cells of one record, ready for the hot path. */
export interface RecordRule {
  readonly code: RecordIssueCode;
  readonly severity: Severity;
  /** The columns that a finding names. */
  readonly plans: readonly ColumnPlan[];
  /**
   * Whether the record keeps the rule, by its canonical cells. A record keeps it, too, where it cannot be judged: a cell
   * of it is faulty (which is a finding of its own), or empty, as far as the rule passes over empty ones.
   */
  holds(out: Buffer, cells: CellSpans): boolean;
  /** One sentence for the client about the record that was just found to break it. */
  explain(): string;
}

/** What people call a column: its label in the file. */
export function labelOf({ column }: ColumnPlan): string {
  return column.header ?? column.name;
}

/** The labels of some columns, in a row. */
export function labelsOf(plans: readonly ColumnPlan[]): string {
  return plans.map(labelOf).join(", ");
}
