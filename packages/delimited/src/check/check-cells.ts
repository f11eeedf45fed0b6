import type { Issue, Table } from "@inlet/contracts";
import { planColumns } from "../cells/column-plan.ts";
import { FORM_ESCAPES, FORM_UTF8 } from "../cells/write-cell.ts";
import { scanLimitsOf } from "../detect/sniff.ts";
import type { MappedLabel } from "../header/header.ts";
import { IssueLog } from "../issues/issue-log.ts";
import { planRules } from "../rules/plan-rules.ts";
import type { ScanPlan } from "../scan/dialect.ts";
import { scanFrom } from "../scan/scan-from.ts";
import { BlockChecker } from "./block-checker.ts";

/**
 * Judges the cells of one record by themselves, without its file: types, constraints, fixes, and the rules between its own
 * cells. What shows only among other records (duplicates, groups, totals), in other tables or to hooks is left to the check.
 * @param columns which cell is which column: `report.columns`.
 * @param cells as they are meant, in the file's order.
 * @returns findings without line, record and offset.
 * @throws Misconfigured when the table's own rules cannot be used.
 */
export function checkCells(table: Table, columns: readonly MappedLabel[], cells: readonly string[]): Issue[] {
  const issues: Issue[] = [];
  const log = new IssueLog((issue) => void issues.push({ ...issue, line: null, record: null, offset: null }));
  const plans = planColumns(table);
  for (const plan of plans) plan.field = columns.findIndex(({ column }) => column === plan.column.name);
  const usable = plans.filter(({ field }) => field >= 0);
  const scan = planOf(table, columns);
  const { records } = planRules({ ...table, rules: table.rules.filter(isOwn) }, usable, {});
  const checker = new BlockChecker({ plans: usable, scan, records, writesLines: false, log });
  const text = cells.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(",");
  checker.check(scanFrom(Buffer.from(text), 0, scan), FORM_UTF8 | FORM_ESCAPES, false);
  return issues;
}

/** Whether a rule is about the cells of one record alone. */
function isOwn({ rule }: Table["rules"][number]): boolean {
  return rule === "compare" || rule === "sum";
}

function planOf({ format, limits }: Table, columns: readonly MappedLabel[]): ScanPlan {
  return {
    dialect: {
      ...{ encoding: "utf-8", bom: false, delimiter: ",", quote: '"', escape: "doubled", comment: null },
      ...{ reading: format.reading, trimSpaces: false, trailer: null, lineEnd: "\n", quoteAll: true, confidence: 1 },
    },
    limits: scanLimitsOf(limits),
    header: { offset: 0, end: 0, line: 1, labels: columns.map(({ label }) => label) },
    data: { offset: 0, line: 1 },
  };
}
