import { AppError } from "@inlet/contracts";
import {
  asUnavailable,
  delayInwardEvent,
  endInwardEvent,
  type InwardEvent,
  keepRefused,
  nextInwardEvent,
  refusedToRetry,
  type StoredError,
  type SubscriptionFacts,
  settleRefused,
  transaction,
  tryLockInward,
} from "@inlet/database";
import { failpoint } from "@inlet/runtime";
import { failureOf } from "../failure.ts";
import { mapFields } from "../fields/field-mapping.ts";
import { standBackMs } from "../outward/back-off.ts";
import type { IncomingItem } from "../subscriber.ts";
import { refusedItems, sealRefused, unsealItems } from "./event-body.ts";
import type { InwardOptions, InwardWork } from "./inward-options.ts";
import { type InwardParts, inwardParts } from "./inward-parts.ts";
import { type TakenItems, takeItems } from "./take-items.ts";

/** An event of which nothing can be made is given up after so many attempts; a person may try it again. */
const MOST_ATTEMPTS = 5;
const LETTERS_AT_ONCE = 20;
/** So long a subscription is worked on before others have their turn. */
const TURN_MS = 1_000;

/** What became of a step. `busy`: another process is at it, or the subscription is not as it was any more. */
type Step = "worked" | "nothing" | "busy" | "failed";

/**
 * Works for a while on a subscription's events in the order in which they came, each in one transaction with all that comes of it,
 * and on the letters that a person wants tried again. Who comes second finds it busy.
 * @returns `more`: there may be more, when it has its next turn
 */
export async function workOnEvents(
  options: InwardWork,
  subscription: SubscriptionFacts,
  isClosing: () => boolean,
): Promise<"more" | "done" | "failed"> {
  const endsMs = Date.now() + TURN_MS;
  while (!isClosing()) {
    let step = await nextEvent(options, subscription);
    if (step === "nothing") step = await nextLetters(options, subscription);
    if (step !== "worked") return step === "failed" ? "failed" : "done";
    if (Date.now() >= endsMs) return "more";
  }
  return "done";
}

async function nextEvent(options: InwardWork, subscription: SubscriptionFacts): Promise<Step> {
  const { database, key } = options;
  let event: InwardEvent | undefined;
  try {
    const parts = await partsOf(options, subscription);
    const taken = await transaction(database, async (tx): Promise<TakenItems | Step> => {
      if (!(await tryLockInward(tx, subscription))) return "busy";
      event = await nextInwardEvent(tx, subscription.id);
      if (event === undefined) return "nothing";
      const { receivedAt, eventId } = event;
      const items = unsealItems(key, event.body, { subscriptionId: subscription.id, eventId });
      const arrived = items.map((item) => ({ item, receivedAt }));
      const done = await takeItems(tx, parts, arrived, { cause: `event ${eventId}` });
      await endInwardEvent(tx, { id: event.id, counts: done.counts, error: null });
      failpoint("inward.before-commit");
      return done;
    });
    if (typeof taken === "string") return taken;
    failpoint("inward.committed");
    told(options, taken);
    return "worked";
  } catch (error) {
    return await eventFailed(options, { subscription, event, error: asUnavailable(error) });
  }
}

/** The subscription's profile and fields, as they are now. */
export async function partsOf(options: InwardWork, subscription: SubscriptionFacts): Promise<InwardParts> {
  const { table, definition, projectId, profileVersion } = subscription;
  const profile = await options.profileAt(projectId, profileVersion);
  const columns = profile.tables.find(({ name }) => name === table)?.columns ?? [];
  return inwardParts(subscription, {
    profile,
    fields: mapFields(columns, definition.fields),
    rules: options.rules,
    key: options.key,
  });
}

/** Tells of what was taken, once it is committed. */
export function told({ figures, written }: InwardOptions, { counts, catalogId }: TakenItems): void {
  for (const outcome of ["changed", "unchanged", "refused"] as const)
    if (counts[outcome] > 0) figures.counted(outcome, counts[outcome]);
  if (catalogId !== null) written(catalogId);
}

