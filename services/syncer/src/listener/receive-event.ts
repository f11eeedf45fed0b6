import { AppError, InvalidInput } from "@inlet/contracts";
import { asUnavailable, type Database, type SubscriptionFacts, storeInwardEvent } from "@inlet/database";
import { failpoint } from "@inlet/runtime";
import {
  failureOf,
  type OpenSubscriptions,
  sealItems,
  storedEventId,
  type WebhookEvents,
  type WebhookRequest,
} from "@inlet/sync";

/** What a request to the public listener came to. */
export type Received =
  | { outcome: "stored" | "repeated" }
  /** Its signature is wrong, it is too old, or it is no event at all. */
  | { outcome: "turned away"; reason: string }
  /** It could not be stored now: the sender tries again. */
  | { outcome: "later"; error: unknown };

interface ReceiveParts {
  database: Database;
  /** The key-encryption key. */
  key: Buffer;
  subscriptions: OpenSubscriptions;
}

/** A subscriber that has not read a request by then is given up. */
const READ_TIMEOUT_MS = 5_000;

/** Has the subscriber check a request's signature and read it, and stores what it says. Nothing is answered before that. */
export async function receiveEvent(
  { database, key, subscriptions }: ReceiveParts,
  subscription: SubscriptionFacts,
  request: WebhookRequest,
): Promise<Received> {
  let events: WebhookEvents;
  try {
    events = await readRequest(subscriptions, subscription, request);
  } catch (error) {
    if (error instanceof InvalidInput) return { outcome: "turned away", reason: error.message };
    return { outcome: "later", error };
  }
  const eventId = storedEventId(events.eventId);
  if (eventId === "")
    return { outcome: "turned away", reason: "The event has no id, so a repetition would not be known." };
  const body = sealItems(key, events.items, { subscriptionId: subscription.id, eventId });
  try {
    const stored = { subscriptionId: subscription.id, eventId, body, items: events.items.length };
    const isNew = await storeInwardEvent(database, stored);
    failpoint("inward.stored");
    return { outcome: isNew ? "stored" : "repeated" };
  } catch (error) {
    return { outcome: "later", error: asUnavailable(error) };
  }
}

async function readRequest(
  subscriptions: OpenSubscriptions,
  subscription: SubscriptionFacts,
  request: WebhookRequest,
): Promise<WebhookEvents> {
  const signal = () => AbortSignal.timeout(READ_TIMEOUT_MS);
  const opened = await subscriptions.of(subscription);
  try {
    return await opened.subscriber.webhook(request, signal());
  } catch (error) {
    const isRefused = error instanceof AppError && failureOf(error).kind === "item";
    if (!isRefused) throw error;
    // A secret that was changed may not be known yet.
    const anew = await subscriptions.anew(subscription);
    if (anew === opened) throw error;
    return await anew.subscriber.webhook(request, signal());
  }
}
