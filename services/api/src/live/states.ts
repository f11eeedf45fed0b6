import { type BatchChange, batchMark, type Counts, type RunChange } from "@inlet/contracts";
import type { BatchState, RunState } from "@inlet/database";
import { iso, total } from "../views.ts";

const COUNTS = ["declared", "records", "valid", "rejected", "staged", "imported", "links", "withheld"] as const;

/** A batch's state as streams tell it: short, because it goes to everybody. */
export function batchChange(row: BatchState): BatchChange {
  const counts: Partial<Counts> = {};
  for (const name of COUNTS) if (row[name] !== null) counts[name] = row[name];
  return {
    id: row.id,
    client: row.client,
    project: row.project,
    table: row.tableName,
    runId: row.runId,
    source: row.source,
    fileName: row.fileName,
    sizeBytes: row.sizeBytes,
    status: row.status,
    mark: batchMark(row.status, row.stage),
    rehearsal: row.rehearsal,
    reasonCode: row.reasonCode,
    stage: row.stage,
    counts,
    issueCount: total(row.issueTotals),
    receivedAt: iso(row.receivedAt),
    startedAt: iso(row.startedAt),
    endedAt: iso(row.endedAt),
  };
}

/** A run's state as streams tell it. */
export function runChange(row: RunState): RunChange {
  const { id, client, project, key, state, revision, statuses, openedAt, reportedAt } = row;
  return { id, client, project, key, state, revision, statuses, openedAt: iso(openedAt), reportedAt: iso(reportedAt) };
}
