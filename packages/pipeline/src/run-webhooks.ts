import { hostname } from "node:os";
import { type WebhookDisabledMessage, type WebhookEvent, webhookEventSchema } from "@inlet/contracts";
import {
  type ClaimedWebhookMessage,
  claimWebhookMessage,
  disableWebhook,
  failMessage,
  failWaitingMessages,
  finishMessage,
  forgetWebhookMessages,
  insertMessages,
  type MessageRef,
  noteWebhookEvents,
  projectsOfWebhook,
  recordWebhookAttempt,
  releaseMessage,
  renewMessageLease,
  type Tx,
  transaction,
  trimWebhookAttempts,
  WEBHOOK_DISABLED,
} from "@inlet/database";
import { failpoint, type Logger } from "@inlet/runtime";
import { consume, NotNow } from "./consumer.ts";
import { heartbeat } from "./heartbeat.ts";
import { assertDurableRedis, openPublisher } from "./queues.ts";
import { sentFrom } from "./report.ts";
import { backOffMs } from "./retry.ts";
import type { WorkerOptions } from "./run-stage.ts";
import { receiverOf } from "./webhook-events.ts";
import { afterAttempt, causeToDisable, type WebhookAnswer } from "./webhook-retry.ts";

/** One event for one webhook. */
export interface OutgoingEvent {
  webhookId: number;
  clientId: number;
  /** Unique and stable: a repeat of the same event has the same one. */
  eventId: string;
  url: string;
  /** What it is signed with, newest first, sealed. */
  secrets: readonly Buffer[];
  event: WebhookEvent;
  signal: AbortSignal;
  logger: Logger;
}

/** Tells a receiver of an event, and resolves to what came of it. It throws when that is not the receiver's doing. */
export type Tell = (event: OutgoingEvent) => Promise<WebhookAnswer>;

/** A place in the queue before one webhook's receiver; or how long to stand aside, because there is none. */
export type Place = { release(answer: WebhookAnswer | undefined): void } | { waitMs: number };

export interface WebhookOptions extends WorkerOptions {
  tell: Tell;
  /** Keeps one receiver that answers slowly from taking all the places that there are. */
  place(webhookId: number): Promise<Place>;
}

/** Attempts that are kept of a webhook, and for how long these and its messages are. */
const KEPT = { attempts: 1_000, ms: 30 * 24 * 3_600_000 };
/** Of so many attempts, one cuts what is kept to its measure. */
const TRIMMED_EVERY = 100;
const FORGOTTEN_EVERY_MS = 3_600_000;
const FORGOTTEN_AT_ONCE = 1_000;

/** Thrown inside the transaction that records an attempt when the message is no longer ours. */
class Fenced extends Error {}

/**
 * Tells webhooks what the outbox has for them: each event at least once, in no promised order, again over days while its
 * receiver does not take it. What came of each attempt is kept, and a webhook whose receiver is gone is disabled.
 */
export async function runWebhooks(options: WebhookOptions): Promise<{ close(): Promise<void> }> {
  const { database, redisUrl, logger, concurrency, leaseMs, tell } = options;
  await assertDurableRedis(redisUrl);
  const publisher = openPublisher(redisUrl, logger);
  const worker = `${hostname()}:${process.pid}`;
  const stopping = new AbortController();

  async function handle(ref: MessageRef & { webhookId: number }): Promise<void> {
    const place = await options.place(ref.webhookId).catch((err) => {
      logger.warn({ err, ...ref }, "could not find a webhook's receiver");
      return undefined;
    });
    if (place === undefined) return;
    if ("waitMs" in place) throw new NotNow(place.waitMs);
    let answer: WebhookAnswer | undefined;
    try {
      const message = await claimWebhookMessage(database, { ...ref, worker, leaseMs });
      if (message !== undefined) answer = await workOn(message);
    } catch (err) {
      // The message stays ready, or its lease runs out: the reconciler publishes it again.
      logger.warn({ err, ...ref }, "could not work on a webhook's message");
    } finally {
      place.release(answer);
    }
  }

  async function workOn(message: ClaimedWebhookMessage): Promise<WebhookAnswer | undefined> {
    const { messageId, webhookId, epoch } = message;
    const log = logger.child({ messageId, webhookId, epoch });
    // Written as it was being disabled.
    if (!message.enabled) {
      await failMessage(database, { messageId, epoch, error: WEBHOOK_DISABLED });
      return undefined;
    }
    const beat = heartbeat(() => renewMessageLease(database, { messageId, epoch, leaseMs }), leaseMs, log);
    try {
      failpoint("notify.claimed");
      const answer = await attempt(message, AbortSignal.any([beat.signal, stopping.signal]), log);
      if (beat.signal.aborted) log.warn("the message is no longer ours");
      else if (stopping.signal.aborted && answer.error !== null) await giveBack(message);
      else await settle(message, answer, beat.signal, log);
      return answer;
    } finally {
      beat.stop();
    }
  }

  /** What is not the receiver's doing is shown as what came of the attempt all the same, and tried again like it. */
  async function attempt(message: ClaimedWebhookMessage, signal: AbortSignal, log: Logger): Promise<WebhookAnswer> {
    const at = new Date();
    const startedMs = performance.now();
    try {
      const event = webhookEventSchema.parse(message.event);
      const answer = await tell({ ...message, event, signal, logger: log });
      failpoint("notify.answered");
      return answer;
    } catch (err) {
      log.error({ err }, "could not tell a webhook");
      const { code = "unexpected", message: words } = err as { code?: string; message: string };
      const durationMs = Math.round(performance.now() - startedMs);
      return { at, durationMs, status: null, error: { code, message: words, retryable: true }, answer: "" };
    }
  }

  /** The service stops in the middle of an attempt: another worker makes it. */
  async function giveBack({ messageId, epoch }: ClaimedWebhookMessage): Promise<void> {
    const error = {
      code: "interrupted",
      message: "The notifier was stopped; the event is sent later.",
      retryable: true,
    };
    const ref = await releaseMessage(database, { messageId, epoch, error, delayMs: 0 });
    if (ref) await publisher.messages([ref]);
  }

  /** Its receiver has been told, or not: from here on only the record is tried again, as long as the message is ours. */
  async function settle(
    message: ClaimedWebhookMessage,
    answer: WebhookAnswer,
    lost: AbortSignal,
    log: Logger,
  ): Promise<void> {
    const after = afterAttempt(answer, message.attempts, Math.random());
    for (let tries = 1; ; tries += 1) {
      try {
        const due = await transaction(database, (tx) => record(tx, message, answer, after, log));
        log.info({ status: answer.status, durationMs: answer.durationMs, after: after.action }, "webhook told");
        await publisher.messages(due.retry, after.action === "retry" ? after.delayMs : 0);
        await publisher.messages(due.mails);
        if (Math.random() * TRIMMED_EVERY < 1) {
          await trimWebhookAttempts(database, { webhookId: message.webhookId, keep: KEPT.attempts });
        }
        return;
      } catch (err) {
        if (err instanceof Fenced) {
          log.warn("the message was no longer ours when its receiver had answered");
          return;
        }
        log.warn({ err }, "answered, but not recorded yet");
        await Promise.race([
          new Promise((resolve) => setTimeout(resolve, backOffMs(tries, Math.random()))),
          new Promise((resolve) => lost.addEventListener("abort", resolve, { once: true })),
        ]);
        if (lost.aborted) return;
      }
    }
  }

  async function forget(): Promise<void> {
    try {
      let forgotten: number;
      do {
        forgotten = await forgetWebhookMessages(database, { olderThanMs: KEPT.ms, limit: FORGOTTEN_AT_ONCE });
      } while (forgotten === FORGOTTEN_AT_ONCE && !stopping.signal.aborted);
    } catch (err) {
      logger.warn({ err }, "could not forget old webhook messages; will try again");
    }
  }

  void forget();
  const timer = setInterval(() => void forget(), FORGOTTEN_EVERY_MS);
  const consumer = await consume({ queue: "notify", redisUrl, concurrency, logger, handle });
  return {
    async close() {
      clearInterval(timer);
      stopping.abort();
      await consumer.close();
      await publisher.close();
    },
  };
}

