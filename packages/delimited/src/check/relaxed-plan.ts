import type { Column } from "@inlet/contracts";
import {
  FAULT_ENUM,
  FAULT_PATTERN,
  FAULT_TOO_LARGE,
  FAULT_TOO_LONG,
  FAULT_TOO_SHORT,
  FAULT_TOO_SMALL,
} from "../cells/cell-fault.ts";
import { ColumnPlan } from "../cells/column-plan.ts";

/** What a column of severity `warning` forgives: PostgreSQL takes such a value all the same. */
const FORGIVABLE: ReadonlySet<number> = new Set([
  FAULT_ENUM,
  FAULT_PATTERN,
  FAULT_TOO_SHORT,
  FAULT_TOO_LONG,
  FAULT_TOO_SMALL,
  FAULT_TOO_LARGE,
]);

/** Whether a column of severity `warning` may keep a cell with this fault. */
export function isForgivable(fault: number): boolean {
  return FORGIVABLE.has(fault);
}

/** A column's plan without the constraints that its severity makes warnings; undefined where they are errors. */
export function relaxedPlan(plan: ColumnPlan): ColumnPlan | undefined {
  if (plan.column.severity !== "warning") return undefined;
  const { values: _, pattern: __, minLength: ___, maxLength: ____, min: _____, max: ______, ...rest } = plan.column;
  const column: Column = rest.type === "enum" ? { ...rest, type: "string" } : rest;
  const relaxed = new ColumnPlan(column, plan.index, plan.inKey);
  relaxed.field = plan.field;
  return relaxed;
}
