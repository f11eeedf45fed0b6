import type { RemoteHttp } from "@inlet/remote-http";
import type { RemoteNetwork } from "@inlet/remote-network";
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
  /** The change's place in the catalog's log: grows with each change of any item. */
  seq: number;
  /** When it changed: ISO 8601, UTC. */
  changedAt: string;
  /** Stable over every attempt at this change, and unlike that of any other. */
  idempotencyKey: string;
}

/** One change on its way out, of an item that is there or of one that is gone. */
export type OutgoingChange = OutgoingItem & { isRemoved: boolean };

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

/** All items of a catalog, read as it is now. */
export interface CatalogScan {
  /** Every change up to this one is in it; later ones may be. */
  seq: number;
  /** In the order of their keys. The idempotency key is that of each item's last change. */
  items: AsyncIterable<OutgoingItem>;
}

/** What a subscriber is given with each call. */
export interface SubscriberContext<Settings = unknown, Open = undefined> {
  /** The profile's, as the subscriber's schema made them. */
  settings: Settings;
  /** By the subscriber's own words for them. */
  secrets: Readonly<Record<string, string>>;
  /** Where items' fields lie in the outside system's words, in the order of the profile's columns. */
  fieldPaths: readonly string[];
  /** What `open` made; undefined without one. */
  opened: Open;
  /** Guarded, with bounds; throws what the framework understands. */
  http: SubscriberHttp;
  /** For what is not HTTP: addresses that may be connected to. */
  network: RemoteNetwork;
  /** The whole catalog, for systems that take everything at once. */
  everything(): Promise<CatalogScan>;
  signal: AbortSignal;
}

/** Requests that throw what the framework understands: what may pass, what concerns this item alone, what needs a person. */
export interface SubscriberHttp extends Pick<RemoteHttp, "request"> {
  /**
   * JSON out, JSON back; any status of 400 and more is thrown: 408, 425, 429 and 5xx as what may pass (with Retry-After), 401
   * and 403 as what needs a person, others as what concerns this item alone. Whole numbers that a double would change come as
   * text. An empty answer is null, and so is one of a status that is to be ignored.
   * @throws Unavailable `outside_unavailable`, `outside_busy`, `outside_answer`, and what {@link RemoteHttp.request} throws
   * @throws Misconfigured `outside_access`, and what {@link RemoteHttp.request} throws
   * @throws InvalidInput `outside_refused`
   */
  json(
    method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE",
    url: string,
    options?: { body?: OutsideValue; headers?: Readonly<Record<string, string>>; ignore?: readonly number[] },
  ): Promise<OutsideValue>;
  /** The same way out for libraries that take a `fetch`. No status is thrown, no redirect followed. */
  fetch: typeof fetch;
}

/** Something that is open as long as a subscription is, such as a connection. */
export interface Opened {
  close(): Promise<void> | void;
}

/**
 * One kind of outside system: only what is special to it. Order, retries, dead letters, back-fill, loop guard, conflicts,
 * metrics and the rest come from the framework. An object fits, and so does a class without parameters: of a class each
 * subscription gets an instance of its own.
 */
export interface Subscriber<Settings = unknown, Open extends Opened | undefined = Opened | undefined> {
  /** How profiles name it in `use`. */
  name: string;
  /** What of a profile's `settings` it asks for. */
  settings: z.ZodType<Settings>;
  /** The secrets that it asks for, by its own words; those with `?` at the end may be absent. */
  secrets?: readonly string[];
  /**
   * Makes something that is kept between calls, such as a connection: at the first call, and anew after a call that failed for a
   * reason that may pass. The others find it in `opened`. The context's signal ends with it.
   */
  open?(context: SubscriberContext<Settings, undefined>): Promise<Open>;
  /** Creates or changes an item. The same idempotency key may come more than once. */
  push?(item: OutgoingItem, context: SubscriberContext<Settings, Open>): Promise<PushAnswer | undefined>;
  /** Removes an item. It may be gone already, or may never have been there: that is no error. */
  remove?(item: OutgoingItem, context: SubscriberContext<Settings, Open>): Promise<void>;
  /**
   * Several at once, of as many keys, for systems that take them so; instead of `push` and `remove`. Answers in the same order;
   * one that was refused is an Error in its place.
   */
  pushMany?(
    items: readonly OutgoingChange[],
    context: SubscriberContext<Settings, Open>,
  ): Promise<readonly (PushAnswer | Error | undefined)[]>;
  /** At most so many at once. Default 100. */
  batchSize?: number;
  /** What has changed since a cursor; null: everything. */
  pull?(cursor: string | null, context: SubscriberContext<Settings, Open>): Promise<IncomingPage>;
  /** Every item, for comparing both sides. Default: `pull` from the beginning. */
  list?(cursor: string | null, context: SubscriberContext<Settings, Open>): Promise<IncomingPage>;
  /**
   * Checks a request's signature and reads it.
   * @throws AppError `webhook_refused` when the signature is wrong or too old
   */
  webhook?(request: WebhookRequest, context: SubscriberContext<Settings, Open>): Promise<WebhookEvents>;
}

/** States a subscriber, with its settings' type found by itself. */
export const defineSubscriber = <Settings, Open extends Opened | undefined = undefined>(
  subscriber: Subscriber<Settings, Open>,
): Subscriber<Settings, Open> => subscriber;
