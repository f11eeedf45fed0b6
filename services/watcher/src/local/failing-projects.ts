import { AppError } from "@inlet/contracts";
import { asUnavailable, type Database, oldestArrival, recordAudit } from "@inlet/database";
import type { Logger } from "@inlet/runtime";

/** The projects whose oldest arrival cannot be taken: those behind it wait for it, so somebody must be told. */
export interface FailingProjects {
  /** Whether the project's next attempt is not due yet. */
  isPausing(projectId: number): boolean;
  /** Notes a failed attempt; tells about it once it has gone on for too long. */
  noteFailure(projectId: number, failure: unknown): Promise<void>;
  noteSuccess(projectId: number): void;
}

interface Failing {
  failures: number;
  sinceMs: number;
  pausedUntilMs: number;
  told: boolean;
}

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 30_000;

/** @param stuckAfterMs how long attempts must have failed, without one that did not, before it is told */
export function openFailingProjects({
  database,
  logger,
  stuckAfterMs,
}: {
  database: Database;
  logger: Logger;
  stuckAfterMs: number;
}): FailingProjects {
  const projects = new Map<number, Failing>();

  async function tell(projectId: number, { failures, sinceMs }: Failing, cause: unknown): Promise<void> {
    const arrival = await oldestArrival(database, projectId);
    if (arrival === undefined) return;
    const { arrivalId, client, project, path } = arrival;
    const facts = { arrivalId, client, project, failures, failingForMs: Math.round(performance.now() - sinceMs) };
    logger.error({ ...facts, err: cause }, "an arrival cannot be taken and holds up its project; it is tried again");
    await recordAudit(database, {
      actor: "watcher",
      action: "arrival.stuck",
      path,
      outcome: cause instanceof AppError ? cause.code : "unexpected",
      detail: { ...facts, message: cause instanceof Error ? cause.message : String(cause) },
    });
  }

  return {
    isPausing: (projectId) => (projects.get(projectId)?.pausedUntilMs ?? 0) > performance.now(),
    async noteFailure(projectId, failure) {
      const cause = asUnavailable(failure);
      // That is nobody's arrival's fault, and is told about elsewhere.
      if (cause instanceof AppError && cause.code === "database_unavailable") return;
      const nowMs = performance.now();
      const failing = projects.get(projectId) ?? { failures: 0, sinceMs: nowMs, pausedUntilMs: 0, told: false };
      projects.set(projectId, failing);
      failing.failures += 1;
      failing.pausedUntilMs = nowMs + Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (failing.failures - 1));
      if (failing.told || nowMs - failing.sinceMs < stuckAfterMs) return;
      failing.told = true;
      try {
        await tell(projectId, failing, cause);
      } catch (err) {
        failing.told = false;
        logger.warn({ err, projectId }, "could not tell that an arrival is stuck; will try again");
      }
    },
    noteSuccess(projectId) {
      const failing = projects.get(projectId);
      projects.delete(projectId);
      if (failing?.told) logger.info({ projectId }, "arrivals are taken again");
    },
  };
}
