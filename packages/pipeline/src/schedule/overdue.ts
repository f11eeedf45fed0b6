import type { OverdueMessage } from "@inlet/contracts";
import {
  batchesOfRun,
  insertMessages,
  lockRun,
  type MessageRef,
  type OverdueRun,
  profileOfRun,
  skippedBefore,
  type Tx,
  takeOverdueRuns,
} from "@inlet/database";
import { missingTables, reportedBatch, sentFrom } from "../report.ts";
import { tellOverdue } from "../webhook-events.ts";

const AT_ONCE = 100;

/** Writes the alerts on runs that have not ended by their deadline, once for each run. */
export async function alertOverdue(tx: Tx, now: Date): Promise<MessageRef[]> {
  const messages: MessageRef[] = [];
  for (const run of await takeOverdueRuns(tx, { now, limit: AT_ONCE })) messages.push(...(await alert(tx, run, now)));
  return messages;
}

async function alert(tx: Tx, run: OverdueRun, now: Date): Promise<MessageRef[]> {
  const profile = await profileOfRun(tx, run.id);
  const batches = await batchesOfRun(tx, run.id);
  const { projectId, dueAt } = run;
  const payload: OverdueMessage = {
    event: "run_overdue",
    ...sentFrom(profile),
    runId: run.id,
    run: run.key,
    dueAt: (dueAt ?? run.openedAt).toISOString(),
    deadlineAt: run.deadlineAt.toISOString(),
    timezone: run.timezone ?? "UTC",
    startedAt: (dueAt === null ? run.openedAt : run.startedAt)?.toISOString() ?? null,
    batches: batches.map(reportedBatch),
    missing: missingTables(profile.run, batches, run.key),
    skipped: dueAt === null ? [] : (await skippedBefore(tx, { projectId, dueAt })).map((each) => each.toISOString()),
    at: now.toISOString(),
  };
  const mails = await insertMessages(
    tx,
    profile.notify.recipients.map((recipient) => ({
      key: `overdue:${run.id}:${recipient.toLowerCase()}`,
      ...{ projectId, runId: run.id, batchId: null, recipient, payload },
    })),
  );
  return [...mails, ...(await tellOverdue(tx, await lockRun(tx, run.id), payload))];
}
