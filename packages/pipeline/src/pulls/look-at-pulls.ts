import { AppError, type PullSource } from "@inlet/contracts";
import {
  type Database,
  duePullSchedules,
  findPullSchedule,
  type LiveProject,
  liveProject,
  lockProjectIntake,
  pullsCountFrom,
  putPullSchedule,
  stalePullSchedules,
  type Tx,
  transaction,
} from "@inlet/database";
import { failpoint, type Logger } from "@inlet/runtime";
import type { Publisher } from "../queues.ts";
import { latestPull, nextPull } from "./pull-timing.ts";
import { type StartedPulls, startPulls } from "./start-pulls.ts";

const AT_ONCE = 100;

interface Parts {
  database: Database;
  publisher: Publisher;
  logger: Logger;
}

/**
 * One look at all schedules of pulls: reckons the next due times of projects that changed, and starts the pulls that are due.
 * Any number may look at once: a due time is one row for each table, made under the project's intake lock. Of the times that
 * passed while nobody looked the latest is taken up.
 */
export async function lookAtPulls(parts: Parts, now = new Date()): Promise<void> {
  const { database } = parts;
  await each(await stalePullSchedules(database, { limit: AT_ONCE }), parts, (tx, projectId) =>
    reckon(tx, projectId, now),
  );
  await each(await duePullSchedules(database, { now, limit: AT_ONCE }), parts, (tx, projectId) =>
    fire(tx, projectId, now),
  );
}

/** One project after the other, each in a transaction; one that fails does not keep the rest from theirs. */
async function each(
  projectIds: readonly number[],
  { database, publisher, logger }: Parts,
  work: (tx: Tx, projectId: number) => Promise<StartedPulls | undefined>,
): Promise<void> {
  for (const projectId of projectIds) {
    try {
      const started = await transaction(database, async (tx) => {
        await lockProjectIntake(tx, projectId);
        return await work(tx, projectId);
      });
      if (started === undefined) continue;
      failpoint("pulls.committed");
      const { pulls, underWay, runId } = started;
      logger.info({ projectId, runId, pulls: pulls.length, skipped: underWay.length }, "pulls are due");
      if (runId !== null) publisher.changed({ runs: [runId] });
      await publisher.pulls(pulls);
    } catch (err) {
      logger.error({ err, projectId }, "could not look at a project's pulls; will look again");
    }
  }
}

/** Reckons when a changed project pulls next. A due time that has passed already is taken up. */
async function reckon(tx: Tx, projectId: number, now: Date): Promise<undefined> {
  const project = await liveProject(tx, projectId);
  if (project === undefined) return;
  const { profileVersion, state } = project;
  const schedule = scheduleOf(project);
  const before = await findPullSchedule(tx, projectId);
  const missed = schedule && before?.state === "live" && before.nextDueAt !== null && before.nextDueAt <= now;
  const nextDueAt = missed ? before.nextDueAt : await dueAfter(schedule, await pullsCountFrom(tx, projectId));
  await putPullSchedule(tx, { projectId, profileVersion, state, nextDueAt });
}

/** A project that rehearses pulls only when somebody asks. */
function scheduleOf({ profile: { source }, state }: LiveProject): PullSource["schedule"] {
  return source.kind === "pull" && state === "live" ? source.schedule : undefined;
}

function dueAfter(schedule: PullSource["schedule"], after: Date): Date | null {
  if (schedule === undefined) return null;
  try {
    return nextPull(schedule, after);
  } catch (error) {
    // A profile that was stored before the checks knew it to be wrong: shown as a schedule that never comes.
    if (error instanceof AppError) return null;
    throw error;
  }
}

async function fire(tx: Tx, projectId: number, now: Date): Promise<StartedPulls | undefined> {
  const row = await findPullSchedule(tx, projectId);
  const project = await liveProject(tx, projectId);
  if (row === undefined || project === undefined) return undefined;
  // Another scheduler was here, or the project has changed and is reckoned anew first.
  const isStale = row.profileVersion !== project.profileVersion || row.state !== project.state;
  if (row.nextDueAt === null || row.nextDueAt > now || isStale) return undefined;
  const schedule = scheduleOf(project);
  const { source } = project.profile;
  if (schedule === undefined || source.kind !== "pull") return undefined;
  const dueAt = latestPull(schedule, row.nextDueAt, now);
  const started = await startPulls(
    tx,
    { project, source },
    {
      ...{ by: "schedule", dueAt, actor: null, reason: null, full: false, now },
      tables: source.pulls.map(({ table }) => table),
    },
  );
  await putPullSchedule(tx, { ...row, projectId, nextDueAt: nextPull(schedule, dueAt) });
  failpoint("pulls.before-commit");
  return started;
}
