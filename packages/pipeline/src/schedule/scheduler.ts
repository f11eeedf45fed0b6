import { AppError, type ScheduleRun } from "@inlet/contracts";
import {
  type Database,
  dueSchedules,
  findSchedule,
  heldFiles,
  insertTriggers,
  type LiveProject,
  liveProject,
  lockProjectIntake,
  profileAt,
  putSchedule,
  scheduleCountsFrom,
  staleSchedules,
  type Tx,
  transaction,
} from "@inlet/database";
import { failpoint, type Logger } from "@inlet/runtime";
import { admit } from "../admission.ts";
import type { Publisher } from "../queues.ts";
import { firstStage } from "./holds.ts";
import { alertOverdue } from "./overdue.ts";
import { type Started, startRun } from "./start-run.ts";
import { nextDue, passed } from "./timing.ts";

const AT_ONCE = 100;

interface SchedulerParts {
  database: Database;
  publisher: Publisher;
  logger: Logger;
}

/**
 * One look at all schedules: reckons the next due times of projects that changed, starts the runs that are due, and tells of
 * those that have not ended by their deadline. Any number may look at once: a due time is a row, unique by project and time,
 * and its run is made in the same transaction, under the project's intake lock.
 * @param now what the schedules are held against; a server that was down takes up the latest due time that has passed, and
 *   notes those before it as skipped
 */
export async function lookAtSchedules(
  { database, publisher, logger }: SchedulerParts,
  now = new Date(),
): Promise<void> {
  const parts = { database, publisher, logger };
  await each(await staleSchedules(database, { limit: AT_ONCE }), parts, (tx, projectId) => reckon(tx, projectId, now));
  await each(await dueSchedules(database, { now, limit: AT_ONCE }), parts, (tx, projectId) => fire(tx, projectId, now));
  await publisher.messages(await transaction(database, (tx) => alertOverdue(tx, now)));
}

interface Outcome {
  project: LiveProject;
  started: Started | undefined;
}

/** One project after the other, each in a transaction; one that fails does not keep the rest from theirs. */
async function each(
  projectIds: readonly number[],
  { database, publisher, logger }: SchedulerParts,
  work: (tx: Tx, projectId: number) => Promise<Outcome | undefined>,
): Promise<void> {
  for (const projectId of projectIds) {
    try {
      const outcome = await transaction(database, async (tx) => {
        await lockProjectIntake(tx, projectId);
        return await work(tx, projectId);
      });
      if (outcome?.started) await goOn({ database, publisher, logger }, outcome.project, outcome.started);
    } catch (err) {
      logger.error({ err, projectId }, "could not look at a project's schedule; will look again");
    }
  }
}

/** What comes after the commit that started a run. What is left undone here the reconciler does. */
export async function goOn(
  { database, publisher, logger }: SchedulerParts,
  { clientId, projectId, client, project, profile }: LiveProject,
  { runId, key, ended, messages }: Started,
): Promise<void> {
  failpoint("schedule.committed");
  logger.info({ client, project, runId, run: key }, "a run has started");
  publisher.changed({ runs: [runId], batches: ended });
  await publisher.messages(messages);
  await publisher.steps(await admit(database, [firstStage(profile)], { clientId, projectId, tableName: null }));
}

/**
 * Reckons a changed project's next due time. What waited for a schedule that was taken away begins at once; a due time that
 * passed before the change, while no scheduler ran, is taken up like any other.
 */
async function reckon(tx: Tx, projectId: number, now: Date): Promise<Outcome | undefined> {
  const project = await liveProject(tx, projectId);
  if (project === undefined) return undefined;
  const { profileVersion, profile, state } = project;
  const started = await takeUpMissed(tx, project, await scheduleCountsFrom(tx, projectId));
  const nextDueAt = await dueAfter(tx, project);
  await putSchedule(tx, { projectId, profileVersion, state, nextDueAt });
  if (profile.run.group === "schedule" || state === "rehearsal") return { project, started };
  if ((await heldFiles(tx, { projectId, limit: 1, inNextRun: true })).length === 0) return undefined;
  const start = {
    dueAt: now,
    by: "schedule" as const,
    actor: null,
    reason: "The schedule was taken out of the profile.",
  };
  return { project, started: await startRun(tx, project, start) };
}

/** Starts the run of the latest time that was due by a project's schedule as it was until `changedAt`. */
async function takeUpMissed(tx: Tx, project: LiveProject, changedAt: Date): Promise<Started | undefined> {
  const { projectId, profile, state } = project;
  const before = await findSchedule(tx, projectId);
  if (before === undefined || before.nextDueAt === null || before.nextDueAt > changedAt) return undefined;
  if (profile.run.group !== "schedule" || state === "rehearsal" || before.state === "rehearsal") return undefined;
  const { run } = await profileAt(tx, { projectId, version: before.profileVersion });
  if (run.group !== "schedule") return undefined;
  const missed = { run, profileVersion: before.profileVersion, first: before.nextDueAt, until: changedAt };
  return (await takeUp(tx, project, missed)).started;
}

/** A project that rehearses waits for no trigger, and has none. */
async function dueAfter(tx: Tx, { projectId, profile: { run }, state }: LiveProject): Promise<Date | null> {
  if (run.group !== "schedule" || state === "rehearsal") return null;
  try {
    return nextDue(run, await scheduleCountsFrom(tx, projectId));
  } catch (error) {
    // A profile that was stored before the checks knew it to be wrong: shown as a schedule that never comes.
    if (error instanceof AppError) return null;
    throw error;
  }
}

/** Starts the run of a project's latest due time, and sets when it is due next. */
async function fire(tx: Tx, projectId: number, now: Date): Promise<Outcome | undefined> {
  const schedule = await findSchedule(tx, projectId);
  const project = await liveProject(tx, projectId);
  if (schedule === undefined || project === undefined) return undefined;
  const { nextDueAt, profileVersion, state } = schedule;
  // Another scheduler was here, or the project has changed and is reckoned anew first.
  const isStale = profileVersion !== project.profileVersion || state !== project.state;
  if (nextDueAt === null || nextDueAt > now || isStale) return undefined;
  const { run } = project.profile;
  if (run.group !== "schedule") return undefined;
  const { started, latest } = await takeUp(tx, project, { run, profileVersion, first: nextDueAt, until: now });
  await putSchedule(tx, { projectId, profileVersion, state, nextDueAt: nextDue(run, latest) });
  failpoint("schedule.before-commit");
  return { project, started };
}

/** Starts the run of the latest of the due times from `first` to `until`, and notes those before it as skipped. */
async function takeUp(
  tx: Tx,
  project: LiveProject,
  { run, profileVersion, first, until }: { run: ScheduleRun; profileVersion: number; first: Date; until: Date },
): Promise<{ started: Started | undefined; latest: Date }> {
  const { projectId } = project;
  const { latest, skipped } = passed(run, first, until);
  await insertTriggers(
    tx,
    skipped.map((dueAt) => ({
      ...{ projectId, dueAt, profileVersion, timezone: run.timezone, runId: null },
      ...{ by: "schedule" as const, actor: null, reason: "No scheduler was running at this time." },
    })),
  );
  const start = { dueAt: latest, by: "schedule" as const, actor: null, reason: null };
  return { started: await startRun(tx, project, start), latest };
}
