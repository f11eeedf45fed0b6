import { projectsOfArrivals, projectsWithWaitingArrivals } from "@inlet/database";
import type { Publisher } from "@inlet/pipeline";
import pLimit from "p-limit";
import { openFailingProjects } from "./failing-projects.ts";
import { hashArrival, type IntakeParts, receiveArrivals } from "./receive-arrivals.ts";

/** Turns arrivals into batches, project by project. */
export interface Intake {
  /** Resolves when the arrival is a batch, or cannot become one now. @throws when PostgreSQL or the disk fails */
  take(arrivalId: number): Promise<void>;
  /** Takes whatever has waited for so long that its job must be lost, or its watcher dead. */
  look(olderThanMs: number): Promise<void>;
  /** Resolves when the transactions under way have ended. No new one begins. */
  close(): Promise<void>;
}

interface IntakeOptions extends IntakeParts {
  publisher: Publisher;
  /** Projects worked on at once. Each holds a connection to PostgreSQL. */
  lanes: number;
  /** After this long of failing at a project's oldest arrival, the audit and the log say so. */
  stuckAfterMs: number;
}

/** Arrivals in one transaction: enough to share its cost, few enough to keep the project's lock for milliseconds. */
const FILES_AT_ONCE = 32;

/** Large files read at once, beside the lanes: hashing giants takes minutes, and no project waits for another's. */
const HASHED_AT_ONCE = 2;

/** Opens the intake. Of one project one transaction runs at a time, here and, by a lock, among all watchers. */
export function openIntake(options: IntakeOptions): Intake {
  const { database, publisher, logger, lanes } = options;
  const stopping = new AbortController();
  const inLane = pLimit(lanes);
  const inHashLane = pLimit(HASHED_AT_ONCE);
  const failing = openFailingProjects(options);
  const drains = new Map<number, { current: Promise<void>; next: Promise<void> | undefined }>();
  const lookUp = gatherLookUps((ids) => projectsOfArrivals(database, ids));

  /** Empties a project's queue, from its state at the time of the call on. Callers during a drain share the next one. */
  function drain(projectId: number): Promise<void> {
    const underWay = drains.get(projectId);
    if (underWay) {
      underWay.next ??= underWay.current.catch(() => {}).then(() => drain(projectId));
      return underWay.next;
    }
    const current = drainNow(projectId).finally(() => drains.delete(projectId));
    drains.set(projectId, { current, next: undefined });
    return current;
  }

  async function drainNow(projectId: number): Promise<void> {
    let limit = FILES_AT_ONCE;
    for (;;) {
      if (stopping.signal.aborted || failing.isPausing(projectId)) return;
      try {
        const intake = await inLane(() => receiveArrivals(options, { projectId, limit }));
        publisher.changed({ batches: intake.batches });
        await Promise.all([publisher.steps(intake.steps), publisher.messages(intake.messages)]);
        if (intake.taken > 0) {
          logger.info({ projectId, arrivals: intake.taken, batchIds: intake.batches }, "arrivals received");
        }
        const { toHash } = intake;
        if (toHash) await inHashLane(() => hashArrival(options, toHash, stopping.signal));
        failing.noteSuccess(projectId);
        if (!intake.more) return;
      } catch (err) {
        // One by one, so that a file that cannot be taken does not hold up those before it.
        if (limit === 1) {
          if (!stopping.signal.aborted) await failing.noteFailure(projectId, err);
          throw err;
        }
        logger.debug({ err, projectId }, "could not receive several arrivals at once");
        limit = 1;
      }
    }
  }

  return {
    async take(arrivalId) {
      const projectId = await lookUp(arrivalId);
      if (projectId !== undefined) await drain(projectId);
    },
    async look(olderThanMs) {
      const projects = await projectsWithWaitingArrivals(database, { olderThanMs });
      await Promise.all(
        projects.map((projectId) =>
          drain(projectId).catch((err) => logger.warn({ err, projectId }, "could not receive; will look again")),
        ),
      );
    },
    async close() {
      stopping.abort();
      await Promise.allSettled([...drains.values()].map(({ current }) => current));
    },
  };
}

/** Gathers what is asked while a query runs into the next query: a thousand jobs do not make a thousand queries. */
function gatherLookUps(find: (ids: readonly number[]) => Promise<Map<number, number>>) {
  let gathering: { ids: number[]; found: Promise<Map<number, number>> } | undefined;
  let last: Promise<unknown> = Promise.resolve();
  return async (id: number): Promise<number | undefined> => {
    if (gathering === undefined) {
      const ids: number[] = [];
      const found = last.then(() => {
        gathering = undefined;
        return find(ids);
      });
      last = found.catch(() => {});
      gathering = { ids, found };
    }
    gathering.ids.push(id);
    return (await gathering.found).get(id);
  };
}
