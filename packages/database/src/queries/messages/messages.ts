import { sql } from "kysely";
import type { Executor } from "../../connection.ts";
import type { StoredError } from "../../schema.ts";

export interface NewMessage {
  /** Unique: a message of this key is written once, however often its cause is repeated. */
  key: string;
  projectId: number;
  runId: number | null;
  batchId: number | null;
  recipient: string;
  payload: Record<string, unknown>;
}

/** A message's id and the epoch under which it may be sent: what a job carries. */
export interface MessageRef {
  messageId: number;
  epoch: number;
  /** The webhook that it goes to; none: it is an e-mail. */
  webhookId?: number | null;
}

/** Writes messages into the outbox. Returns those that are new. */
export async function insertMessages({ query }: Executor, messages: readonly NewMessage[]): Promise<MessageRef[]> {
  if (messages.length === 0) return [];
  const { rows } = await sql<MessageRef>`
    INSERT INTO messages (key, kind, project_id, run_id, batch_id, recipient, payload)
    SELECT key, 'email', project_id, run_id, batch_id, recipient, payload
    FROM jsonb_to_recordset(${JSON.stringify(
      messages.map(({ key, projectId, runId, batchId, recipient, payload }) => ({
        key,
        project_id: projectId,
        run_id: runId,
        batch_id: batchId,
        recipient,
        payload,
      })),
    )}::jsonb) AS m (key text, project_id bigint, run_id bigint, batch_id bigint, recipient text, payload jsonb)
    ON CONFLICT (key) DO NOTHING
    RETURNING id AS "messageId", epoch`.execute(query);
  return rows;
}

export interface ClaimedMessage extends MessageRef {
  key: string;
  /** What it is about; null where it is about something else. */
  batchId: number | null;
  runId: number | null;
  attempts: number;
  recipient: string;
  payload: Record<string, unknown>;
  createdAt: Date;
}

/** Claims a message for one attempt to send it. Undefined: sent, held by another, not due, or the epoch has moved on. */
export async function claimMessage(
  { query }: Executor,
  { messageId, epoch, worker, leaseMs }: MessageRef & { worker: string; leaseMs: number },
): Promise<ClaimedMessage | undefined> {
  const { rows } = await sql<ClaimedMessage>`
    UPDATE messages SET state = 'running', attempts = attempts + 1, worker = ${worker},
      lease_until = now() + ${leaseMs}::float8 * interval '1 ms'
    WHERE id = ${messageId}::bigint AND epoch = ${epoch}::int AND state = 'ready' AND not_before <= now()
    RETURNING id AS "messageId", epoch, key, batch_id AS "batchId", run_id AS "runId", attempts, recipient, payload,
      created_at AS "createdAt"`.execute(query);
  return rows[0];
}

/** Extends a lease. False: the message is no longer ours. */
export async function renewMessageLease(
  { query }: Executor,
  { messageId, epoch, leaseMs }: MessageRef & { leaseMs: number },
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    UPDATE messages SET lease_until = now() + ${leaseMs}::float8 * interval '1 ms'
    WHERE id = ${messageId}::bigint AND epoch = ${epoch}::int AND state = 'running'`.execute(query);
  return numAffectedRows === 1n;
}

/** Marks a message as sent, with the server's answer. False: not the owner any more. */
export async function finishMessage(
  { query }: Executor,
  { messageId, epoch, response }: MessageRef & { response: string },
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    UPDATE messages SET state = 'sent', response = ${response}, error = NULL, finished_at = clock_timestamp(), lease_until = NULL
    WHERE id = ${messageId}::bigint AND epoch = ${epoch}::int AND state = 'running'`.execute(query);
  return numAffectedRows === 1n;
}

/** Gives a message back for a later attempt, under the next epoch. */
export async function releaseMessage(
  { query }: Executor,
  { messageId, epoch, error, delayMs }: MessageRef & { error: StoredError; delayMs: number },
): Promise<MessageRef | undefined> {
  const { rows } = await sql<MessageRef>`
    UPDATE messages SET state = 'ready', epoch = epoch + 1, error = ${JSON.stringify(error)}::jsonb, lease_until = NULL, losses = 0,
      ready_at = now(), not_before = now() + ${delayMs}::float8 * interval '1 ms'
    WHERE id = ${messageId}::bigint AND epoch = ${epoch}::int AND state = 'running'
    RETURNING id AS "messageId", epoch, webhook_id AS "webhookId"`.execute(query);
  return rows[0];
}

/** A dead letter: this message is not tried again by itself. */
export async function failMessage(
  { query }: Executor,
  { messageId, epoch, error }: MessageRef & { error: StoredError },
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    UPDATE messages SET state = 'failed', error = ${JSON.stringify(error)}::jsonb, finished_at = clock_timestamp(),
      lease_until = NULL
    WHERE id = ${messageId}::bigint AND epoch = ${epoch}::int AND state = 'running'`.execute(query);
  return numAffectedRows === 1n;
}

/**
 * Takes messages whose lease has run out from their workers. One that was lost `mostLosses` times becomes a dead letter: it
 * may be what kills them. Returns those that are due again. Only the reconciler calls this.
 */
export async function expireMessageLeases(
  { query }: Executor,
  { limit, mostLosses, error }: { limit: number; mostLosses: number; error: StoredError },
): Promise<MessageRef[]> {
  const { rows } = await sql<MessageRef & { state: string }>`
    UPDATE messages SET epoch = epoch + 1, losses = losses + 1, lease_until = NULL, ready_at = now(), not_before = now(),
      state = CASE WHEN losses + 1 < ${mostLosses}::int THEN 'ready' ELSE 'failed' END,
      error = CASE WHEN losses + 1 < ${mostLosses}::int THEN error ELSE ${JSON.stringify(error)}::jsonb END,
      finished_at = CASE WHEN losses + 1 < ${mostLosses}::int THEN NULL ELSE clock_timestamp() END
    WHERE id IN (SELECT id FROM messages WHERE state = 'running' AND lease_until < now()
      ORDER BY lease_until LIMIT ${limit}::int FOR UPDATE SKIP LOCKED)
    RETURNING id AS "messageId", epoch, webhook_id AS "webhookId", state`.execute(query);
  return rows.flatMap(({ state, ...ref }) => (state === "ready" ? [ref] : []));
}

/**
 * Messages that have been due for a while and that nobody has claimed. E-mails and webhooks each have their share, and of
 * webhooks any: those of one that answers slowly may wait long, and are not to hide what was lost.
 */
export async function staleReadyMessages(
  { query }: Executor,
  { olderThanMs, limit }: { olderThanMs: number; limit: number },
): Promise<MessageRef[]> {
  const isStale = sql`state = 'ready' AND greatest(not_before, ready_at) < now() - ${olderThanMs}::float8 * interval '1 ms'`;
  const { rows } = await sql<MessageRef>`
    (SELECT id AS "messageId", epoch, webhook_id AS "webhookId" FROM messages
      WHERE ${isStale} AND webhook_id IS NULL ORDER BY id LIMIT ${limit}::int)
    UNION ALL
    (SELECT id, epoch, webhook_id FROM messages
      WHERE ${isStale} AND webhook_id IS NOT NULL ORDER BY random() LIMIT ${limit}::int)`.execute(query);
  return rows;
}
