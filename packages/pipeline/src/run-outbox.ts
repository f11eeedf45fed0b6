import { hostname } from "node:os";
import { setTimeout as pause } from "node:timers/promises";
import { type MessagePayload, messagePayloadSchema } from "@inlet/contracts";
import {
  type ClaimedMessage,
  claimMessage,
  failMessage,
  finishMessage,
  type MessageRef,
  releaseMessage,
  renewMessageLease,
} from "@inlet/database";
import { failpoint, type Logger, workCounts } from "@inlet/runtime";
import { consume } from "./consumer.ts";
import { heartbeat } from "./heartbeat.ts";
import { assertDurableRedis, openPublisher } from "./queues.ts";
import { afterFailure, backOffMs } from "./retry.ts";
import type { WorkerOptions } from "./run-stage.ts";

/** One message to send outside. */
export interface OutgoingMessage {
  messageId: number;
  /** Unique and stable: a repeat of the same message has the same key. */
  key: string;
  recipient: string;
  payload: MessagePayload;
  createdAt: Date;
  /** The one under way included. */
  attempts: number;
  signal: AbortSignal;
  logger: Logger;
}

/**
 * Sends one message and resolves to the receiver's answer. A retryable AppError is tried again with back-off; another one
 * makes a dead letter.
 */
export type Send = (message: OutgoingMessage) => Promise<{ response: string }>;

/** Works on the outbox. A message is sent at least once, and marked as sent after the receiver has taken it. */
export async function runOutbox(send: Send, options: WorkerOptions): Promise<{ close(): Promise<void> }> {
  const { database, redisUrl, logger, health, concurrency, leaseMs } = options;
  await assertDurableRedis(redisUrl);
  const publisher = openPublisher(redisUrl, logger);
  const worker = `${hostname()}:${process.pid}`;
  const stopping = new AbortController();
  health.addCheck("redis", () => publisher.ping());
  health.addCheck("database", async () => {
    await database.pool.query("SELECT 1");
  });

  async function handle(ref: MessageRef): Promise<void> {
    let message: ClaimedMessage | undefined;
    try {
      message = await claimMessage(database, { ...ref, worker, leaseMs });
    } catch (err) {
      logger.warn({ err, ...ref }, "could not claim");
      return;
    }
    if (message === undefined) return;
    const { messageId, epoch, batchId, runId } = message;
    const log = logger.child({
      messageId,
      epoch,
      ...(batchId === null ? {} : { batchId }),
      ...(runId === null ? {} : { runId }),
    });
    const beat = heartbeat(() => renewMessageLease(database, { ...ref, leaseMs }), leaseMs, log);
    try {
      failpoint("send.claimed");
      const { response } = await send({
        ...message,
        payload: messagePayloadSchema.parse(message.payload),
        signal: AbortSignal.any([beat.signal, stopping.signal]),
        logger: log,
      });
      failpoint("send.before-commit");
      await recordSent(ref, response, beat.signal, log);
      failpoint("send.committed");
    } catch (error) {
      if (beat.signal.aborted) log.warn("the message is no longer ours");
      else await settleFailure(message, error, log);
    } finally {
      beat.stop();
      publisher.changed({ batches: batchId === null ? [] : [batchId], runs: runId === null ? [] : [runId] });
    }
  }

  /** The receiver has it: from here on only the record is tried again, as long as the message is ours. */
  async function recordSent(ref: MessageRef, response: string, lost: AbortSignal, log: Logger): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const isOurs = await finishMessage(database, { ...ref, response });
        if (isOurs) {
          workCounts.add("send", "done");
          log.info("message sent");
        } else log.warn("the message was no longer ours when it was sent");
        return;
      } catch (err) {
        log.warn({ err }, "sent, but not recorded yet");
        await pause(backOffMs(attempt, Math.random()), undefined, { signal: lost });
      }
    }
  }

  async function settleFailure(message: ClaimedMessage, failure: unknown, log: Logger): Promise<void> {
    const after = afterFailure(failure, message.attempts, Math.random(), options.retryMs);
    try {
      if (after.action === "retry") {
        log.warn({ err: failure, attempt: message.attempts, delayMs: after.delayMs }, "not sent; will try again");
        const ref = await releaseMessage(database, { ...message, ...after });
        if (ref === undefined) return;
        workCounts.add("send", "retried");
        await publisher.messages([ref], after.delayMs);
        return;
      }
      log.error({ err: failure, attempt: message.attempts }, "not sent; given up");
      if (await failMessage(database, { ...message, error: after.error })) workCounts.add("send", "failed");
    } catch (err) {
      log.warn({ err }, "could not record a failure; the lease will run out");
    }
  }

  const consumer = await consume({ queue: "send", redisUrl, concurrency, logger, handle });
  return {
    async close() {
      stopping.abort();
      await consumer.close();
      await publisher.close();
    },
  };
}
