import type { CellFaultCode } from "../cells/cell-fault.ts";
import type { ColumnPlan } from "../cells/column-plan.ts";
import { FORM_ESCAPES, FORM_UTF8, mostCanonicalBytes, writeCell } from "../cells/write-cell.ts";
import { integersMeant, numbersMeant } from "./meant-numbers.ts";
import { datesMeant, timestampsMeant } from "./meant-times.ts";
import { addressesMeant, booleansMeant, valuesMeant } from "./meant-values.ts";

/** Longer values get no suggestion. */
const MOST_CHARACTERS = 200;

/**
 * A replacement that is certain to be what was meant, and that passes the column's check; null where there is none, or
 * more than one.
 */
export function suggestFix(plan: ColumnPlan, code: CellFaultCode, text: string): string | null {
  if (text === "" || text.length > MOST_CHARACTERS) return null;
  const trimmed = text.replace(/^[\s\u200b\ufeff]+|[\s\u200b\ufeff]+$/g, "");
  const candidates = new Set<string>(trimmed === text ? [] : [trimmed]);
  for (const candidate of meant(plan, code, trimmed)) candidates.add(candidate);
  const good = [...candidates].filter((candidate) => candidate !== text && passes(plan, candidate));
  return good.length === 1 ? good[0]! : null;
}

function meant(plan: ColumnPlan, code: CellFaultCode, text: string): readonly string[] {
  switch (code) {
    case "not_an_integer":
      return integersMeant(text);
    case "not_a_decimal":
      return numbersMeant(plan.column.decimalSeparator, text);
    case "not_a_boolean":
      return booleansMeant(plan.column, text);
    case "not_a_date":
      return datesMeant(plan, text);
    case "not_a_timestamp":
      return timestampsMeant(plan, text);
    case "not_in_values":
      return valuesMeant(plan.column.values ?? [], text);
    case "not_an_email":
      return addressesMeant(text);
    default:
      return [];
  }
}

function passes(plan: ColumnPlan, text: string): boolean {
  const bytes = Buffer.from(text);
  if (bytes.length === 0) return false;
  const out = Buffer.allocUnsafe(mostCanonicalBytes(bytes.length));
  return writeCell(plan, bytes, 0, bytes.length, FORM_UTF8 | FORM_ESCAPES, out, 0) >= 0;
}
