import {
  claimPolls,
  dropOldAnswers,
  dropOldInwardEvents,
  dropOldReconciliations,
  dropOldRefused,
  type SubscriptionFacts,
  subscriptionsWithInward,
} from "@inlet/database";
import { openProfileCache } from "@inlet/pipeline";
import { makeDueReconciliations } from "../reconcile/due-reconciliations.ts";
import { claimAndReconcile } from "../reconcile/reconcile.ts";
import type { InwardOptions, InwardWork } from "./inward-options.ts";
import { keepSubscriptions, type OpenSubscriptions } from "./open-subscriptions.ts";
import { type OvertakenCounts, poll } from "./poll.ts";
import { workOnEvents } from "./work-on-events.ts";

/** What one process does at the same time. */
const EVENTS_AT_ONCE = 8;
const POLLS_AT_ONCE = 4;
const RECONCILIATIONS_AT_ONCE = 1;
/** Subscriptions with something to do that are looked at together, and whose last turns are known. */
const MOST_WAITING = 1_000;
const MOST_TURNS = 10_000;

/** Senders repeat an event for days; what is older is refused for its timestamp. */
const EVENT_DAYS = 30;
const RECONCILIATION_DAYS = 90;
/** What a person has dismissed is known again so long, and not kept for ever. */
const DISMISSED_DAYS = 90;
/** Comparisons are due by the minute. */
const DUE_MS = 5_000;
const SWEEP_MS = 60 * 60_000;
const SWEPT_AT_ONCE = 5_000;

/** Takes what comes inward: events that the public listener has stored, polls, and comparisons of both sides. */
export interface Inward {
  /** There may be something to do: an event was stored. */
  wake(): void;
  /** For the public listener: the same subscribers read what comes in. */
  subscriptions: OpenSubscriptions;
  /** Ends in order. */
  close(): Promise<void>;
}

export function runInward(options: InwardOptions): Inward {
  const { database, logger, lookMs, worker, leaseMs } = options;
  const work: InwardWork = { ...options, profileAt: openProfileCache(database) };
  const subscriptions = keepSubscriptions(options);
  const overtaken: OvertakenCounts = new Map();
  const closing = new AbortController();
  const events = new Map<number, Promise<void>>();
  /** Those to look at once more when they are done: something may have come meanwhile. */
  const again = new Set<number>();
  /** The last turns, by subscription: who waited longest is next, so that one that is flooded holds up no others. */
  const turns = new Map<number, number>();
  let turn = 0;
  let isFull = false;
  const polls = new Set<Promise<void>>();
  const reconciliations = new Set<Promise<void>>();
  let sweptAtMs = 0;
  let dueAtMs = 0;
  let isAsked = true;
  let ring = () => {};
  const isClosing = () => closing.signal.aborted;

  function workOn(subscription: SubscriptionFacts): void {
    const { id } = subscription;
    if (events.has(id)) {
      again.add(id);
      return;
    }
    if (turns.size >= MOST_TURNS) turns.clear();
    turns.set(id, ++turn);
    const working = workOnEvents(work, subscription, isClosing)
      .catch((err) => logger.warn({ err }, "could not work on what came in; will look again"))
      .then((ended) => {
        events.delete(id);
        if (again.delete(id) || ended === "more" || (ended === "done" && isFull)) wake();
      });
    events.set(id, working);
  }

  function track(set: Set<Promise<void>>, running: Promise<void>): void {
    const kept = running.finally(() => set.delete(kept));
    set.add(kept);
  }

  async function look(): Promise<void> {
    const waiting = await subscriptionsWithInward(database, MOST_WAITING);
    const lastTurn = ({ id }: SubscriptionFacts) => turns.get(id) ?? 0;
    isFull = false;
    for (const subscription of waiting.sort((one, other) => lastTurn(one) - lastTurn(other))) {
      if (events.size < EVENTS_AT_ONCE || events.has(subscription.id)) workOn(subscription);
      else isFull = true;
    }
    const freePolls = POLLS_AT_ONCE - polls.size;
    if (freePolls > 0)
      for (const due of await claimPolls(database, { worker, leaseMs, limit: freePolls }))
        track(polls, poll(options, { due, subscriptions, overtaken, signal: closing.signal }).finally(wake));
    if (reconciliations.size < RECONCILIATIONS_AT_ONCE)
      for (const running of await claimAndReconcile(options, { subscriptions, signal: closing.signal }))
        track(reconciliations, running.finally(wake));
    await tidy();
  }

  async function tidy(): Promise<void> {
    if (Date.now() - dueAtMs >= DUE_MS) {
      dueAtMs = Date.now();
      await makeDueReconciliations(database, new Date());
    }
    if (Date.now() - sweptAtMs < SWEEP_MS) return;
    sweptAtMs = Date.now();
    while ((await dropOldInwardEvents(database, { days: EVENT_DAYS, limit: SWEPT_AT_ONCE })) === SWEPT_AT_ONCE);
    while ((await dropOldAnswers(database, { olderThanMs: SWEEP_MS, limit: SWEPT_AT_ONCE })) === SWEPT_AT_ONCE);
    while ((await dropOldRefused(database, { days: DISMISSED_DAYS, limit: SWEPT_AT_ONCE })) === SWEPT_AT_ONCE);
    await dropOldReconciliations(database, { days: RECONCILIATION_DAYS, limit: SWEPT_AT_ONCE });
  }

  function wake(): void {
    isAsked = true;
    ring();
  }

  async function run(): Promise<void> {
    while (!isClosing()) {
      isAsked = false;
      await look().catch((err) => {
        if (!isClosing()) logger.warn({ err }, "could not look for what came in; will look again");
      });
      if (isAsked || isClosing()) continue;
      await new Promise<void>((resolve) => {
        const late = setTimeout(resolve, lookMs);
        ring = () => {
          clearTimeout(late);
          resolve();
        };
      });
    }
  }

  const running = run();
  return {
    wake,
    subscriptions,
    async close() {
      closing.abort(new Error("the service ends"));
      ring();
      await running;
      await Promise.all([...events.values(), ...polls, ...reconciliations]);
      await subscriptions.close();
    },
  };
}
