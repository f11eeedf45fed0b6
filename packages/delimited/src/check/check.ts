import type { Table } from "@inlet/contracts";
import { type ColumnPlan, planColumns } from "../cells/column-plan.ts";
import { ColumnSum } from "../controls/column-sum.ts";
import { judgeTotals, summedColumns } from "../controls/control-totals.ts";
import { assertControls } from "../controls/judge-controls.ts";
import { reportRecordCount, reportTrailer } from "../controls/whole-file.ts";
import { IssueLog } from "../issues/issue-log.ts";
import { DuplicateWatch } from "../keys/duplicate-watch.ts";
import { isToldApart, uniqueRules } from "../keys/unique-rule.ts";
import { assertRules } from "../rules/judge-rules.ts";
import { type PlannedRules, planRules } from "../rules/plan-rules.ts";
import type { ScanPlan } from "../scan/dialect.ts";
import type { ByteSource } from "../scan/source.ts";
import { BlockChecker, type CheckerRules } from "./block-checker.ts";
import { GroupRule } from "./groups.ts";
import { inspect } from "./inspect.ts";
import type { CheckOptions } from "./options.ts";
import { Reader } from "./reader.ts";
import { buildReport, type Report } from "./report.ts";

export type { CheckOptions, CheckSinks } from "./options.ts";
export type { Report } from "./report.ts";

/**
 * Checks a file against a table: structure, types, rules, keys, control totals; decides by the table's policy for invalid
 * rows; and writes the valid records in canonical form, so that PostgreSQL takes every line of it. One reading, and a second
 * one where rows stand or fall in groups, or where duplicates have to be proved. Memory does not grow with the file, but for
 * the keys of unique columns (some 12 bytes each).
 * @throws Misconfigured when the table's own rules cannot be used, a hook is not known, or one fails; Unavailable (retry)
 * when two keys had one hash.
 */
export async function check(source: ByteSource, options: CheckOptions): Promise<Report> {
  const { table, sinks = {}, claims = {}, signal } = options;
  const plans = planColumns(table);
  assertRules(table);
  assertControls(table);
  const log = new IssueLog(tellOf(options));
  const { reservedHeaders = [], mapping } = options;
  const inspection = await inspect(source, table, { reservedHeaders, mapping, log, signal });
  const { scan } = inspection;
  if (scan === undefined) return buildReport({ table, log, inspection });
  options.onScan?.(scan, inspection.labels);

  for (const plan of plans) plan.field = inspection.labels.findIndex((label) => label.column === plan.column.name);
  const isSound = log.errors === 0;
  // With a broken header the file cannot pass; its records are looked at all the same, so that one answer says it all.
  const usable = isSound ? plans : plans.filter((plan) => plan.field >= 0);
  const planned = planRules(table, usable, options);
  reportUnchecked(planned, log);
  const { records, references, hooks } = planned;
  const watched = uniqueRules(usable, table.rules).filter((rule) => !(options.hasKeysToldApart && isToldApart(rule)));
  const watches = () => watched.map((rule) => new DuplicateWatch(rule));
  const reader = new Reader(source, table, scan, inspection, signal);
  const groupPlan = groupPlanOf(table, usable);
  const group = groupPlan && new GroupRule(groupPlan);
  const asked = { plans: usable, scan, records, references, hooks, group, notStored: options.notStored };
  if (group !== undefined) {
    const log = new IssueLog(undefined);
    await reader.read(new BlockChecker({ ...asked, watches: watches(), writesLines: false, log }), {}, log);
    group.isFinal = true;
  }
  const { failed } = sinks;
  failed?.begin(scan);
  const sums = summedColumns(table).flatMap((name) => {
    const plan = usable.find(({ column }) => column.name === name);
    return plan === undefined ? [] : [new ColumnSum(plan)];
  });
  const finalWatches = watches();
  const rules: CheckerRules = {
    ...{ ...asked, watches: finalWatches, sums, log },
    writesLines: isSound && (sinks.canonical ?? sinks.index) !== undefined,
    onFailed: failed && ((record) => failed.add(record)),
  };
  const checker = new BlockChecker(rules);
  const { canonical: _, index: __, rejected: ___, ...others } = sinks;
  await reader.read(checker, isSound ? sinks : others, log);
  reportMissingTables(planned, log);
  reportTrailer(scan, reader, log);
  reportRecordCount(table, scan, checker.recordCount, log);
  let declared: number | null = null;
  if (!reader.isCut) {
    const found = { records: checker.recordCount, sums, trailer: reader.trailer?.last };
    declared = await judgeTotals({ table, claims, found, source, log });
  }
  await prove(reader, finalWatches, scan);
  return buildReport({ table, log, inspection, checker, reader, declared });
}

/** Whom each issue is told to. */
function tellOf({ onIssue, sinks }: CheckOptions): CheckOptions["onIssue"] {
  const findings = sinks?.findings;
  if (findings === undefined) return onIssue;
  return (issue) => {
    findings.add(issue);
    onIssue?.(issue);
  };
}

function groupPlanOf({ invalid }: Table, plans: readonly ColumnPlan[]): ColumnPlan | undefined {
  if (invalid.policy !== "group") return undefined;
  return plans.find((plan) => plan.column.name === invalid.by && plan.field >= 0);
}

/** Rules that nobody here can answer are said to be open, once each. */
function reportUnchecked({ unchecked }: PlannedRules, log: IssueLog): void {
  for (const rule of unchecked) {
    const message =
      rule.rule === "references"
        ? `The references to the table ${rule.table} (${rule.columns.join(", ")}) were not checked: its rows are not at hand here.`
        : `The rule ${rule.rule === "hook" ? rule.name : rule.rule} was not checked: the platform's module of rules is not at hand here.`;
    log.add({ code: "rule_not_checked", severity: "warning", message });
  }
}

function reportMissingTables({ references }: PlannedRules, log: IssueLog): void {
  for (const { missing, severity, rule } of references) {
    if (missing === undefined) continue;
    log.add({ code: "reference_table_missing", severity, message: missing, column: rule.columns.join(",") });
  }
}

/** Reads the file again, as often as needed, to prove what looked like a duplicate by its hash. */
async function prove(reader: Reader, watches: readonly DuplicateWatch[], scan: ScanPlan): Promise<void> {
  const proofs = watches.map((watch) => watch.finish()).filter((proof) => proof !== undefined);
  const plans = [...new Set(watches.flatMap((watch) => watch.rule.plans))];
  for (;;) {
    const pending = proofs.filter((proof) => proof.begin());
    if (pending.length === 0) break;
    const checker = new BlockChecker({
      plans,
      scan,
      proofs: pending,
      writesLines: false,
      log: new IssueLog(undefined),
    });
    await reader.read(checker, {}, new IssueLog(undefined));
  }
  for (const proof of proofs) proof.finish();
}
