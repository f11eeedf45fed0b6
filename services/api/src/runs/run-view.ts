import type { Profile, RunSummary, RunTable, WaitsFor } from "@inlet/contracts";
import {
  type Database,
  filesOfRuns,
  NEXT_RUN,
  newestBatchesOfRuns,
  type RunBatch,
  type RunFileRow,
  type RunRow,
} from "@inlet/database";
import { openProfileCache, runTables, waitsOf } from "@inlet/pipeline";
import { iso } from "../views.ts";

/** A run with all that its view is made of. */
export interface ReadRun {
  row: RunRow;
  profile: Profile;
  batches: readonly RunBatch[];
  files: readonly RunFileRow[];
}

/** Reads what runs are shown with: their newest batches, so many of each, their files and their profiles. */
export type ReadRuns = (rows: readonly RunRow[], most: number) => Promise<ReadRun[]>;

export function openRunReader(database: Database): ReadRuns {
  const profileAt = openProfileCache(database);
  return async (rows, most) => {
    const runIds = rows.map(({ id }) => id);
    const batches = await newestBatchesOfRuns(database, { runIds, most });
    const files = await filesOfRuns(database, runIds);
    return await Promise.all(
      rows.map(async (row) => ({
        row,
        profile: await profileAt(row.projectId, row.profileVersion),
        batches: batches.get(row.id) ?? [],
        files: files.filter(({ runId, lateFor }) => runId === row.id || lateFor === row.id),
      })),
    );
  };
}

/** The tables of a run, each with how it stands. */
export const tablesOf = (read: ReadRun): RunTable[] => runTables(factsOf(read));

/** What each held batch of a run waits for. */
export const waitsFor = (read: ReadRun): Map<number, WaitsFor> => waitsOf(factsOf(read));

const factsOf = ({ row, profile, batches, files }: ReadRun) => ({
  ...{ profile, run: row, batches, files, nextDue: row.nextDueAt },
});

/** @param forClient leaves out which operator started it */
export function runSummary(read: ReadRun, { forClient }: { forClient: boolean }): RunSummary {
  const { row } = read;
  const tables = tablesOf(read);
  return {
    id: row.id,
    client: row.client,
    project: row.project,
    key: row.key,
    state: row.state,
    phase: phaseOf(row, tables),
    trigger: triggerOf(row, forClient),
    revision: row.revision,
    settleAt: iso(row.settleAt),
    waitsUntil: row.isGathering ? iso(row.gatherUntil) : null,
    deadlineAt: iso(row.deadlineAt),
    overdueAt: iso(row.overdueAt),
    openedAt: iso(row.openedAt),
    reportedAt: iso(row.reportedAt),
    statuses: row.statuses,
    tables,
  };
}

function phaseOf(row: RunRow, tables: readonly RunTable[]): RunSummary["phase"] {
  if (row.key === NEXT_RUN) return "upcoming";
  if (row.state === "reported") return "ended";
  const isAwaited = tables.some(({ status, batchId }) => status === "waiting" && batchId === null);
  return row.isGathering && isAwaited && tables.every(({ status }) => status !== "running") ? "waiting" : "running";
}

function triggerOf(row: RunRow, forClient: boolean): RunSummary["trigger"] {
  if (row.key === NEXT_RUN) {
    return { by: "schedule", dueAt: iso(row.nextDueAt), startedAt: null, actor: null, reason: null };
  }
  return {
    by: row.triggeredBy ?? "arrival",
    dueAt: row.triggeredBy === "schedule" ? iso(row.dueAt) : null,
    startedAt: iso(row.startedAt ?? row.openedAt),
    actor: forClient ? null : row.actor,
    reason: forClient ? null : row.reason,
  };
}
