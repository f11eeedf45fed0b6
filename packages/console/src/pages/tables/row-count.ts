import type { TableSummary } from "@inlet/contracts";
import { count, figure } from "@inlet/contracts/figures";

/** How many rows a table has: `200 rows`, `about 1,200,000 rows`. */
export function rowCountText(rows: TableSummary["rows"]): string {
  if (rows === null) return "No rows yet";
  return rows.exact ? count(rows.count, "row") : `about ${figure(roundTo3(rows.count))} rows`;
}

/** An estimate has no more than three digits that mean something. */
function roundTo3(number: number): number {
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(1, number))) - 2);
  return Math.round(number / unit) * unit;
}
