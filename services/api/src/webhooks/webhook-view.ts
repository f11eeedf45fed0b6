import type { Webhook, WebhookAttempt, WebhookDelivery } from "@inlet/contracts";
import { eventIdOf, type WebhookAttemptRow, type WebhookDeliveryRow, type WebhookRow } from "@inlet/database";

/** A webhook without its secrets. */
export function webhookView(row: WebhookRow): Webhook {
  return {
    id: row.id,
    client: row.client,
    project: row.project,
    url: row.url,
    description: row.description,
    events: row.events,
    enabled: row.enabled,
    disabledReason: row.disabledReason,
    failingSince: row.failingSince?.toISOString() ?? null,
    lastAttemptAt: row.lastAttemptAt?.toISOString() ?? null,
    lastSuccessAt: row.lastSuccessAt?.toISOString() ?? null,
    secrets: row.secrets.map(({ hint, createdAt, expiresAt }) => ({
      hint,
      createdAt: isoOf(createdAt),
      expiresAt: expiresAt === null ? null : isoOf(expiresAt),
    })),
    createdAt: row.createdAt.toISOString(),
  };
}

/** PostgreSQL's JSON times have an offset and microseconds. */
const isoOf = (text: string) => new Date(text).toISOString();

const STATES = { ready: "waiting", running: "sending", sent: "delivered", failed: "failed" } as const;

/** The states of messages by what deliveries call them. */
export const MESSAGE_STATES = { waiting: "ready", sending: "running", delivered: "sent", failed: "failed" } as const;

export function deliveryView(row: WebhookDeliveryRow): WebhookDelivery {
  const { id, webhookId: webhook, event, batchId, runId, attempts, state, lastAttempt } = row;
  return {
    ...{ id, webhook, eventId: eventIdOf(row), event, state: STATES[state], batchId, runId, attempts },
    nextAttemptAt: state === "ready" ? row.notBefore.toISOString() : null,
    createdAt: row.createdAt.toISOString(),
    finishedAt: row.finishedAt?.toISOString() ?? null,
    error: state === "failed" && row.error !== null ? { code: row.error.code, message: row.error.message } : null,
    lastAttempt: lastAttempt === null ? null : attemptView(lastAttempt),
  };
}

export function attemptView({ at, durationMs, status, error, answer }: WebhookAttemptRow): WebhookAttempt {
  return {
    ...{ at: isoOf(at), durationMs, status, answer },
    error: error === null ? null : { code: error.code, message: error.message },
  };
}
