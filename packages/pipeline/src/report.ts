import { type FileMessage, isEnded, type Profile, type ReportedBatch, type ReportMessage } from "@inlet/contracts";
import type { RunBatch } from "@inlet/database";

/** Whether a run can be reported: now, not before some time has passed, or not at all yet. */
export type Readiness = { report: "now" } | { report: "later"; settleMs: number } | { report: "no" };

/**
 * Judges a run by its batches. One file each: as soon as it has ended. By date: when all expected tables have come and
 * ended; else a while after the last one ended, because what is missing may still come.
 */
export function readiness(grouping: Profile["run"], batches: readonly RunBatch[]): Readiness {
  if (batches.length === 0 || batches.some((batch) => !isEnded(batch.status))) return { report: "no" };
  if (grouping.group !== "date") return { report: "now" };
  const complete = grouping.expect.length > 0 && missingTables(grouping, batches).length === 0;
  return complete ? { report: "now" } : { report: "later", settleMs: grouping.settleSeconds * 1000 };
}

/** A ZIP of several files is no file of a table, whatever its name says: its files are. */
const isOfTable = ({ status }: RunBatch) => status !== "unpacked";

/** Expected tables of which no file came. */
export function missingTables(grouping: Profile["run"], batches: readonly RunBatch[]): string[] {
  if (grouping.group === "file") return [];
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
  run: { key: string; revision: number; at: Date },
  batches: readonly RunBatch[],
): ReportMessage {
  // All of a run are a rehearsal, or none is.
  const rehearsal = batches[0]?.rehearsal ?? false;
  return {
    event: "completed",
    ...sentFrom(profile, rehearsal),
    rehearsal,
    run: profile.run.group === "file" ? (batches[0]?.fileName ?? run.key) : run.key.replace(/^rehearsal /, ""),
    revision: run.revision,
    at: run.at.toISOString(),
    batches: batches.map(reportedBatch),
    missing: missingTables(profile.run, batches),
  };
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
