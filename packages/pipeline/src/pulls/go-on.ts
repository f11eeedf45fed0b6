import { type Database, liveProject, type MessageRef } from "@inlet/database";
import { admit } from "../admission.ts";
import type { Publisher } from "../queues.ts";
import { firstStage, hasOrder } from "../schedule/holds.ts";

/** What a pull's end made due. */
export interface PullFollowUp {
  runId: number | null;
  projectId: number;
  messages: readonly MessageRef[];
  /** Batches that were given up with it. */
  ended: readonly number[];
}

/** What comes after the commit that ended a pull without a batch. What is left undone here the reconciler does. */
export async function goOnAfter(
  { database, publisher }: { database: Database; publisher: Publisher },
  { runId, projectId, messages, ended }: PullFollowUp,
): Promise<void> {
  publisher.changed({ runs: runId === null ? [] : [runId], batches: [...ended] });
  await publisher.messages(messages);
  if (runId === null) return;
  const project = await liveProject(database, projectId).catch(() => undefined);
  if (project === undefined || !hasOrder(project.profile)) return;
  const { clientId, profile } = project;
  const admitted = admit(database, [firstStage(profile)], { clientId, projectId, tableName: null });
  await publisher.steps(await admitted.catch(() => []));
}
