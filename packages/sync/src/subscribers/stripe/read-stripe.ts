import { jsonPathNames } from "@inlet/contracts";
import type { Stripe } from "stripe";
import type { IncomingItem, IncomingPage, OutsideFields } from "../../subscriber.ts";
import { isMissing } from "./fault.ts";
import type { StripeObject, StripeObjects } from "./open-stripe.ts";
import { eventTypes, KEY_FIELD, type StripeSettings } from "./settings.ts";

const PAGE_ITEMS = 100;

/** What of an event is looked at. */
export interface StripeEvent {
  id: string;
  type: string;
  /** Seconds since 1970. */
  created: number;
  data: { object: unknown };
}

/**
 * Where polling goes on. Everything is listed first; then Stripe's events are followed from the newest one that there was before the
 * listing began. `from`: there was none yet; since when there may be, in seconds since 1970.
 */
type Place = { list: string | null; event: string | null; from: number } | { event: string | null; from: number };

export async function changedObjects(
  { stripe, objects }: { stripe: Stripe; objects: StripeObjects },
  settings: StripeSettings,
  cursor: string | null,
): Promise<IncomingPage> {
  const place: Place = cursor === null ? await beginning(stripe, settings) : JSON.parse(cursor);
  if (!("list" in place)) return await followEvents(stripe, settings, place);
  const page = await allObjects(objects, place.list);
  const { event, from } = place;
  return { ...page, cursor: JSON.stringify(page.hasMore ? { list: page.cursor, event, from } : { event, from }) };
}

/** Every object, newest first. */
export async function allObjects(objects: StripeObjects, cursor: string | null): Promise<IncomingPage> {
  const { data, has_more: hasMore } = await objects.list({
    limit: PAGE_ITEMS,
    ...(cursor === null ? {} : { starting_after: cursor }),
  });
  return { items: data.map((object) => itemOf(object)), cursor: data.at(-1)?.id ?? cursor, hasMore };
}

/** An event's object; undefined for events of other kinds. */
export function itemOfEvent({ type, created, data }: StripeEvent, settings: StripeSettings): IncomingItem | undefined {
  if (!eventTypes(settings).includes(type)) return undefined;
  const changedAt = new Date(created * 1000).toISOString();
  return {
    ...itemOf(data.object as StripeObject),
    changedAt,
    ...(type.endsWith(".deleted") ? { isRemoved: true } : {}),
  };
}

/** Stripe leaves out of `metadata` what has no value: of what the profile maps, that is said as null. */
export function withEmptyMetadata(item: IncomingItem, fieldPaths: readonly string[]): IncomingItem {
  const mapped = fieldPaths
    .map(jsonPathNames)
    .filter(([first, , ...rest]) => first === "metadata" && rest.length === 0);
  const empty = Object.fromEntries(mapped.map(([, name]) => [name!, null]));
  return {
    ...item,
    fields: { ...item.fields, metadata: { ...empty, ...(item.fields.metadata as OutsideFields | undefined) } },
  };
}

function itemOf(object: StripeObject): IncomingItem {
  const key = object.metadata?.[KEY_FIELD];
  return { id: object.id, fields: object as OutsideFields, ...(key ? { key } : {}) };
}

async function beginning(stripe: Stripe, settings: StripeSettings): Promise<Place> {
  const from = Math.floor(Date.now() / 1000);
  const { data } = await stripe.events.list({ types: eventTypes(settings), limit: 1 });
  return { list: null, event: data[0]?.id ?? null, from };
}

/** Events that came after one, oldest first; of several of one object the last. */
async function followEvents(
  stripe: Stripe,
  settings: StripeSettings,
  { event, from }: { event: string | null; from: number },
): Promise<IncomingPage> {
  const types = eventTypes(settings);
  try {
    const page = event === null ? await firstEvents(stripe, types, from) : await eventsAfter(stripe, types, event);
    const items = new Map<string, IncomingItem>();
    for (const each of page.events.toReversed()) {
      const item = itemOfEvent(each, settings);
      if (item !== undefined) items.set(item.id, item);
    }
    const place: Place = { event: page.events[0]?.id ?? event, from };
    return { items: [...items.values()], cursor: JSON.stringify(place), hasMore: page.hasMore };
  } catch (error) {
    // Stripe keeps events for thirty days: everything is looked at anew.
    if (isMissing(error)) return { items: [], cursor: null, hasMore: false };
    throw error;
  }
}

/** The next page of newer ones, newest first. */
async function eventsAfter(stripe: Stripe, types: string[], event: string) {
  const { data, has_more: hasMore } = await stripe.events.list({ types, ending_before: event, limit: PAGE_ITEMS });
  return { events: data as StripeEvent[], hasMore };
}

/** All since a time, newest first. */
async function firstEvents(stripe: Stripe, types: string[], from: number) {
  const events: StripeEvent[] = [];
  for (;;) {
    const last = events.at(-1);
    const { data, has_more: hasMore } = await stripe.events.list({
      ...{ types, created: { gte: from }, limit: PAGE_ITEMS },
      ...(last === undefined ? {} : { starting_after: last.id }),
    });
    events.push(...(data as StripeEvent[]));
    if (!hasMore) return { events, hasMore };
  }
}
