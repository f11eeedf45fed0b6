import { createHash } from "node:crypto";
import {
  type BatchEventType,
  type BatchStatus,
  type Profile,
  readStoredProfile,
  type WebhookEvent,
  type WebhookEventType,
} from "@inlet/contracts";
import { sql } from "kysely";
import type { Executor } from "../../connection.ts";
import type { StoredError } from "../../schema.ts";
import type { MessageRef } from "./messages.ts";

/** A webhook that is to be told of something. */
export interface ToldWebhook {
  webhookId: number;
  url: string;
}

/** A batch and a webhook that wants to be told of it as it stands. */
export interface ToldBatch extends ToldWebhook {
  batchId: number;
  revision: number;
  projectId: number;
  client: string;
  project: string;
  table: string | null;
  runId: number;
  source: string;
  fileName: string;
  sizeBytes: number;
  sha256: string;
  status: BatchStatus;
  rehearsal: boolean;
  reasonCode: string | null;
  reasonMessage: string | null;
  declared: number | null;
  records: number | null;
  valid: number | null;
  rejected: number | null;
  staged: number | null;
  imported: number | null;
  links: number | null;
  withheld: number | null;
  issueTotals: Record<string, number>;
  partOf: number | null;
  receivedAt: Date;
  endedAt: Date | null;
}

/**
 * Batches with the webhooks that want to be told of them.
 * @param event of all of them; null: of each, how it ended
 */
export async function toldBatches(
  { query }: Executor,
  { batchIds, event }: { batchIds: readonly number[]; event: BatchEventType | null },
): Promise<ToldBatch[]> {
  const { rows } = await sql<ToldBatch>`
    SELECT w.id AS "webhookId", w.url, b.id AS "batchId",
      (SELECT count(*) FROM batch_events e WHERE e.batch_id = b.id AND e.event = 'retried') + 1 AS revision,
      b.project_id AS "projectId", c.slug AS client, p.slug AS project, b.table_name AS "table", b.run_id AS "runId",
      b.source, b.file_name AS "fileName", b.size_bytes AS "sizeBytes", encode(b.sha256, 'hex') AS sha256, b.status,
      b.rehearsal, b.reason_code AS "reasonCode", b.reason_message AS "reasonMessage", b.declared, b.records, b.valid,
      b.rejected, b.staged, b.imported, b.links, b.withheld, b.issue_totals AS "issueTotals", b.part_of AS "partOf",
      b.received_at AS "receivedAt", b.ended_at AS "endedAt"
    FROM batches b
    JOIN projects p ON p.id = b.project_id
    JOIN clients c ON c.id = b.client_id
    JOIN webhooks w ON w.client_id = b.client_id AND w.enabled AND (w.project_id IS NULL OR w.project_id = b.project_id)
      AND coalesce(${event}::text, 'batch.' || b.status) = ANY(w.events)
    WHERE b.id = ANY(${batchIds}::bigint[])
    ORDER BY b.id, w.id`.execute(query);
  return rows;
}

/** The webhooks of projects that want to be told of an event. */
export async function toldWebhooks(
  { query }: Executor,
  { projectIds, event }: { projectIds: readonly number[]; event: WebhookEventType },
): Promise<(ToldWebhook & { projectId: number })[]> {
  const { rows } = await sql<ToldWebhook & { projectId: number }>`
    SELECT p.id AS "projectId", w.id AS "webhookId", w.url
    FROM projects p
    JOIN webhooks w ON w.client_id = p.client_id AND w.enabled AND (w.project_id IS NULL OR w.project_id = p.id)
    WHERE p.id = ANY(${projectIds}::bigint[]) AND ${event}::text = ANY(w.events)
    ORDER BY p.id, w.id`.execute(query);
  return rows;
}

/** One event for one webhook. */
export interface NewWebhookMessage {
  /** Unique: an event of this key is written once, however often its cause is repeated. */
  key: string;
  webhookId: number;
  /** Where it goes, as lists of messages show it; the webhook's own address is read when it is sent. */
  recipient: string;
  projectId: number | null;
  runId: number | null;
  batchId: number | null;
  event: WebhookEvent;
}

