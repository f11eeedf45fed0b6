import { InvalidInput } from "@inlet/contracts";
import {
  type AuditEntry,
  cancelOpenPull,
  type Database,
  type MessageRef,
  profileAt,
  pullStanding,
  recordAudit,
  transaction,
} from "@inlet/database";
import type { Publisher } from "../queues.ts";
import { goOnAfter } from "./go-on.ts";
import { lockPullRun, settleWithoutBatch } from "./settle-pull.ts";

/** A person's order to cancel a pull. */
export interface CancelOrder {
  pullId: number;
  reason: string | null;
  audit: AuditEntry;
}

/**
 * Cancels a pull that has not ended: nothing of it is imported, and whoever works on it stops at its next page.
 * @throws InvalidInput `pull_not_found`, `pull_ended`
 */
export async function cancelPull(
  { database, publisher }: { database: Database; publisher: Publisher },
  { pullId, reason, audit }: CancelOrder,
): Promise<void> {
  const { runId, projectId, messages, ended } = await transaction(database, async (tx) => {
    const standing = await pullStanding(tx, pullId);
    if (standing === undefined) {
      throw new InvalidInput({ code: "pull_not_found", message: `There is no pull ${pullId}.` });
    }
    const run = await lockPullRun(tx, standing.runId);
    const error = {
      code: "pull_cancelled",
      message: `Cancelled by the operator${reason ? `: ${reason}` : ""}. Nothing was imported.`,
      retryable: false,
    };
    const cancelled = await cancelOpenPull(tx, { pullId, error });
    if (cancelled === undefined) {
      throw new InvalidInput({
        code: "pull_ended",
        message: `Pull ${pullId} has ended. If it became a batch that is under way, cancel the batch.`,
      });
    }
    const profile = await profileAt(tx, { projectId: cancelled.projectId, version: cancelled.profileVersion });
    const told = await settleWithoutBatch(tx, { pullId, run, profile });
    await recordAudit(tx, audit);
    const messages: MessageRef[] = told.messages;
    return { runId: cancelled.runId, projectId: cancelled.projectId, messages, ended: [...told.ended.keys()] };
  });
  await goOnAfter({ database, publisher }, { runId, projectId, messages, ended });
}
