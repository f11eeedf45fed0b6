import type { RemoteHttp } from "@inlet/remote-http";
import type { z } from "zod";

/** A value in the outside system's words. */
export type OutsideValue = string | number | boolean | null | OutsideValue[] | { [name: string]: OutsideValue };

/** An item in the outside system's words, made of ours by the profile's `fields`. */
export type OutsideFields = { [name: string]: OutsideValue };

/** One change on its way out. */
export interface OutgoingItem {
  /** Our key, as text; several columns as a JSON list. */
  key: string;
  /** What the outside system calls it; null while we do not know. */
  id: string | null;
  fields: OutsideFields;
  /** Grows with each change of the item. */
  version: number;
  /** When it changed: ISO 8601, UTC. */
  changedAt: string;
  /** Stable over every attempt at this change, and unlike that of any other. */
  idempotencyKey: string;
}

/** What the outside system made of it. */
export interface PushAnswer {
  /** What it calls the item. */
  id?: string;
  /** Its own version or time of change, if it says one: an older word of it that comes later is then known as old. */
  version?: string;
}

/** One item as the outside system has it. */
export interface IncomingItem {
  id: string;
  /** Our key, where the outside system knows it and `fields` do not hold it. */
  key?: string;
  /** It is not there any more. */
  isRemoved?: boolean;
  fields: OutsideFields;
  /** When it changed there, ISO 8601. Absent: when we learned of it. */
  changedAt?: string;
  /** Its own version; compared as {@link PushAnswer.version} was said. */
  version?: string;
}

/** Some of the outside system's items or changes, and where to go on. */
export interface IncomingPage {
  items: IncomingItem[];
  /** Kept, and given to the next call. */
  cursor: string | null;
  /** There are more right now. */
  hasMore: boolean;
}

/** A request that came to the syncer's public listener. */
export interface WebhookRequest {
  /** Lower case. */
  headers: Readonly<Record<string, string>>;
  /** As it came: signatures are over the bytes. */
  body: Buffer;
  receivedAt: Date;
}

/** What a webhook's request says. */
export interface WebhookEvents {
  /** What the sender calls the event: the same twice is one. */
  eventId: string;
  items: IncomingItem[];
}

/** What a subscriber is given with each call. */
export interface SubscriberContext<Settings> {
  settings: Settings;
  /** By the subscriber's own words for them. */
  secrets: Readonly<Record<string, string>>;
  /** Guarded, with bounds; statuses are told apart by `answered`: see {@link SubscriberHttp}. */
  http: SubscriberHttp;
  signal: AbortSignal;
}

/** Requests that throw what the framework understands: what may pass, what concerns this item alone, what needs a person. */
export interface SubscriberHttp extends Pick<RemoteHttp, "request"> {
  /**
   * JSON out, JSON back; any status of 400 and more is thrown: 408, 425, 429 and 5xx as what may pass (with Retry-After), 401
   * and 403 as what needs a person, others as what concerns this item alone.
   */
  json(
    method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE",
    url: string,
    options?: { body?: OutsideValue; headers?: Readonly<Record<string, string>>; ignore?: readonly number[] },
  ): Promise<OutsideValue>;
}

/**
 * One kind of outside system: only what is special to it. Order, retries, dead letters, back-fill, loop guard, conflicts,
 * metrics and the rest come from the framework.
 */
export interface Subscriber<Settings = unknown> {
  /** How profiles name it in `use`. */
  name: string;
  /** What of a profile's `settings` it asks for. */
  settings: z.ZodType<Settings>;
  /** The secrets that it asks for, by its own words; those with `?` at the end may be absent. */
  secrets?: readonly string[];
  /** Makes something of a kind as long as a subscription is open, such as a connection; closed with it. */
  open?(context: SubscriberContext<Settings>): Promise<{ close(): Promise<void> }>;
  /** Creates or changes an item. The same idempotency key may come more than once. */
  push?(item: OutgoingItem, context: SubscriberContext<Settings>): Promise<PushAnswer | undefined>;
  /** Removes an item. It may be gone already, or may never have been there: that is no error. */
  remove?(item: OutgoingItem, context: SubscriberContext<Settings>): Promise<void>;
  /**
   * Several at once, of as many keys, for systems that take them so; instead of `push` and `remove`. Answers in the same order;
   * one that was refused is an Error in its place.
   */
  pushMany?(
    items: readonly (OutgoingItem & { isRemoved: boolean })[],
    context: SubscriberContext<Settings>,
  ): Promise<readonly (PushAnswer | Error | undefined)[]>;
  /** At most so many at once. Default 100. */
  batchSize?: number;
  /** What has changed since a cursor; null: everything. */
  pull?(cursor: string | null, context: SubscriberContext<Settings>): Promise<IncomingPage>;
  /** Every item, for comparing both sides. Default: `pull` from the beginning. */
  list?(cursor: string | null, context: SubscriberContext<Settings>): Promise<IncomingPage>;
  /**
   * Checks a request's signature and reads it.
   * @throws AppError `webhook_refused` when the signature is wrong or too old
   */
  webhook?(request: WebhookRequest, context: SubscriberContext<Settings>): Promise<WebhookEvents>;
}

/** States a subscriber, with its settings' type found by itself. */
export const defineSubscriber = <Settings>(subscriber: Subscriber<Settings>): Subscriber<Settings> => subscriber;
