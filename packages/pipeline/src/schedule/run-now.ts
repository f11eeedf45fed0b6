import { InvalidInput } from "@inlet/contracts";
import {
  type AuditEntry,
  type Database,
  heldFiles,
  liveProject,
  lockProjectIntake,
  recordAudit,
  runUnderWay,
  transaction,
} from "@inlet/database";
import type { Logger } from "@inlet/runtime";
import type { Publisher } from "../queues.ts";
import { goOn } from "./scheduler.ts";
import { startRun } from "./start-run.ts";

/** A person's order to start a run, and who gave it. */
interface RunOrder {
  projectId: number;
  actor: string;
  reason: string | null;
  /** The audit's line on it, once the run's number is known: written with it, or neither is. */
  audit: (runId: number) => AuditEntry;
}

/**
 * Starts a run of a project with the files that wait for its trigger now. It waits for none that have not come.
 * @throws InvalidInput `no_schedule`, `run_under_way`, `nothing_waits`
 */
export async function runNow(
  { database, publisher, logger }: { database: Database; publisher: Publisher; logger: Logger },
  { projectId, actor, reason, audit }: RunOrder,
): Promise<{ runId: number }> {
  const { project, started } = await transaction(database, async (tx) => {
    await lockProjectIntake(tx, projectId);
    const project = (await liveProject(tx, projectId))!;
    if (project.profile.run.group !== "schedule" || project.state === "rehearsal") {
      const why = project.state === "rehearsal" ? "rehearses" : "has no schedule";
      throw new InvalidInput({
        code: "no_schedule",
        message: `Project ${project.project} ${why}: its files are worked on as they come, and none waits for a run.`,
      });
    }
    const underWay = await runUnderWay(tx, projectId);
    if (underWay) {
      throw new InvalidInput({
        code: "run_under_way",
        message: `Run ${underWay.id} (${underWay.key}) is under way. Start another one when it has ended.`,
      });
    }
    if ((await heldFiles(tx, { projectId, limit: 1, inNextRun: true })).length === 0) {
      throw new InvalidInput({
        code: "nothing_waits",
        message: `No file of project ${project.project} waits for a run. Send one first.`,
      });
    }
    const start = { dueAt: new Date(), by: "person" as const, actor, reason };
    const started = await startRun(tx, project, start);
    if (started) await recordAudit(tx, audit(started.runId));
    return { project, started };
  });
  if (started === undefined) {
    throw new InvalidInput({ code: "run_under_way", message: "A run of the project began at this very moment." });
  }
  // The commit stands: what fails from here on the reconciler makes good.
  await goOn({ database, publisher, logger }, project, started).catch((err) =>
    logger.warn({ err, runId: started.runId }, "a run was started, but not published; the reconciler will"),
  );
  return { runId: started.runId };
}
