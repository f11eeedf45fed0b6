import type { WebhookEventType } from "@inlet/contracts";
import { sql } from "kysely";
import type { Executor } from "../../connection.ts";
import type { Scope } from "../batches/batch-views.ts";

/** A webhook as it is shown: what it signs with is hinted at. */
export interface WebhookRow {
  id: number;
  clientId: number;
  client: string;
  project: string | null;
  url: string;
  description: string;
  events: WebhookEventType[];
  enabled: boolean;
  disabledReason: string | null;
  failingSince: Date | null;
  lastAttemptAt: Date | null;
  lastSuccessAt: Date | null;
  /** Newest first. Times are ISO text: they come as JSON. */
  secrets: { hint: string; createdAt: string; expiresAt: string | null }[];
  createdAt: Date;
}

const columns = sql`
  w.id, w.client_id AS "clientId", c.slug AS client, p.slug AS project, w.url, w.description, w.events, w.enabled,
  w.disabled_reason AS "disabledReason", w.failing_since AS "failingSince", w.last_attempt_at AS "lastAttemptAt",
  w.last_success_at AS "lastSuccessAt", w.created_at AS "createdAt",
  (SELECT coalesce(jsonb_agg(jsonb_build_object('hint', s.hint, 'createdAt', s.created_at, 'expiresAt', s.expires_at)
     ORDER BY s.id DESC), '[]')
   FROM webhook_secrets s WHERE s.webhook_id = w.id AND (s.expires_at IS NULL OR s.expires_at > now())) AS secrets`;

const tables = sql`webhooks w JOIN clients c ON c.id = w.client_id LEFT JOIN projects p ON p.id = w.project_id`;

/** A client's webhooks, oldest first. */
export async function listWebhooks({ query }: Executor, clientId: number): Promise<WebhookRow[]> {
  const { rows } = await sql<WebhookRow>`
    SELECT ${columns} FROM ${tables} WHERE w.client_id = ${clientId}::bigint ORDER BY w.id`.execute(query);
  return rows;
}

/** A webhook, if there is one within the scope. */
export async function findWebhook(
  { query }: Executor,
  { webhookId, scope }: { webhookId: number; scope: Scope },
): Promise<WebhookRow | undefined> {
  const { rows } = await sql<WebhookRow>`
    SELECT ${columns} FROM ${tables}
    WHERE w.id = ${webhookId}::bigint AND (${scope}::bigint IS NULL OR w.client_id = ${scope}::bigint)`.execute(query);
  return rows[0];
}

/**
 * Taken before a client's webhooks are counted or changed, so that what its projects note of them is right. It is the client's
 * row, which whoever makes a project holds already; files that come meanwhile do not wait for it.
 */
export async function lockClientWebhooks({ query }: Executor, clientId: number): Promise<void> {
  await sql`SELECT id FROM clients WHERE id = ${clientId}::bigint FOR NO KEY UPDATE`.execute(query);
}

/** Locks a webhook's row: before any row of its messages, and before its client's other webhooks are looked at. */
export async function lockWebhook({ query }: Executor, webhookId: number): Promise<void> {
  await sql`SELECT id FROM webhooks WHERE id = ${webhookId}::bigint FOR UPDATE`.execute(query);
}

/** How many webhooks a client has. */
export async function countWebhooks({ query }: Executor, clientId: number): Promise<number> {
  const { rows } = await sql<{ webhooks: number }>`
    SELECT count(*) AS webhooks FROM webhooks WHERE client_id = ${clientId}::bigint`.execute(query);
  return rows[0]!.webhooks;
}

/**
 * Notes with each of a client's projects which events any enabled webhook wants. In the transaction that changes a webhook or
 * makes a project: batches and runs that end go by the note alone.
 */
export async function noteWebhookEvents(executor: Executor, clientId: number): Promise<void> {
  // Another change that is under way is waited for, and then seen.
  await lockClientWebhooks(executor, clientId);
  await sql`
    UPDATE projects SET webhook_events = wanted.events
    FROM (
      SELECT p.id, coalesce(array_agg(DISTINCT e.event ORDER BY e.event) FILTER (WHERE e.event IS NOT NULL), '{}') AS events
      FROM projects p
      LEFT JOIN webhooks w ON w.client_id = p.client_id AND w.enabled AND (w.project_id IS NULL OR w.project_id = p.id)
      LEFT JOIN unnest(w.events) AS e (event) ON true
      WHERE p.client_id = ${clientId}::bigint
      GROUP BY p.id
    ) AS wanted
    WHERE projects.id = wanted.id AND projects.webhook_events <> wanted.events`.execute(executor.query);
}

/** Stores a new webhook. Returns its id. */
export async function insertWebhook(
  { query }: Executor,
  webhook: {
    clientId: number;
    projectId: number | null;
    url: string;
    description: string;
    events: readonly WebhookEventType[];
    enabled: boolean;
  },
): Promise<number> {
  const { rows } = await sql<{ id: number }>`
    INSERT INTO webhooks (client_id, project_id, url, description, events, enabled)
    VALUES (${webhook.clientId}::bigint, ${webhook.projectId}::bigint, ${webhook.url}, ${webhook.description},
      ${webhook.events}::text[], ${webhook.enabled}::boolean)
    RETURNING id`.execute(query);
  return rows[0]!.id;
}

