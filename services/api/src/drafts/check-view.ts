import type { DraftCheck, DraftColumnTotal, DraftFinding, DraftTotal, Issue, Reason, Table } from "@inlet/contracts";
import type { FindingKind, FindingsSummary, Report } from "@inlet/delimited";
import { alternativesOf } from "./alternatives.ts";
import { dialectView } from "./dialect-words.ts";
import { policyView } from "./policy-words.ts";

/** What a check of a draft came to, as it is kept: whether it is still current shows when it is asked for. */
export type KeptCheck = Omit<DraftCheck, "isCurrent">;

interface Checked {
  table: Table;
  report: Report;
  summary: FindingsSummary;
  /** Findings about the file as a whole. */
  ofFile: readonly Issue[];
  /** In place of the report's, where something else keeps the file from being taken. */
  refusal: Reason | null;
  contentVersion: number;
  /** Null for a trial. */
  profileVersion: number | null;
  rehearsal: boolean;
  checkedAt: Date;
  durationMs: number;
}

/** Puts what a check found into the words of the page. */
export function checkView(checked: Checked): KeptCheck {
  const { table, report, summary, refusal } = checked;
  const places = columnPlaces(report.columns);
  const found = {
    verdict: refusal === null ? report.verdict : ("fail" as const),
    reason: refusal ?? report.reason,
    counts: report.counts,
  };
  const taken = new Set(report.columns.flatMap(({ column }) => column ?? []));
  const alternatives = alternativesOf(table.columns, report.columns);
  const byName = new Map(table.columns.map((column) => [column.name, column]));
  const isNeeded = ({ name, optional }: Table["columns"][number]) => !optional || table.key.includes(name);
  return {
    verdict: found.verdict,
    reason: found.reason,
    dialect: report.scan && dialectView(report.scan),
    columns: report.columns.map(({ index, label, column, matchedBy, confidence }) => {
      const own = column === null ? undefined : byName.get(column);
      return {
        ...{ index, label, column, matchedBy, confidence },
        type: own?.type ?? null,
        required: own?.required ?? false,
        alternatives: alternatives.get(index) ?? [],
      };
    }),
    targets: table.columns.map((column) => ({
      column: column.name,
      label: column.header ?? column.name,
      type: column.type,
      needed: isNeeded(column),
    })),
    missing: table.columns.filter((column) => isNeeded(column) && !taken.has(column.name)).map(({ name }) => name),
    counts: report.counts,
    findings: {
      errors: report.issues.errors,
      warnings: report.issues.warnings,
      byCode: totalsByCode(summary.kinds, places),
      byColumn: totalsByColumn(summary.kinds, places),
      ofFile: checked.ofFile.map((issue) => findingView(issue, places)),
      kept: summary.kept,
    },
    policy: policyView(table.invalid, found, checked.rehearsal),
    canSubmit: found.verdict === "pass" && checked.profileVersion !== null,
    contentVersion: checked.contentVersion,
    profileVersion: checked.profileVersion,
    checkedAt: checked.checkedAt.toISOString(),
    durationMs: Math.round(checked.durationMs),
  };
}

/** Where the columns that findings name stand in the file: by the table's name, or else by the file's label. */
export type ColumnPlaces = ReadonlyMap<string, number>;

export function columnPlaces(columns: Report["columns"]): ColumnPlaces {
  const places = new Map<string, number>();
  for (const { label, index } of columns) if (!places.has(label.trim())) places.set(label.trim(), index);
  for (const { column, index } of columns) if (column !== null) places.set(column, index);
  return places;
}

/** Faults whose fix is the whole record with its quotes put right. */
const OF_RECORD: ReadonlySet<string> = new Set(["quote_stray", "text_after_quote"]);

/** Whether the fixes of such findings can be applied here: to a cell that the file has, or to a whole record. */
function isApplicable({ code, column }: Pick<Issue, "code" | "column">, places: ColumnPlaces): boolean {
  return OF_RECORD.has(code) || (column !== null && places.has(column));
}

/** A finding with its place in the file's own columns. */
export function findingView(issue: Issue, places: ColumnPlaces): DraftFinding {
  const { record, column, fix } = issue;
  return {
    ...issue,
    columnIndex: (column === null ? undefined : places.get(column)) ?? null,
    fixable: record !== null && fix !== null && isApplicable(issue, places),
  };
}

/** Findings about the header have fixes, too: what a label should read. Those are no cells. */
const ABOUT_HEADER = /^(header_|column_)/;

function fixableOf(kind: FindingKind, places: ColumnPlaces): number {
  return ABOUT_HEADER.test(kind.code) || !isApplicable(kind, places) ? 0 : kind.fixable;
}

function totalsByCode(kinds: readonly FindingKind[], places: ColumnPlaces): DraftTotal[] {
  const totals = new Map<string, DraftTotal>();
  for (const kind of kinds) {
    const { code, severity, count, message, fix, value } = kind;
    const fixable = fixableOf(kind, places);
    const key = `${severity} ${code}`;
    const total = totals.get(key);
    if (total === undefined) totals.set(key, { code, severity, count, fixable, message, fix, value });
    else {
      total.count += count;
      total.fixable += fixable;
      total.fix ??= fix;
    }
  }
  return [...totals.values()].sort(
    (one, other) => Number(one.severity === "warning") - Number(other.severity === "warning"),
  );
}

function totalsByColumn(kinds: readonly FindingKind[], places: ColumnPlaces): DraftColumnTotal[] {
  const totals = new Map<string, DraftColumnTotal>();
  for (const kind of kinds) {
    const { column, severity, count } = kind;
    if (column === null) continue;
    const total = totals.get(column) ?? {
      ...{ column, columnIndex: places.get(column) ?? null },
      ...{ errors: 0, warnings: 0, fixable: 0 },
    };
    total[severity === "error" ? "errors" : "warnings"] += count;
    total.fixable += fixableOf(kind, places);
    totals.set(column, total);
  }
  const last = Number.MAX_SAFE_INTEGER;
  return [...totals.values()].sort((one, other) => (one.columnIndex ?? last) - (other.columnIndex ?? last));
}
