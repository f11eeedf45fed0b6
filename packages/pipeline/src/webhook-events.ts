import {
  type BatchEventType,
  type BatchStatus,
  type EventBatch,
  type EventRun,
  MOST_BATCHES_OF_EVENT,
  type OverdueMessage,
  type Profile,
  type WebhookEvent,
  type WebhookEventType,
} from "@inlet/contracts";
import {
  type EndedBatch,
  insertWebhookMessages,
  type LockedRun,
  type MessageRef,
  type NewWebhookMessage,
  type RunBatch,
  type ToldBatch,
  type Tx,
  toldBatches,
  toldWebhooks,
} from "@inlet/database";
import { missingTables } from "./report.ts";

/** What webhooks are told of a run: its row comes with which events they want, so that where they want none nothing is asked. */
type Told = Pick<LockedRun, "id" | "projectId" | "key" | "webhookEvents">;

const wants = ({ webhookEvents }: Told, event: WebhookEventType) => webhookEvents.includes(event);

/** Tells webhooks that files have come. */
export async function tellReceived(tx: Tx, received: readonly { run: Told; batchId: number }[]): Promise<MessageRef[]> {
  const batchIds = received.flatMap(({ run, batchId }) => (wants(run, "batch.received") ? [batchId] : []));
  return await tellBatches(tx, batchIds, "batch.received");
}

/** Tells webhooks that batches have ended. One that ends again, after a retry, is told of again. */
export async function tellEnds(
  tx: Tx,
  closings: readonly { run: Told; batchId: number }[],
  ended: ReadonlyMap<number, Pick<EndedBatch, "status">>,
): Promise<MessageRef[]> {
  const batchIds = closings.flatMap(({ run, batchId }) =>
    wants(run, endEvent(ended.get(batchId)!.status)) ? [batchId] : [],
  );
  return await tellBatches(tx, batchIds, null);
}

const endEvent = (status: BatchStatus) => `batch.${status}` as BatchEventType;

async function tellBatches(tx: Tx, batchIds: readonly number[], event: BatchEventType | null): Promise<MessageRef[]> {
  if (batchIds.length === 0) return [];
  const at = new Date();
  return await insertWebhookMessages(
    tx,
    (await toldBatches(tx, { batchIds, event })).map((told) => {
      const { webhookId, url, batchId, runId, projectId, revision } = told;
      const type = event ?? endEvent(told.status);
      const timestamp = (event === null ? (told.endedAt ?? at) : told.receivedAt).toISOString();
      return {
        key: `webhook:${webhookId}:batch:${batchId}:${revision}:${type}`,
        ...{ webhookId, recipient: receiverOf(url), projectId, runId, batchId },
        event: { type, timestamp, data: eventBatch(told) },
      };
    }),
  );
}

/** A webhook's address without what may be secret in it. */
export const receiverOf = (url: string): string => new URL(url).origin;

function eventBatch(batch: ToldBatch): EventBatch {
  const { batchId, revision, client, project, table, runId, source, fileName, sizeBytes, sha256, status } = batch;
  const { declared, records, valid, rejected, staged, imported, links, withheld } = batch;
  return {
    ...{ batchId, revision, client, project, table, runId, source, fileName, sizeBytes, sha256, status },
    rehearsal: batch.rehearsal,
    reason: reasonOf(batch),
    counts: { declared, records, valid, rejected, staged, imported, links, withheld },
    issueTotals: batch.issueTotals,
    partOf: batch.partOf,
    receivedAt: batch.receivedAt.toISOString(),
    endedAt: batch.endedAt?.toISOString() ?? null,
  };
}

const reasonOf = ({ reasonCode, reasonMessage }: Pick<RunBatch, "reasonCode" | "reasonMessage">) =>
  reasonCode === null ? null : { code: reasonCode, message: reasonMessage ?? "" };

/** A run that was just reported. */
interface Reported {
  run: Told;
  profile: Profile;
  batches: readonly RunBatch[];
}

/** Tells webhooks that runs were reported, each under its revision. */
export async function tellReports(
  tx: Tx,
  reports: readonly Reported[],
  { revisions, at }: { revisions: ReadonlyMap<number, number>; at: Date },
): Promise<MessageRef[]> {
  return await tellRuns(
    tx,
    "run.reported",
    reports.map(({ run, profile, batches }) => {
      const revision = revisions.get(run.id)!;
      return {
        run,
        name: `${revision}`,
        event: { type: "run.reported", timestamp: at.toISOString(), data: eventRun(run, revision, profile, batches) },
      };
    }),
  );
}

function eventRun(run: Told, revision: number, profile: Profile, batches: readonly RunBatch[]): EventRun {
  const statuses: EventRun["statuses"] = {};
  for (const { status } of batches) statuses[status] = (statuses[status] ?? 0) + 1;
  return {
    runId: run.id,
    client: profile.client,
    project: profile.project,
    key: plainKey(run),
    revision,
    rehearsal: batches[0]?.rehearsal ?? false,
    statuses,
    batches: batches.slice(0, MOST_BATCHES_OF_EVENT).map((batch) => {
      const { batchId, tableName: table, fileName, status, records, valid, rejected, imported, links } = batch;
      return { batchId, table, fileName, status, reason: reasonOf(batch), records, valid, rejected, imported, links };
    }),
    missing: missingTables(profile.run, batches, run.key),
  };
}

const plainKey = ({ key }: Told) => key.replace(/^rehearsal /, "");

/** Tells webhooks that a run has not ended by its deadline, once for each run. The e-mail's facts are theirs, too. */
export async function tellOverdue(tx: Tx, run: Told, overdue: OverdueMessage): Promise<MessageRef[]> {
  const { client, project, dueAt, deadlineAt, startedAt, missing } = overdue;
  const data = { runId: run.id, client, project, key: plainKey(run), dueAt, deadlineAt, startedAt, missing };
  const event: WebhookEvent = { type: "run.overdue", timestamp: overdue.at, data };
  return await tellRuns(tx, "run.overdue", [{ run, name: "overdue", event }]);
}

/** @param name what tells this event from others of its run */
async function tellRuns(
  tx: Tx,
  type: WebhookEventType,
  all: readonly { run: Told; name: string; event: WebhookEvent }[],
): Promise<MessageRef[]> {
  const wanted = all.filter(({ run }) => wants(run, type));
  if (wanted.length === 0) return [];
  const projectIds = [...new Set(wanted.map(({ run }) => run.projectId))];
  const webhooks = Map.groupBy(await toldWebhooks(tx, { projectIds, event: type }), ({ projectId }) => projectId);
  return await insertWebhookMessages(
    tx,
    wanted.flatMap(({ run: { id: runId, projectId }, name, event }) =>
      (webhooks.get(projectId) ?? []).map(
        ({ webhookId, url }): NewWebhookMessage => ({
          key: `webhook:${webhookId}:run:${runId}:${name}`,
          ...{ webhookId, recipient: receiverOf(url), projectId, runId, batchId: null, event },
        }),
      ),
    ),
  );
}
