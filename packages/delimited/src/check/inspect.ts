import type { Mapping, Table } from "@inlet/contracts";
import { lookAt } from "../detect/look-at.ts";
import { isUnreadable, scanLimitsOf } from "../detect/sniff.ts";
import {
  expectedLabels,
  type HeaderFinding,
  type MappedLabel,
  mapByPosition,
  mapHeader,
  mappingProblem,
  positionLabels,
} from "../header/header.ts";
import type { IssueFacts, IssueLog } from "../issues/issue-log.ts";
import type { Encoding, ScanPlan } from "../scan/dialect.ts";
import type { ByteSource } from "../scan/source.ts";

/** What is known of a file before its records are read. */
export interface Inspection {
  /** undefined: the records cannot be read at all; the log says why. */
  scan: ScanPlan | undefined;
  labels: MappedLabel[];
  /** undefined: all ASCII so far, so it does not matter yet. */
  encoding: Encoding | undefined;
  /** Offset of the first byte that is not valid UTF-8, where one was found. */
  firstInvalidUtf8: number | null;
}

/** Looks at a file's beginning: encoding, dialect, header. What is wrong goes to the log. */
export async function inspect(
  source: ByteSource,
  table: Table,
  {
    reservedHeaders,
    mapping,
    log,
    signal,
  }: {
    reservedHeaders: readonly string[];
    mapping?: Mapping | undefined;
    log: IssueLog;
    signal?: AbortSignal | undefined;
  },
): Promise<Inspection> {
  const unreadable = (facts: IssueFacts): Inspection => {
    log.add(facts);
    return { scan: undefined, labels: [], encoding: undefined, firstInvalidUtf8: null };
  };
  const { format, columns } = table;
  const look = await lookAt(source, {
    fixed: { ...format, comment: format.comment },
    limits: scanLimitsOf(table.limits),
    expected:
      format.headerLines === 0 ? undefined : { labels: expectedLabels(table, mapping), columnCount: columns.length },
    signal,
  });
  if (isUnreadable(look)) return unreadable(look.problem);
  const { scan, encoding, firstInvalidUtf8 } = look;
  const { header } = scan;
  const at = { line: header.line, offset: header.offset };
  const report = (findings: readonly HeaderFinding[]) => {
    for (const { code, severity, column, message, index, fix } of findings) {
      const value = index === null ? null : header.labels[index]!.slice(0, 100);
      log.add({ ...at, code, severity, column, message, value, fix: fix ?? null });
    }
  };
  const differs = (labels: readonly string[]): Inspection | undefined => {
    const message = mapping && mappingProblem(table, labels, mapping);
    return message === undefined ? undefined : unreadable({ ...at, code: "mapping_differs", message });
  };
  if (format.headerLines === 0) {
    header.labels = positionLabels(table);
    const refused = differs(header.labels);
    if (refused !== undefined) return refused;
    const { labels, findings } = mapByPosition(table, mapping);
    if (look.table.titleLines > 0) log.add(titleLines(`The records begin in line ${header.line}`));
    report(findings);
    return { scan, labels, encoding, firstInvalidUtf8 };
  }
  if (look.table.isFaulty) {
    return unreadable({
      ...at,
      code: "header_broken",
      message: `The line of column names has a quote that is not closed or not doubled, a NUL byte, or more than ${table.limits.columns} columns; mend it.`,
    });
  }
  const refused = differs(header.labels);
  if (refused !== undefined) return refused;
  const { labels, findings } = mapHeader(table, header.labels, reservedHeaders, mapping);
  if (labels.every((label) => label.column === null)) {
    const expected = columns.map((column) => column.header ?? column.name);
    return {
      ...unreadable({
        ...at,
        code: "header_not_found",
        message: `The first line must hold the column names; none of ${expected.slice(0, 10).join(", ")}${expected.length > 10 ? ", …" : ""} is in it.`,
        value: header.labels.join(scan.dialect.delimiter).slice(0, 100),
      }),
      labels,
    };
  }
  if (look.table.titleLines > 0) log.add(titleLines(`The column names stand in line ${header.line}`));
  report(findings);
  return { scan, labels, encoding, firstInvalidUtf8 };
}

function titleLines(what: string): IssueFacts {
  const message = `${what}; what is above them is not imported.`;
  return { code: "title_lines", severity: "warning", message, line: 1, offset: 0 };
}
