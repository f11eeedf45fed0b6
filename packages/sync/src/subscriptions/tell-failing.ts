import type { SubscriptionFailingMessage } from "@inlet/contracts";
import {
  type Database,
  insertMessages,
  liveProject,
  type MessageRef,
  noteToldOfFailing,
  type Tx,
  transaction,
  type UntoldSubscription,
} from "@inlet/database";
import { sentFrom } from "@inlet/pipeline";

/**
 * Writes e-mails to the people of projects whose subscriptions have taken nothing for a while, once until they take something again.
 * Resolves to what is to be published.
 */
export async function tellFailing(
  database: Database,
  { failingForMs }: { failingForMs: number },
): Promise<MessageRef[]> {
  return await transaction(database, async (tx) => {
    const messages: MessageRef[] = [];
    for (const subscription of await noteToldOfFailing(tx, { failingForMs }))
      messages.push(...(await tell(tx, subscription)));
    return messages;
  });
}

async function tell(tx: Tx, { id, projectId, name, table, failingSince, lastError }: UntoldSubscription) {
  const project = await liveProject(tx, projectId);
  if (project === undefined) return [];
  const payload: SubscriptionFailingMessage = {
    event: "subscription_failing",
    ...sentFrom(project.profile),
    ...{ subscriptionId: id, name, table, failingSince: failingSince.toISOString(), lastError: lastError.message },
    at: new Date().toISOString(),
  };
  const recipients = new Map(project.profile.notify.recipients.map((each) => [each.toLowerCase(), each]));
  return await insertMessages(
    tx,
    [...recipients].map(([address, recipient]) => ({
      key: `subscription-failing:${id}:${payload.failingSince}:${address}`,
      ...{ projectId, runId: null, batchId: null, recipient, payload },
    })),
  );
}
