import {
  isEnded,
  type ProbeResult,
  type PullDetail,
  type PullOutcome,
  type PullSchedule,
  type PullSource,
  type PullSummary,
  probeResultSchema,
} from "@inlet/contracts";
import type { PullDetailRow, PullRow } from "@inlet/database";
import { iso } from "../views.ts";

/** For whom a pull is shown. */
interface Viewer {
  /** Sees one client alone: who of the platform's people did something is not told. */
  forClient: boolean;
  now: Date;
}

/** What came of a pull, its batch included. */
export function outcomeOf({
  purpose,
  state,
  error,
  batchStatus,
}: Pick<PullRow, "purpose" | "state" | "error" | "batchStatus">): PullOutcome {
  switch (state) {
    case "due":
      return "waiting";
    case "running":
      return "pulling";
    case "cancelled":
      return error?.code === "pull_skipped" ? "skipped" : "cancelled";
    case "unchanged":
    case "stopped":
      return state;
    case "received":
      if (purpose === "probe") return "probed";
      if (batchStatus === null || !isEnded(batchStatus)) return "importing";
      return batchStatus === "completed" || batchStatus === "partial" ? "imported" : "not_imported";
  }
}

/** A pull as lists show it. */
export function pullSummary(row: PullRow, { forClient, now }: Viewer): PullSummary {
  const { id, client, project, table, purpose, rehearsal, state, monitored, full, pages, expected, received } = row;
  const isOpen = state === "due" || state === "running";
  return {
    ...{ id, client, project, table, purpose, rehearsal, state, monitored, full, pages, expected, received },
    outcome: outcomeOf(row),
    trigger: {
      by: row.triggeredBy,
      dueAt: iso(row.dueAt),
      actor: forClient ? null : row.actor,
      reason: forClient ? null : row.reason,
    },
    cursor: { from: row.cursorFrom, to: row.cursorTo },
    duplicates: row.duplicates,
    receivedBytes: row.spoolBytes,
    attempts: row.attempts,
    batch:
      row.batchId === null
        ? null
        : {
            id: row.batchId,
            status: row.batchStatus!,
            reason:
              row.batchReasonCode === null
                ? null
                : { code: row.batchReasonCode, message: row.batchReasonMessage ?? "" },
            valid: row.valid,
            imported: row.imported,
          },
    // What an earlier attempt met is no news of a pull that came through.
    error: row.error === null || state === "received" || state === "unchanged" ? null : errorOf(row.error),
    askedAt: iso(row.createdAt),
    notBefore: isOpen && row.notBefore > now ? iso(row.notBefore) : null,
    startedAt: iso(row.startedAt),
    endedAt: iso(row.finishedAt),
    durationMs:
      row.startedAt === null ? null : Math.max(0, (row.finishedAt ?? now).getTime() - row.startedAt.getTime()),
  };
}

const errorOf = ({ code, message }: { code: string; message: string }) => ({ code, message });

/** A pull with all that is told of it. `source`: that of the profile it is pulled under. */
export function pullDetail(
  row: PullDetailRow,
  source: PullSource | undefined,
  { seesRows, ...viewer }: Viewer & { seesRows: boolean },
): PullDetail {
  const probe = row.purpose === "probe" ? probeResultSchema.safeParse(row.result).data : undefined;
  return {
    ...pullSummary(row, viewer),
    profileVersion: row.profileVersion,
    system: source === undefined ? { connector: "unknown", host: "unknown" } : systemOf(source),
    resource: source?.pulls.find(({ table }) => table === row.table)?.resource ?? "unknown",
    runId: row.runId,
    failedPage: row.failedPage,
    rounds: row.rounds,
    duplicateSamples: row.duplicateSamples,
    probe: probe === undefined ? null : probeView(probe, seesRows),
    cancellable: row.state === "due" || row.state === "running",
  };
}

/** What a probe found, without what it read of the items where the caller may not read files. */
const probeView = ({ count, shape, rows }: ProbeResult, seesRows: boolean): ProbeResult =>
  seesRows ? { count, shape, rows } : { count, shape: shape.map((field) => ({ ...field, samples: [] })), rows: null };

/** Whose API it is. */
export const systemOf = ({ system }: Pick<PullSource, "system">) => ({
  connector: system.connector,
  host: new URL(system.url).host,
});

/** A schedule of pulls in words: `every 15 minutes`, `daily 06:00`. */
export function scheduleWords(schedule: PullSchedule | undefined): string | null {
  if (schedule === undefined) return null;
  if ("at" in schedule) return schedule.at;
  const { everyMinutes } = schedule;
  if (everyMinutes === 1) return "every minute";
  if (everyMinutes === 60) return "every hour";
  return everyMinutes % 60 === 0 ? `every ${everyMinutes / 60} hours` : `every ${everyMinutes} minutes`;
}