/** Writes events for webhooks into the outbox. Returns those that are new. */
export async function insertWebhookMessages(
  { query }: Executor,
  messages: readonly NewWebhookMessage[],
): Promise<MessageRef[]> {
  if (messages.length === 0) return [];
  const { rows } = await sql<MessageRef>`
    INSERT INTO messages (key, kind, webhook_id, project_id, run_id, batch_id, recipient, payload)
    SELECT key, 'webhook', webhook_id, project_id, run_id, batch_id, recipient, payload
    FROM jsonb_to_recordset(${JSON.stringify(
      messages.map(({ key, webhookId, projectId, runId, batchId, recipient, event }) => ({
        key,
        webhook_id: webhookId,
        project_id: projectId,
        run_id: runId,
        batch_id: batchId,
        recipient,
        payload: event,
      })),
    )}::jsonb) AS m (key text, webhook_id bigint, project_id bigint, run_id bigint, batch_id bigint, recipient text,
      payload jsonb)
    ON CONFLICT (key) DO NOTHING
    RETURNING id AS "messageId", epoch, webhook_id AS "webhookId"`.execute(query);
  return rows;
}

/**
 * The name by which a receiver knows an event, whatever the attempt (the header `webhook-id`). Other hubs' are others.
 */
export function eventIdOf({ key, createdAt }: { key: string; createdAt: Date }): string {
  const digest = createHash("sha256")
    .update(JSON.stringify(["webhook", key, createdAt.toISOString()]))
    .digest("hex");
  return `msg_${digest.slice(0, 32)}`;
}

export interface ClaimedWebhookMessage extends MessageRef {
  webhookId: number;
  eventId: string;
  attempts: number;
  event: Record<string, unknown>;
  clientId: number;
  url: string;
  /** A disabled webhook is told of nothing. */
  enabled: boolean;
  /** What it is signed with, newest first, sealed. */
  secrets: Buffer[];
}

/** Claims a webhook's message for one attempt. Undefined: sent, held by another, not due, or the epoch has moved on. */
export async function claimWebhookMessage(
  { query }: Executor,
  { messageId, epoch, worker, leaseMs }: MessageRef & { worker: string; leaseMs: number },
): Promise<ClaimedWebhookMessage | undefined> {
  const { rows } = await sql<
    Omit<ClaimedWebhookMessage, "eventId" | "secrets"> & { key: string; createdAt: Date; secrets: string[] }
  >`
    UPDATE messages m SET state = 'running', attempts = attempts + 1, worker = ${worker},
      lease_until = now() + ${leaseMs}::float8 * interval '1 ms'
    FROM webhooks w
    WHERE m.id = ${messageId}::bigint AND m.epoch = ${epoch}::int AND m.state = 'ready' AND m.not_before <= now()
      AND w.id = m.webhook_id
    RETURNING m.id AS "messageId", m.epoch, m.key, m.created_at AS "createdAt", m.attempts, m.payload AS event,
      w.id AS "webhookId", w.client_id AS "clientId", w.url, w.enabled,
      (SELECT coalesce(jsonb_agg(encode(s.sealed, 'hex') ORDER BY s.id DESC), '[]') FROM webhook_secrets s
        WHERE s.webhook_id = w.id AND (s.expires_at IS NULL OR s.expires_at > now())) AS secrets`.execute(query);
  const [row] = rows;
  if (row === undefined) return undefined;
  const { key, createdAt, secrets, ...claimed } = row;
  return {
    ...claimed,
    eventId: eventIdOf({ key, createdAt }),
    secrets: secrets.map((sealed) => Buffer.from(sealed, "hex")),
  };
}

/** What came of one attempt. */
export interface WebhookAttempt {
  at: Date;
  durationMs: number;
  status: number | null;
  error: StoredError | null;
  answer: string;
}

/**
 * Keeps what came of an attempt, with its message and its webhook, whose row is locked: before the message's. Resolves to
 * since when the webhook has failed, if it does.
 */
export async function recordWebhookAttempt(
  { query }: Executor,
  { webhookId, messageId, at, durationMs, status, error, answer }: MessageRef & { webhookId: number } & WebhookAttempt,
): Promise<{ clientId: number; enabled: boolean; failingSince: Date | null } | undefined> {
  const { rows } = await sql<{ clientId: number; enabled: boolean; failingSince: Date | null }>`
    WITH attempt AS (
      INSERT INTO webhook_attempts (webhook_id, message_id, at, duration_ms, status, error, answer)
      SELECT ${webhookId}::bigint, id, ${at}::timestamptz, ${durationMs}::int, ${status}::int,
        ${error === null ? null : JSON.stringify(error)}::jsonb, ${answer}
      FROM messages WHERE id = ${messageId}::bigint
    )
    UPDATE webhooks SET last_attempt_at = now(),
      last_success_at = CASE WHEN ${error === null}::boolean THEN now() ELSE last_success_at END,
      failing_since = CASE WHEN ${error === null}::boolean THEN NULL ELSE coalesce(failing_since, now()) END
    WHERE id = ${webhookId}::bigint
    RETURNING client_id AS "clientId", enabled, failing_since AS "failingSince"`.execute(query);
  return rows[0];
}