async function eventFailed(
  options: InwardWork,
  { subscription, event, error }: { subscription: SubscriptionFacts; event: InwardEvent | undefined; error: unknown },
): Promise<Step> {
  const { logger, database, retryMs, figures } = options;
  const facts = { err: error, client: subscription.client, project: subscription.project, name: subscription.name };
  if (event === undefined) {
    logger.warn(facts, "could not work on what came in; will try again");
    return "failed";
  }
  figures.failed("event");
  const failure = failureOf(error);
  const stored: StoredError = { code: failure.code, message: failure.message, retryable: failure.kind !== "item" };
  try {
    if (failure.kind === "item" && event.attempts + 1 >= MOST_ATTEMPTS) {
      logger.error({ ...facts, eventId: event.eventId }, "gave an event up; a letter tells of it");
      await giveUp(options, subscription, { event, error: stored });
      return "worked";
    }
    logger.warn({ ...facts, eventId: event.eventId }, "could not work on an event; will try again");
    const delayMs = standBackMs(failure, event.attempts + 1, { baseMs: retryMs, random: Math.random() });
    await delayInwardEvent(database, { id: event.id, delayMs, error: stored });
  } catch (err) {
    logger.warn({ ...facts, err }, "could not keep why an event failed; will try again");
  }
  return "failed";
}

/** Others go on; what was in the event is kept for a person. */
async function giveUp(
  { database, key }: InwardWork,
  { id: subscriptionId }: SubscriptionFacts,
  { event, error }: { event: InwardEvent; error: StoredError },
): Promise<void> {
  let items: IncomingItem[] = [];
  try {
    items = unsealItems(key, event.body, { subscriptionId, eventId: event.eventId });
  } catch (cause) {
    // It was sealed with another key: there is nothing to keep.
    if (!(cause instanceof AppError)) throw cause;
  }
  await transaction(database, async (tx) => {
    const body = sealRefused(key, { items, receivedAt: event.receivedAt }, subscriptionId);
    await keepRefused(tx, { subscriptionId, letters: [{ letterId: null, key: null, error, findings: [], body }] });
    await endInwardEvent(tx, { id: event.id, counts: { changed: 0, unchanged: 0, refused: items.length }, error });
  });
}

/** Items that were refused and that a person wants tried again. */
async function nextLetters(options: InwardWork, subscription: SubscriptionFacts): Promise<Step> {
  const { database, logger } = options;
  const { id: subscriptionId } = subscription;
  let letterIds: number[] = [];
  try {
    const parts = await partsOf(options, subscription);
    const taken = await transaction(database, async (tx): Promise<TakenItems | Step> => {
      if (!(await tryLockInward(tx, subscription))) return "busy";
      const letters = await refusedToRetry(tx, { subscriptionId, limit: LETTERS_AT_ONCE });
      if (letters.length === 0) return "nothing";
      letterIds = letters.map(({ letterId }) => letterId);
      const arrived = letters.flatMap(({ letterId, body }) => {
        const { items, receivedAt } = refusedItems(options.key, body, subscriptionId);
        // Of a whole event each item that is refused again becomes a letter of its own.
        const own = items.length === 1 ? { letterId } : {};
        return items.map((item) => ({ item, receivedAt, ...own }));
      });
      const single = new Set(arrived.flatMap((each) => ("letterId" in each ? [each.letterId] : [])));
      await settleRefused(tx, { subscriptionId, keys: [], letterIds: letterIds.filter((id) => !single.has(id)) });
      return await takeItems(tx, parts, arrived, { cause: `letter ${letterIds.join(", ")}` });
    });
    if (typeof taken === "string") return taken;
    told(options, taken);
    return "worked";
  } catch (error) {
    const failure = failureOf(asUnavailable(error));
    logger.warn({ err: error, letterIds }, "could not take refused items again");
    if (failure.kind !== "passing" && letterIds.length > 0)
      await backToDead(options, { subscriptionId, letterIds, failure });
    return "failed";
  }
}

async function backToDead(
  { database, logger }: InwardWork,
  {
    subscriptionId,
    letterIds,
    failure,
  }: { subscriptionId: number; letterIds: readonly number[]; failure: { code: string; message: string } },
): Promise<void> {
  const error = { code: failure.code, message: failure.message, retryable: false };
  try {
    await transaction(database, async (tx) => {
      const letters = await refusedToRetry(tx, { subscriptionId, limit: LETTERS_AT_ONCE });
      const again = letters.filter(({ letterId }) => letterIds.includes(letterId));
      await keepRefused(tx, {
        subscriptionId,
        letters: again.map(({ letterId, body }) => ({
          letterId,
          key: null,
          error,
          findings: [],
          body: body as object,
        })),
      });
    });
  } catch (err) {
    logger.warn({ err }, "could not keep why refused items failed again");
  }
}
