import type { Rule, Severity } from "@inlet/contracts";
import { isNull } from "../canonical/null.ts";
import { type ColumnPlan, KIND_DECIMAL } from "../cells/column-plan.ts";
import type { KeyHash } from "./key-hash.ts";

/**
 * A key's canonical bytes, at most. PostgreSQL refuses a B-tree entry of more than 2,704 bytes (a third of a page); what is
 * left pays for the entry's own overhead and alignment.
 */
export const KEY_BYTES = 2500;

/** The columns whose values, taken together, may come only once in a file. */
export interface UniqueRule {
  code: "value_duplicate" | "key_duplicate" | "combination_duplicate";
  plans: readonly ColumnPlan[];
  severity: Severity;
  /** What the client reads instead of our own sentence. */
  message?: string | undefined;
}

/**
 * What must not come twice in a file: the table's key; each unique column that is not the whole key already; and the rules
 * `unique`, where the file has their columns. A key is always an error: an upsert could not take it.
 */
export function uniqueRules(plans: readonly ColumnPlan[], rules: readonly Rule[] = []): UniqueRule[] {
  const key = plans.filter((plan) => plan.inKey);
  const unique: UniqueRule[] = key.length > 0 ? [{ code: "key_duplicate", plans: key, severity: "error" }] : [];
  for (const plan of plans) {
    const { column } = plan;
    const isWholeKey = key.length === 1 && key[0] === plan;
    if (!column.unique || isWholeKey || plan.field < 0) continue;
    unique.push({ code: "value_duplicate", plans: [plan], severity: column.severity });
  }
  for (const rule of rules) {
    if (rule.rule !== "unique") continue;
    const { columns, severity, message } = rule;
    const own = plans.filter(({ column, field }) => field >= 0 && columns.includes(column.name));
    if (own.length < new Set(columns).size) continue;
    const code = own.length === 1 ? "value_duplicate" : "combination_duplicate";
    unique.push({ code, plans: own, severity, message });
  }
  return unique;
}

/** The most bytes of a character in UTF-8. */
const CHARACTER_BYTES = 4;

/**
 * Whether nothing is left to find of a rule where whoever wrote the file has told its keys apart by what stands in the cells: they
 * are text, which is its own value, and too short for an index to refuse them.
 */
export function isToldApart({ code, plans }: UniqueRule): boolean {
  if (code !== "key_duplicate" || !plans.every(({ column }) => column.type === "string")) return false;
  const mostCharacters = plans.reduce((sum, { column }) => sum + (column.maxLength ?? Number.POSITIVE_INFINITY), 0);
  return mostCharacters * CHARACTER_BYTES <= KEY_BYTES;
}

/** Where a record's cells lie in its canonical line; a start of -1: the cell is not usable. */
export interface CellSpans {
  readonly starts: Int32Array;
  readonly ends: Int32Array;
}

/** Only a table's key has an index. */
export function mostBytes({ code }: UniqueRule): number {
  return code === "key_duplicate" ? KEY_BYTES : Number.POSITIVE_INFINITY;
}

/** Hashes the key of a record; returns its length in bytes, or -1 when a cell of it is empty or not usable. */
export function hashKey(hash: KeyHash, { plans }: UniqueRule, out: Buffer, cells: CellSpans): number {
  let size = 0;
  hash.begin();
  for (const plan of plans) {
    if (!isUsable(out, cells, plan.index)) return -1;
    const start = cells.starts[plan.index]!;
    const end = keyEnd(plan, out, cells);
    hash.update(out, start, end);
    size += end - start;
  }
  hash.finish();
  // Two zeros mark a free slot.
  if (hash.h1 === 0 && hash.h2 === 0) hash.h1 = 1;
  return size;
}

/** Where the part of a cell ends that counts in a comparison: 1.50 and 1.5 are one number to PostgreSQL. */
function keyEnd(plan: ColumnPlan, out: Buffer, cells: CellSpans): number {
  const end = cells.ends[plan.index]!;
  if (plan.kind !== KIND_DECIMAL) return end;
  const start = cells.starts[plan.index]!;
  if (out.subarray(start, end).indexOf(0x2e) === -1) return end;
  let at = end;
  while (out[at - 1] === 0x30) at -= 1;
  return out[at - 1] === 0x2e ? at - 1 : at;
}

/** Whether the record has a value for the column. */
export function isUsable(out: Buffer, { starts, ends }: CellSpans, index: number): boolean {
  const start = starts[index]!;
  return start >= 0 && !isNull(out, start, ends[index]!);
}
