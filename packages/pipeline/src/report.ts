import {
  type FileMessage,
  isEnded,
  monitoringOf,
  type Profile,
  type ReportedBatch,
  type ReportMessage,
} from "@inlet/contracts";
import { type LockedRun, NEXT_RUN, type ReportedPull, type RunBatch } from "@inlet/database";

/** Whether a run can be reported: now, not before some time has passed, or not at all yet. */
export type Readiness = { report: "now" } | { report: "later"; settleMs: number } | { report: "no" };

/** What of a run decides when it can be reported, and which tables it should have. */
type JudgedRun = Pick<LockedRun, "key" | "isGathering" | "openPulls">;

/**
 * Judges a run by its batches. One file each: as soon as it has ended. By date: when all expected tables have come and
 * ended; else a while after the last one ended, because what is missing may still come. Of a trigger: when all have ended and
 * nothing is waited for any more; never before its trigger. Of pulls: when all pulls of their trigger have come and ended.
 */
export function readiness(grouping: Profile["run"], run: JudgedRun, batches: readonly RunBatch[]): Readiness {
  if (batches.length === 0 || batches.some((batch) => !isEnded(batch.status))) return { report: "no" };
  if (run.openPulls > 0) return { report: "no" };
  if (isPullRun(run.key)) return { report: "now" };
  const missing = missingTables(grouping, batches, run.key);
  switch (grouping.group) {
    case "file":
      return { report: "now" };
    case "date": {
      const complete = grouping.expect.length > 0 && missing.length === 0;
      return complete ? { report: "now" } : { report: "later", settleMs: grouping.settleSeconds * 1000 };
    }
    case "schedule": {
      const waits = run.key === NEXT_RUN || (run.isGathering && missing.length > 0);
      return waits ? { report: "no" } : { report: "now" };
    }
  }
}

/** A ZIP of several files is no file of a table, whatever its name says: its files are. */
const isOfTable = ({ status }: Pick<RunBatch, "status">) => status !== "unpacked";

/** The run of one file that takes part in no run of its project's schedule, such as one that was refused at once. */
export const isOwnRun = (key: string): boolean => /^(rehearsal )?file:/.test(key);

/** The run of the pulls of one trigger, whatever files of its project share a run. */
export const isPullRun = (key: string): boolean => /^(rehearsal )?pull /.test(key);

/** Expected tables of which no file came. */
export function missingTables(
  grouping: Profile["run"],
  batches: readonly Pick<RunBatch, "tableName" | "status">[],
  key: string,
): string[] {
  if (grouping.group === "file" || isPullRun(key) || (grouping.group === "schedule" && isOwnRun(key))) return [];
  const came = new Set(batches.filter(isOfTable).map((batch) => batch.tableName));
  return grouping.expect.filter((table) => !came.has(table));
}

/** What every message says of its project. Who gets one on a rehearsal sees in its subject that it is one. */
export const sentFrom = (profile: Profile, rehearsal = false) => ({
  client: profile.client,
  project: profile.project,
  title: `${profile.title ?? profile.project}${rehearsal ? " (rehearsal)" : ""}`,
});

/** What a run's e-mail tells. */
export function reportMessage(
  profile: Profile,
  run: { id: number; key: string; revision: number; at: Date },
  batches: readonly RunBatch[],
  pulls: ReadonlyMap<number, ReportedPull> = new Map(),
): ReportMessage {
  const isOfFile =
    !isPullRun(run.key) && (profile.run.group === "file" || (profile.run.group === "schedule" && isOwnRun(run.key)));
  // All of a run are a rehearsal, or none is.
  const rehearsal = batches[0]?.rehearsal ?? false;
  return {
    event: "completed",
    ...sentFrom(profile, rehearsal),
    rehearsal,
    runId: run.id,
    run: isOfFile ? (batches[0]?.fileName ?? run.key) : run.key.replace(/^rehearsal /, ""),
    revision: run.revision,
    at: run.at.toISOString(),
    batches: batches.map((batch) => ({ ...reportedBatch(batch), ...pullOf(pulls.get(batch.batchId)) })),
    missing: missingTables(profile.run, batches, run.key),
  };
}

function pullOf(pull: ReportedPull | undefined): Pick<ReportedBatch, "pull"> {
  if (pull === undefined) return {};
  const { pullId, expected, received, duplicates, pages, failedPage } = pull;
  return { pull: { pullId, expected, received, duplicates, pages, failedPage } };
}

/**
 * Who gets a run's e-mail: the project's recipients, where they want it; where its imports are monitored and something of the
 * run was not imported, they in any case, and those who are told of that. Nobody gets it twice.
 */
export function reportRecipients(profile: Profile, batches: readonly Pick<RunBatch, "status">[]): string[] {
  const { recipients, on } = profile.notify;
  const monitoring = monitoringOf(profile);
  const isTrouble = monitoring.enabled && batches.some(({ status }) => status !== "completed" && status !== "unpacked");
  const told = isTrouble ? [...recipients, ...monitoring.recipients] : on.includes("completed") ? recipients : [];
  return [...new Map(told.toReversed().map((address) => [address.toLowerCase(), address])).values()].reverse();
}

/** What any message tells of a batch. */
export function reportedBatch(batch: RunBatch): ReportedBatch {
  return {
    batchId: batch.batchId,
    table: batch.tableName,
    fileName: batch.fileName,
    status: batch.status,
    reason: batch.reasonCode === null ? null : { code: batch.reasonCode, message: batch.reasonMessage ?? "" },
    records: batch.records,
    valid: batch.valid,
    rejected: batch.rejected,
    imported: batch.imported,
    links: batch.links,
    issueTotals: batch.issueTotals,
    partOf: batch.partOf,
  };
}

/** What the e-mail on a file's reception or start tells. */
export function fileMessage(
  profile: Profile,
  {
    rehearsal,
    ...file
  }: {
    event: FileMessage["event"];
    batchId: number;
    table: string | null;
    fileName: string;
    sizeBytes: number;
    rehearsal: boolean;
    at: Date;
  },
): FileMessage {
  return { ...sentFrom(profile, rehearsal), ...file, at: file.at.toISOString() };
}