/** Changes what is given. Whoever enables a webhook forgets why it was disabled and for how long it has failed. */
export async function updateWebhook(
  { query }: Executor,
  {
    webhookId,
    url,
    description,
    events,
    enabled,
  }: {
    webhookId: number;
    url?: string | undefined;
    description?: string | undefined;
    events?: readonly WebhookEventType[] | undefined;
    enabled?: boolean | undefined;
  },
): Promise<void> {
  const isEnabled = enabled === true;
  await sql`
    UPDATE webhooks SET url = coalesce(${url ?? null}::text, url), description = coalesce(${description ?? null}::text, description),
      events = coalesce(${events ?? null}::text[], events), enabled = coalesce(${enabled ?? null}::boolean, enabled),
      disabled_reason = CASE WHEN ${isEnabled}::boolean THEN NULL ELSE disabled_reason END,
      failing_since = CASE WHEN ${isEnabled}::boolean THEN NULL ELSE failing_since END
    WHERE id = ${webhookId}::bigint`.execute(query);
}

/** Removes a webhook with its secrets, its messages and what is known of their attempts. */
export async function deleteWebhook({ query }: Executor, webhookId: number): Promise<void> {
  await sql`DELETE FROM webhooks WHERE id = ${webhookId}::bigint`.execute(query);
}

/** So many secrets sign at once; a rotation beyond that ends the oldest one early. */
const MOST_SECRETS = 4;

/**
 * Adds a secret, which signs from now on. Those before it sign for a while longer, and none longer than it would have.
 * @param graceMs how long; 0: they end at once
 */
export async function addWebhookSecret(
  { query }: Executor,
  { webhookId, sealed, hint, graceMs }: { webhookId: number; sealed: Buffer; hint: string; graceMs: number },
): Promise<void> {
  await sql`
    UPDATE webhook_secrets SET expires_at = least(expires_at, now() + ${graceMs}::float8 * interval '1 ms')
    WHERE webhook_id = ${webhookId}::bigint`.execute(query);
  await sql`
    INSERT INTO webhook_secrets (webhook_id, sealed, hint) VALUES (${webhookId}::bigint, ${sealed}, ${hint})`.execute(
    query,
  );
  await sql`
    DELETE FROM webhook_secrets WHERE webhook_id = ${webhookId}::bigint
      AND (expires_at <= now() OR id NOT IN (SELECT id FROM webhook_secrets WHERE webhook_id = ${webhookId}::bigint
        ORDER BY id DESC LIMIT ${MOST_SECRETS}::int))`.execute(query);
}

/** One attempt as it is kept. */
export interface WebhookAttemptRow {
  /** ISO text: it comes as JSON. */
  at: string;
  durationMs: number;
  status: number | null;
  error: { code: string; message: string } | null;
  answer: string;
}

/** One event on its way to one webhook. */
export interface WebhookDeliveryRow {
  id: number;
  key: string;
  webhookId: number;
  event: string;
  state: "ready" | "running" | "sent" | "failed";
  batchId: number | null;
  runId: number | null;
  attempts: number;
  notBefore: Date;
  createdAt: Date;
  finishedAt: Date | null;
  error: { code: string; message: string } | null;
  lastAttempt: WebhookAttemptRow | null;
}

const attemptJson = sql`jsonb_build_object('at', a.at, 'durationMs', a.duration_ms, 'status', a.status,
  'error', a.error, 'answer', a.answer)`;

const deliveryColumns = sql`
  m.id, m.key, m.webhook_id AS "webhookId", m.payload->>'type' AS event, m.state, m.batch_id AS "batchId",
  m.run_id AS "runId", m.attempts, m.not_before AS "notBefore", m.created_at AS "createdAt",
  m.finished_at AS "finishedAt", m.error,
  (SELECT ${attemptJson} FROM webhook_attempts a WHERE a.message_id = m.id ORDER BY a.id DESC LIMIT 1) AS "lastAttempt"`;

/** A webhook's deliveries, newest first. */
export async function listWebhookDeliveries(
  { query }: Executor,
  {
    webhookId,
    state,
    beforeId,
    limit,
  }: { webhookId: number; state: WebhookDeliveryRow["state"] | null; beforeId: number | null; limit: number },
): Promise<WebhookDeliveryRow[]> {
  const { rows } = await sql<WebhookDeliveryRow>`
    SELECT ${deliveryColumns} FROM messages m
    WHERE m.webhook_id = ${webhookId}::bigint AND (${state}::text IS NULL OR m.state = ${state}::text)
      AND (${beforeId}::bigint IS NULL OR m.id < ${beforeId}::bigint)
    ORDER BY m.id DESC LIMIT ${limit}::int`.execute(query);
  return rows;
}

/** One delivery with its body and all attempts that are kept, newest first; if there is one within the scope. */
export async function findWebhookDelivery(
  { query }: Executor,
  { messageId, scope }: { messageId: number; scope: Scope },
): Promise<
  | (WebhookDeliveryRow & {
      enabled: boolean;
      client: string;
      body: Record<string, unknown>;
      log: WebhookAttemptRow[];
    })
  | undefined
> {
  const { rows } = await sql<
    WebhookDeliveryRow & { enabled: boolean; client: string; body: Record<string, unknown>; log: WebhookAttemptRow[] }
  >`
    SELECT ${deliveryColumns}, m.payload AS body, w.enabled, c.slug AS client,
      (SELECT coalesce(jsonb_agg(${attemptJson} ORDER BY a.id DESC), '[]') FROM webhook_attempts a
        WHERE a.message_id = m.id) AS log
    FROM messages m JOIN webhooks w ON w.id = m.webhook_id JOIN clients c ON c.id = w.client_id
    WHERE m.id = ${messageId}::bigint AND (${scope}::bigint IS NULL OR w.client_id = ${scope}::bigint)`.execute(query);
  return rows[0];
}