interface Due {
  retry: MessageRef[];
  mails: MessageRef[];
}

/** Webhook before message, as whoever removes a webhook locks them. */
async function record(
  tx: Tx,
  { messageId, epoch, webhookId }: ClaimedWebhookMessage,
  answer: WebhookAnswer,
  after: ReturnType<typeof afterAttempt>,
  log: Logger,
): Promise<Due> {
  const { status, error } = answer;
  const webhook = await recordWebhookAttempt(tx, { ...answer, messageId, epoch, webhookId });
  // Removed meanwhile, and its messages with it.
  if (webhook === undefined) throw new Fenced();
  const due: Due = { retry: [], mails: [] };
  failpoint("notify.before-commit");
  if (error === null) {
    if (!(await finishMessage(tx, { messageId, epoch, response: `HTTP ${status}` }))) throw new Fenced();
    return due;
  }
  if (after.action === "retry") {
    const ref = await releaseMessage(tx, { messageId, epoch, error, delayMs: after.delayMs });
    if (ref === undefined) throw new Fenced();
    due.retry.push(ref);
  } else if (!(await failMessage(tx, { messageId, epoch, error: { ...error, retryable: false } }))) {
    throw new Fenced();
  }
  const failingSince = webhook.failingSince ?? answer.at;
  const cause = webhook.enabled ? causeToDisable(answer, failingSince, new Date()) : undefined;
  if (cause !== undefined) {
    log.error({ cause, failingSince }, "a webhook was disabled");
    due.mails.push(...(await disable(tx, { webhookId, clientId: webhook.clientId, cause, failingSince, error })));
  }
  return due;
}

interface Disabling {
  webhookId: number;
  clientId: number;
  cause: WebhookDisabledMessage["cause"];
  failingSince: Date;
  error: NonNullable<WebhookAnswer["error"]>;
}

/** Disables a webhook and writes the e-mails on it to the people of its projects, once each. */
async function disable(tx: Tx, { webhookId, clientId, cause, failingSince, error }: Disabling): Promise<MessageRef[]> {
  const reason =
    cause === "gone"
      ? `Its receiver answered 410 (gone): it wants to be told no more. ${error.message}`
      : `Every attempt since ${failingSince.toISOString().slice(0, 16).replace("T", " ")} UTC has failed. The last: ${error.message}`;
  const { url, description } = await disableWebhook(tx, { webhookId, reason });
  await failWaitingMessages(tx, webhookId);
  await noteWebhookEvents(tx, clientId);
  const at = new Date().toISOString();
  const told = new Set<string>();
  return await insertMessages(
    tx,
    (await projectsOfWebhook(tx, webhookId)).flatMap(({ projectId, profile }) =>
      profile.notify.recipients.flatMap((recipient) => {
        const address = recipient.toLowerCase();
        if (told.has(address)) return [];
        told.add(address);
        const payload: WebhookDisabledMessage = {
          event: "webhook_disabled",
          ...sentFrom(profile),
          ...{ webhookId, receiver: receiverOf(url), description, cause },
          failingSince: failingSince.toISOString(),
          lastError: error.message,
          at,
        };
        const key = `webhook-disabled:${webhookId}:${at}:${address}`;
        return [{ key, projectId, runId: null, batchId: null, recipient, payload }];
      }),
    ),
  );
}