/** Disables a webhook for a reason that people are shown. Its row is locked by the caller. */
export async function disableWebhook(
  { query }: Executor,
  { webhookId, reason }: { webhookId: number; reason: string },
): Promise<{ url: string; description: string }> {
  const { rows } = await sql<{ url: string; description: string }>`
    UPDATE webhooks SET enabled = false, disabled_reason = ${reason} WHERE id = ${webhookId}::bigint
    RETURNING url, description`.execute(query);
  return rows[0]!;
}

/** What waits for a webhook that is told no more has failed: it can be sent again when it is enabled. */
export async function failWaitingMessages({ query }: Executor, webhookId: number): Promise<void> {
  await sql`
    UPDATE messages SET state = 'failed', epoch = epoch + 1, error = ${JSON.stringify(WEBHOOK_DISABLED)}::jsonb,
      finished_at = clock_timestamp()
    WHERE webhook_id = ${webhookId}::bigint AND state = 'ready'`.execute(query);
}

/** Why a message fails that no attempt is made for. */
export const WEBHOOK_DISABLED: StoredError = {
  code: "webhook_disabled",
  message: "The webhook was disabled before this was delivered. Enable it, then send this again.",
  retryable: false,
};

/** The projects that a webhook is told of, with their live profiles. */
export async function projectsOfWebhook(
  { query }: Executor,
  webhookId: number,
): Promise<{ projectId: number; profile: Profile }[]> {
  const { rows } = await sql<{ projectId: number; document: unknown }>`
    SELECT p.id AS "projectId", f.document
    FROM webhooks w
    JOIN projects p ON p.client_id = w.client_id AND (w.project_id IS NULL OR w.project_id = p.id)
    JOIN profiles f ON f.project_id = p.id AND f.version = p.profile_version
    WHERE w.id = ${webhookId}::bigint ORDER BY p.id`.execute(query);
  return rows.map(({ projectId, document }) => ({ projectId, profile: readStoredProfile(document) }));
}

/** Where a webhook's messages go now. */
export async function webhookUrl({ query }: Executor, webhookId: number): Promise<string | undefined> {
  const { rows } = await sql<{ url: string }>`SELECT url FROM webhooks WHERE id = ${webhookId}::bigint`.execute(query);
  return rows[0]?.url;
}

/**
 * Sends a message again, or at once what waits for its next attempt: with a fresh count of attempts, under the same event id.
 * Undefined: it is being sent.
 */
export async function resendMessage({ query }: Executor, messageId: number): Promise<MessageRef | undefined> {
  const { rows } = await sql<MessageRef>`
    UPDATE messages SET state = 'ready', epoch = epoch + 1, attempts = 0, losses = 0, ready_at = now(), not_before = now(),
      finished_at = NULL
    WHERE id = ${messageId}::bigint AND state <> 'running'
    RETURNING id AS "messageId", epoch, webhook_id AS "webhookId"`.execute(query);
  return rows[0];
}

/** Forgets a webhook's attempts beyond the newest. */
export async function trimWebhookAttempts(
  { query }: Executor,
  { webhookId, keep }: { webhookId: number; keep: number },
): Promise<void> {
  await sql`
    DELETE FROM webhook_attempts WHERE webhook_id = ${webhookId}::bigint AND id <= (
      SELECT id FROM webhook_attempts WHERE webhook_id = ${webhookId}::bigint ORDER BY id DESC OFFSET ${keep}::int LIMIT 1
    )`.execute(query);
}

/**
 * Forgets webhooks' messages that ended long ago, with their attempts, and attempts of that age of those that are left.
 * Resolves to how many messages went; call it again while that is `limit`.
 */
export async function forgetWebhookMessages(
  { query }: Executor,
  { olderThanMs, limit }: { olderThanMs: number; limit: number },
): Promise<number> {
  await sql`
    DELETE FROM webhook_attempts WHERE id IN (SELECT id FROM webhook_attempts
      WHERE at < now() - ${olderThanMs}::float8 * interval '1 ms' ORDER BY id LIMIT ${limit}::int)`.execute(query);
  const { numAffectedRows } = await sql`
    DELETE FROM messages WHERE id IN (SELECT id FROM messages
      WHERE webhook_id IS NOT NULL AND state IN ('sent', 'failed')
        AND finished_at < now() - ${olderThanMs}::float8 * interval '1 ms' ORDER BY id LIMIT ${limit}::int)`.execute(
    query,
  );
  return Number(numAffectedRows ?? 0n);
}
