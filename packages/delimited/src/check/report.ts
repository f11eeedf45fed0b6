import type { Reason, Table } from "@inlet/contracts";
import type { MappedLabel } from "../header/header.ts";
import type { IssueLog } from "../issues/issue-log.ts";
import type { ScanPlan } from "../scan/dialect.ts";
import type { BlockChecker } from "./block-checker.ts";
import type { Inspection } from "./inspect.ts";
import type { InvalidUtf8, Reader } from "./reader.ts";
import { judgeOutcome, type Outcome } from "./verdict.ts";

/** The outcome of a check. Plain JSON. */
export interface Report {
  /** `pass`: the valid records may be imported. `fail`: nothing of the file may be. */
  verdict: "pass" | "fail";
  /** Why it failed, in words for the client. */
  reason: Reason | null;
  counts: { records: number; valid: number; rejected: number };
  /** How many records the sender said there are; null where it said nothing. */
  declared: number | null;
  /** Exact, however many were kept. */
  issues: { errors: number; warnings: number; byCode: Record<string, number> };
  /** How to read the same records again; null when none could be read. */
  scan: ScanPlan | null;
  /** Which field of the file is which column. */
  columns: MappedLabel[];
  /** Where the file is not valid UTF-8, if that is why it was read as Windows-1252. */
  firstInvalidUtf8: InvalidUtf8 | null;
  /** How long the canonical file is; 0 where nobody asked for it. */
  canonicalBytes: number;
}

/** Puts together what a check has found; `checker` and `reader` are absent where no record could be read. */
export function buildReport({
  table,
  log,
  inspection,
  checker,
  reader,
  declared = null,
}: {
  table: Table;
  log: IssueLog;
  inspection: Inspection;
  checker?: BlockChecker;
  reader?: Reader;
  declared?: number | null;
}): Report {
  const records = checker?.recordCount ?? 0;
  const rejected = checker?.rejectedCount ?? 0;
  const counts = { records, valid: records - rejected, rejected };
  const outcome: Outcome = judgeOutcome(table.invalid, counts, log);
  return {
    ...outcome,
    counts,
    declared,
    issues: { errors: log.errors, warnings: log.warnings, byCode: Object.fromEntries(log.totals) },
    scan: inspection.scan ?? null,
    columns: inspection.labels,
    firstInvalidUtf8: reader?.firstInvalidUtf8 ?? null,
    canonicalBytes: checker?.writer.sizeBytes ?? 0,
  };
}
