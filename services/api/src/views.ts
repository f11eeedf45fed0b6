import {
  type ApiKey,
  type ArrivalView,
  type ArtifactKind,
  type BatchAction,
  type BatchDetail,
  type BatchSummary,
  batchMark,
  type ListedMessage,
  type MessageView,
  type StepView,
  type WaitsFor,
} from "@inlet/contracts";
import type {
  ApiKeyRow,
  ArrivalRow,
  BatchDetailRow,
  BatchRow,
  ListedMessageRow,
  MessageRow,
  StepRow,
} from "@inlet/database";
import { timelineOf } from "./batches/timeline.ts";
import { waitEntry } from "./runs/wait-entry.ts";

/** Files of a batch that are the hub's own: nothing that a client could use. */
const INTERNAL_ARTIFACTS: readonly ArtifactKind[] = ["canonical", "index", "rejected"];

/** Whether a caller may see a stored file. */
export function isForClients(kind: ArtifactKind): boolean {
  return !INTERNAL_ARTIFACTS.includes(kind);
}

export function iso(time: Date | string): string;
export function iso(time: Date | string | null): string | null;
export function iso(time: Date | string | null): string | null {
  return time === null ? null : new Date(time).toISOString();
}

export function batchSummary(row: BatchRow, now: Date): BatchSummary {
  return {
    id: row.id,
    client: row.client,
    project: row.project,
    table: row.tableName,
    runId: row.runId,
    source: row.source,
    fileName: row.fileName,
    sizeBytes: row.sizeBytes,
    status: row.status,
    mark: batchMark(row.status, row.stage),
    rehearsal: row.rehearsal,
    reason: row.reasonCode === null ? null : { code: row.reasonCode, message: row.reasonMessage ?? "" },
    counts: {
      declared: row.declared,
      records: row.records,
      valid: row.valid,
      rejected: row.rejected,
      staged: row.staged,
      imported: row.imported,
      links: row.links,
      withheld: row.withheld,
    },
    issueCount: total(row.issueTotals),
    stage: row.stage && { ...row.stage, notBefore: iso(row.stage.notBefore) },
    receivedAt: iso(row.receivedAt),
    startedAt: iso(row.startedAt),
    endedAt: iso(row.endedAt),
    durationMs: Math.max(0, (row.endedAt ?? now).getTime() - row.receivedAt.getTime()),
  };
}

/** Sums the findings of all codes. */
export function total(issueTotals: Readonly<Partial<Record<string, number>>>): number {
  return Object.values(issueTotals).reduce<number>((sum, each) => sum + (each ?? 0), 0);
}

/** @param forClient leaves out what concerns the hub's inside */
export function batchDetail(
  row: BatchDetailRow,
  {
    forClient,
    now,
    actions,
    waitsFor,
  }: { forClient: boolean; now: Date; actions: readonly BatchAction[]; waitsFor: WaitsFor | null },
): BatchDetail {
  return {
    ...batchSummary(row, now),
    profileVersion: row.profileVersion,
    waitsFor,
    sha256: row.sha256.toString("hex"),
    account: row.account,
    arrivalId: row.arrivalId,
    importedAt: iso(row.importedAt),
    forcedReason: forClient ? null : row.forcedReason,
    corrects: row.corrects,
    correctedBy: row.correctedBy,
    partOf: row.partOf,
    parts: row.parts,
    rerunOf: row.rerunOf,
    pull: row.pull,
    reruns: row.reruns,
    findingsByColumn: row.findingsByColumn,
    issuesKept: row.issuesKept,
    neighbours: row.neighbours,
    actions: [...actions],
    linksExpireAt: iso(row.linksExpireAt),
    filesKeptUntil: iso(row.filesKeptUntil),
    filesDeletedAt: iso(row.filesDeletedAt),
    forgottenAt: iso(row.forgottenAt),
    revoked: row.revoked,
    issueTotals: row.issueTotals,
    steps: row.steps.map((step) => stepView(step, forClient)),
    timeline: [...timelineOf(row, { forClient, now }), ...(waitsFor === null ? [] : [waitEntry(waitsFor, now)])],
    artifacts: row.artifacts
      .filter(({ kind }) => !forClient || isForClients(kind))
      .map((artifact) => ({ ...artifact, createdAt: iso(artifact.createdAt) })),
    deliveries: row.deliveries.map((delivery) => ({ ...delivery, deliveredAt: iso(delivery.deliveredAt) })),
    messages: row.messages.map(messageView),
  };
}

function stepView(step: StepRow, forClient: boolean): StepView {
  const { startedAt, finishedAt } = step;
  const isOver = startedAt !== null && finishedAt !== null;
  return {
    kind: step.kind,
    state: step.state,
    attempts: step.attempts,
    losses: step.losses,
    notBefore: iso(step.notBefore),
    worker: forClient ? null : step.worker,
    error: forClient || step.error === null ? null : { code: step.error.code, message: step.error.message },
    createdAt: iso(step.createdAt),
    readyAt: iso(step.readyAt),
    startedAt: iso(startedAt),
    finishedAt: iso(finishedAt),
    durationMs: isOver ? Math.max(0, Math.round(Date.parse(finishedAt) - Date.parse(startedAt))) : null,
  };
}

export function messageView(row: MessageRow): MessageView {
  return {
    id: row.id,
    kind: row.kind,
    event: row.event,
    recipient: row.recipient,
    state: row.state,
    attempts: row.attempts,
    notBefore: iso(row.notBefore),
    response: row.response,
    error: row.error === null ? null : { code: row.error.code, message: row.error.message },
    createdAt: iso(row.createdAt),
    finishedAt: iso(row.finishedAt),
  };
}

export function listedMessage({ message, client, project, runId, batchId }: ListedMessageRow): ListedMessage {
  return { ...messageView(message), client, project, runId, batchId };
}

export function arrivalView(row: ArrivalRow): ArrivalView {
  return { ...row, arrivedAt: iso(row.arrivedAt) };
}

export function apiKeyView(row: ApiKeyRow): ApiKey {
  return {
    id: row.id,
    name: row.name,
    prefix: row.prefix,
    role: row.role,
    client: row.client,
    access: row.access,
    createdAt: iso(row.createdAt),
    expiresAt: iso(row.expiresAt),
    rotatedAt: iso(row.rotatedAt),
    previousUntil: iso(row.previousUntil),
    lastUsedAt: iso(row.lastUsedAt),
    lastUsedFrom: row.lastUsedFrom,
    revokedAt: iso(row.revokedAt),
  };
}
