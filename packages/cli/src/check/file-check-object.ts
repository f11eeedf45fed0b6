import type { FileCheck, FileCheckIssue, Issue } from "@inlet/contracts";
import type { Report, ScanPlan } from "@inlet/delimited";
import type { CheckedFile } from "./check-file.ts";
import { placeOf } from "./issue-place.ts";

/** A checked file as `inlet check --json` prints it. */
export function fileCheckObject(checked: CheckedFile, issues: readonly Issue[], sha256: string): FileCheck {
  const { file, data, report, table } = checked;
  const { records, valid, rejected } = report.counts;
  const { errors, warnings, byCode } = report.issues;
  return {
    file: { name: file, sizeBytes: data.sizeBytes, sha256 },
    dialect: report.scan && dialectObject(report.scan),
    columns: columnObjects(checked),
    counts: { records, valid, invalid: rejected, issues: errors + warnings, byCode },
    issues: issues.map((issue) => issueObject(issue, report.columns, table)),
    verdict: hasErrors(report) ? "fail" : "pass",
  };
}

/** Whether anything is wrong: a table's policy may let good records through all the same. */
export const hasErrors = ({ verdict, issues }: Report): boolean => verdict === "fail" || issues.errors > 0;

function dialectObject({ dialect, header }: ScanPlan): FileCheck["dialect"] {
  const { encoding, bom, delimiter, quote, lineEnd, confidence } = dialect;
  return {
    encoding,
    bom,
    delimiter,
    quote,
    escape: dialect.escape === "backslash" ? "\\" : quote,
    lineEnding: lineEnd,
    header: (header.records ?? 1) > 0,
    preambleLines: header.line - 1,
    confidence,
  };
}

function columnObjects({ report, table, fields }: CheckedFile): FileCheck["columns"] {
  return report.columns.map(({ index, label, column, confidence }) => {
    const inferred = fields?.[index];
    const known = table.columns.find(({ name }) => name === column);
    return {
      index,
      label,
      mappedTo: fields === undefined ? column : null,
      confidence: inferred === undefined ? confidence : Math.round(inferred.share * 1000) / 1000,
      type: known?.type ?? inferred?.reading.type ?? null,
    };
  });
}

function issueObject(issue: Issue, columns: Report["columns"], table: CheckedFile["table"]): FileCheckIssue {
  const { severity, code, line, offset, record, value, message, fix } = issue;
  return { severity, code, line, byteOffset: offset, record, ...placeOf(issue, columns, table), value, message, fix };
}
