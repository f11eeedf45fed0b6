import { Misconfigured } from "@inlet/contracts";
import {
  asUnavailable,
  type DuePoll,
  databaseTime,
  delayPoll,
  lockInward,
  movePoll,
  releasePoll,
  renewPoll,
  type StoredError,
  transaction,
} from "@inlet/database";
import { failpoint } from "@inlet/runtime";
import { failureOf } from "../failure.ts";
import { standBackMs } from "../outward/back-off.ts";
import type { InwardOptions } from "./inward-options.ts";
import { inwardParts } from "./inward-parts.ts";
import type { OpenedSubscription, OpenSubscriptions } from "./open-subscriptions.ts";
import { staysInPlace } from "./stays-in-place.ts";
import { takeItems } from "./take-items.ts";
import { told } from "./work-on-events.ts";

/**
 * A page that a push has overtaken is asked for again so many times, at most this long after. Then it is judged as if they had sent
 * it by themselves: where our pushes never pause, what was changed there after one of them would else be passed over.
 */
const MOST_AGAIN = 5;
const AGAIN_MS = 1_000;
/** One page's items are taken in pieces of so many, in one transaction. */
const AT_ONCE = 1_000;

/** How often in a row pages of a subscription were overtaken. */
export type OvertakenCounts = Map<number, number>;

/**
 * Polls a subscription that is claimed: page after page until there are no more. Each page's items are taken in one transaction,
 * which moves the cursor, too. Never throws.
 */
export async function poll(
  options: InwardOptions,
  {
    due,
    subscriptions,
    overtaken,
    signal,
  }: { due: DuePoll; subscriptions: OpenSubscriptions; overtaken: OvertakenCounts; signal: AbortSignal },
): Promise<void> {
  const { database, leaseMs, logger } = options;
  const lost = new AbortController();
  const ended = AbortSignal.any([signal, lost.signal]);
  const heartbeat = setInterval(() => {
    renewPoll(database, { id: due.id, epoch: due.epoch, leaseMs }).then(
      (isOurs) => {
        if (!isOurs) lost.abort(new Error("another process polls"));
      },
      () => {},
    );
  }, leaseMs / 3);
  try {
    const opened = await subscriptions.of(due);
    if (!opened.subscriber.can.pull) throw cannotPoll(due.name);
    let cursor = due.cursor;
    for (let isMore = true; isMore && !ended.aborted; ) {
      const next = await page(options, { due, opened, cursor, overtaken, signal: ended });
      isMore = next.hasMore;
      cursor = next.cursor;
    }
    if (ended.aborted) await releasePoll(database, due);
  } catch (error) {
    if (lost.signal.aborted) return;
    if (signal.aborted || error instanceof NotAsItWas) return await releasePoll(database, due).catch(() => {});
    await failed(options, due, asUnavailable(error)).catch((err) =>
      logger.warn({ err }, "could not keep why a poll failed; its lease will run out"),
    );
  } finally {
    clearInterval(heartbeat);
  }
}

/** It was paused, redefined, ended or begun anew meanwhile: nothing of the page is taken, and whoever claims it next goes on. */
class NotAsItWas extends Error {}

interface PageWork {
  due: DuePoll;
  opened: OpenedSubscription;
  cursor: string | null;
  overtaken: OvertakenCounts;
  signal: AbortSignal;
}

async function page(
  options: InwardOptions,
  { due, opened, cursor, overtaken, signal }: PageWork,
): Promise<{ cursor: string | null; hasMore: boolean }> {
  const { database, leaseMs, retryMs, rules, key } = options;
  const { subscriber, profile } = opened;
  // By the clock that stamps our pushes.
  const askedAt = await databaseTime(database);
  const answer = await subscriber.pull(cursor, signal);
  if (answer.hasMore && answer.cursor === cursor) throw staysInPlace(due.name);
  const parts = inwardParts(due, { profile, fields: subscriber.fields, rules, key });
  const everyMs = due.definition.inward?.by === "poll" ? due.definition.inward.everySeconds * 1000 : 60_000;
  const isLastTime = (overtaken.get(due.id) ?? 0) >= MOST_AGAIN;
  const { taken, moved } = await transaction(database, async (tx) => {
    if (!(await lockInward(tx, due))) throw new NotAsItWas();
    const results = [];
    for (let from = 0; from < answer.items.length; from += AT_ONCE) {
      const arrived = answer.items.slice(from, from + AT_ONCE).map((item) => ({ item, receivedAt: askedAt }));
      results.push(await takeItems(tx, parts, arrived, { cause: "poll", ...(isLastTime ? {} : { askedAt }) }));
    }
    const again = results.some((each) => each.overtaken.length > 0);
    const next = again
      ? { cursor, hasMore: false, nextInMs: Math.min(AGAIN_MS, everyMs, retryMs) }
      : { cursor: answer.cursor, hasMore: answer.hasMore, nextInMs: everyMs };
    if (!(await movePoll(tx, { id: due.id, epoch: due.epoch, leaseMs, ...next }))) throw new NotAsItWas();
    failpoint("inward.poll-before-commit");
    return { taken: results, moved: { ...next, isAgain: again } };
  });
  if (moved.isAgain) overtaken.set(due.id, (overtaken.get(due.id) ?? 0) + 1);
  else overtaken.delete(due.id);
  for (const each of taken) told(options, each);
  return moved;
}

async function failed(options: InwardOptions, due: DuePoll, error: unknown): Promise<void> {
  const { database, logger, retryMs, figures } = options;
  figures.failed("poll");
  const failure = failureOf(error);
  logger.warn(
    { err: error, client: due.client, project: due.project, name: due.name },
    "a poll failed; will try again",
  );
  const stored: StoredError = { code: failure.code, message: failure.message, retryable: failure.kind === "passing" };
  const delayMs = standBackMs(failure, due.failures + 1, { baseMs: retryMs, random: Math.random() });
  await delayPoll(database, { id: due.id, epoch: due.epoch, delayMs, error: stored });
}

const cannotPoll = (name: string) =>
  new Misconfigured({
    code: "subscription_invalid",
    message: `Subscription ${name} cannot be polled: its subscriber has no pull. Correct the profile.`,
  });
