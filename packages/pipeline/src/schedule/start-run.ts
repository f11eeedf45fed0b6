import { InvariantBroken, isEnded } from "@inlet/contracts";
import {
  batchesOfRun,
  beginRun,
  endGathering,
  hasRun,
  hasTrigger,
  insertTriggers,
  type LiveProject,
  type MessageRef,
  NEXT_RUN,
  type Tx,
  takePlaces,
} from "@inlet/database";
import { reportRuns, settleHeld } from "../endings.ts";
import { missingTables } from "../report.ts";
import { localTime } from "./timing.ts";

/** What starts a run. */
export interface Start {
  dueAt: Date;
  by: "schedule" | "person";
  actor: string | null;
  reason: string | null;
}

/** A run that was started. Its files' first steps are to be admitted after the commit. */
export interface Started {
  runId: number;
  key: string;
  /** Files that it gave up. */
  ended: number[];
  messages: MessageRef[];
}

/**
 * Starts the run of a trigger with the files that wait for it, in the caller's transaction, which holds the project's intake
 * lock. A run of the project that still waits for files waits no more. Undefined: there was this trigger already.
 */
export async function startRun(tx: Tx, project: LiveProject, start: Start): Promise<Started | undefined> {
  const { projectId, profileVersion, profile } = project;
  const { dueAt, by } = start;
  if (await hasTrigger(tx, { projectId, dueAt })) return undefined;
  await endGathering(tx, projectId);
  const { group } = profile.run;
  const timezone = profile.run.group === "schedule" ? profile.run.timezone : "UTC";
  const { missing, deadlineMinutes } = profile.run.group === "schedule" ? profile.run : NO_SCHEDULE;
  const run = await beginRun(tx, {
    projectId,
    waitingKey: NEXT_RUN,
    key: await freeKey(tx, projectId, runName(start, timezone)),
    // A run that a person starts takes what is there.
    gatherMs: by === "schedule" && group === "schedule" ? missing.waitMinutes * 60_000 : null,
    deadlineAt: deadlineMinutes === undefined ? null : new Date(dueAt.getTime() + deadlineMinutes * 60_000),
  });
  const trigger = { ...start, projectId, profileVersion, timezone, runId: run.id };
  if ((await insertTriggers(tx, [trigger])).length === 0) {
    throw new InvariantBroken({ code: "trigger_twice", message: "Two schedulers held one project's intake lock." });
  }
  const gathered = await batchesOfRun(tx, run.id);
  // All at once, so that they keep their order among themselves, however long one has to wait for others now.
  await takePlaces(
    tx,
    gathered.map(({ batchId }) => batchId),
  );
  const { batches, ended, messages } = await settleHeld(tx, { run, profile, batches: gathered });
  const waitsStill = run.isGathering && missingTables(profile.run, batches, run.key).length > 0;
  if (!waitsStill && batches.every(({ status }) => isEnded(status))) {
    messages.push(...(await reportRuns(tx, [{ run, profile, batches }])));
  }
  return { runId: run.id, key: run.key, ended: [...ended.keys()], messages };
}

const NO_SCHEDULE = { missing: { waitMinutes: 0 }, deadlineMinutes: undefined };

/** What a run is called: its due time on the project's clocks. */
function runName({ dueAt, by }: Start, timezone: string): string {
  if (by === "schedule") return `${localTime(dueAt, timezone)} ${timezone}`;
  return `${localTime(dueAt, timezone)}:${String(dueAt.getUTCSeconds()).padStart(2, "0")} ${timezone}`;
}

/** A name that no run of the project has: a schedule that moved to another zone may come to a local time again. */
async function freeKey(tx: Tx, projectId: number, name: string): Promise<string> {
  for (let count = 1; ; count += 1) {
    const key = count === 1 ? name : `${name} (${count})`;
    if (!(await hasRun(tx, { projectId, key }))) return key;
  }
}
