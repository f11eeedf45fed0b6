import type { Profile, Reason } from "@inlet/contracts";
import {
  findSchedule,
  insertRunFiles,
  type LiveProject,
  type LockedRun,
  lastScheduledRun,
  loadedDays,
  type MessageRef,
  NEXT_RUN,
  setRunDeadline,
  type Tx,
} from "@inlet/database";
import { settleRuns } from "../endings.ts";
import type { ReceivedFile } from "../received-file.ts";
import { isOwnRun, isPullRun } from "../report.ts";
import { hasOrder } from "./holds.ts";
import { placeFile } from "./place-file.ts";

/** A received file with its batch, and its run, which is locked. */
export interface ReceivedBatch {
  file: ReceivedFile;
  batchId: number;
  run: LockedRun;
}

/** The run that a file of a project with a schedule goes into; null: one of its own. */
interface Place {
  key: string | null;
  refusal: Reason | null;
  lateFor: number | null;
}

const OWN: Place = { key: null, refusal: null, lateFor: null };

/**
 * Says which runs the files of a project with a schedule go into. Files of other projects, and of a rehearsal, which waits
 * for no trigger, are not asked about, and nothing is read. What is refused, duplicates of earlier files, and error files that
 * come back, are runs of their own: their senders are told at once.
 */
export async function placeFiles(
  tx: Tx,
  { projectId, profile, state }: LiveProject,
  files: readonly ReceivedFile[],
  isDuplicate: (place: number) => boolean,
): Promise<Place[] | undefined> {
  const { run } = profile;
  if (run.group !== "schedule" || state === "rehearsal") return undefined;
  const last = await lastScheduledRun(tx, projectId);
  const nextDue = (await findSchedule(tx, projectId))?.nextDueAt ?? null;
  const days = files.flatMap(({ tableName, fileDate }) => (tableName && fileDate ? [{ tableName, fileDate }] : []));
  const loaded = run.window.by === "date" && days.length > 0 ? await loadedDays(tx, { projectId, days }) : [];
  return files.map((file, place): Place => {
    if (file.partOf !== undefined || file.rerun !== undefined || file.refusal || file.isErrorFile) return OWN;
    // The run of its trigger.
    if (file.source === "pull") return OWN;
    if (isDuplicate(place)) return OWN;
    const named = { fileName: file.fileName, tableName: file.tableName, date: file.fileDate ?? null };
    const placement = placeFile(named, { run, nextDue, last, loaded });
    const { lateFor } = placement;
    if (placement.to === "none") return { key: null, refusal: placement.refusal, lateFor };
    return { key: placement.to === "next" ? NEXT_RUN : placement.key, refusal: null, lateFor };
  });
}

/**
 * Holds the files that wait for their run's trigger or for other tables, and lets those of them go on that need not. The
 * others are returned: they are worked on at once. In a project that holds no files this asks for nothing.
 */
export async function holdFiles(
  tx: Tx,
  { projectId, profile, state }: LiveProject,
  {
    received,
    places,
    accepted,
  }: {
    received: readonly ReceivedBatch[];
    places: readonly Place[] | undefined;
    accepted: readonly ReceivedBatch[];
  },
): Promise<{ free: readonly ReceivedBatch[]; messages: MessageRef[] }> {
  const { run: grouping } = profile;
  if (grouping.group === "date" && grouping.deadlineMinutes !== undefined && state === "live") {
    const runIds = received.map(({ run }) => run.id);
    await setRunDeadline(tx, { runIds, deadlineMs: grouping.deadlineMinutes * 60_000 });
  }
  const held = state === "rehearsal" ? [] : accepted.filter((batch) => waits(profile, batch));
  const late = received.flatMap((batch, at) => (places?.[at]?.lateFor ? [batch] : []));
  const noted = [...new Set([...held, ...late.filter((batch) => !held.includes(batch))])];
  if (noted.length === 0) return { free: accepted, messages: [] };
  const lateFor = new Map(received.map(({ batchId }, at) => [batchId, places?.[at]?.lateFor ?? null]));
  await insertRunFiles(
    tx,
    noted.map((batch) => ({
      batchId: batch.batchId,
      projectId,
      runId: batch.run.id,
      tableName: batch.file.tableName,
      fileDate: grouping.group === "schedule" ? (batch.file.fileDate ?? null) : null,
      held: held.includes(batch),
      waitsForTrigger: batch.run.key === NEXT_RUN,
      lateFor: lateFor.get(batch.batchId) ?? null,
    })),
  );
  const runs = new Map(held.flatMap(({ run }) => (run.key === NEXT_RUN ? [] : [[run.id, { run, profile }] as const])));
  // A file may be given up as it comes, and may have been the last of its run.
  const { messages } = await settleRuns(tx, [...runs.values()]);
  return { free: accepted.filter((batch) => !held.includes(batch)), messages };
}

/** Whether a file may have to wait for its run's trigger, or for other files of the run. */
function waits(profile: Profile, { file, run }: ReceivedBatch): boolean {
  if (isPullRun(run.key)) return hasOrder(profile);
  switch (profile.run.group) {
    case "schedule":
      return !isOwnRun(run.key);
    case "date":
      return hasOrder(profile);
    case "file":
      return file.partOf !== undefined && hasOrder(profile);
  }
}
