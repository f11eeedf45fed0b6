import type { Column } from "@inlet/contracts";
import type { RemoteHttp } from "@inlet/remote-http";
import type { RemoteNetwork } from "@inlet/remote-network";
import type { FieldMapping } from "../fields/field-mapping.ts";
import type {
  CatalogScan,
  IncomingPage,
  OutgoingChange,
  PushAnswer,
  WebhookEvents,
  WebhookRequest,
} from "../subscriber.ts";

/** What a subscription gets to work with. */
export interface SubscriberParts {
  /** The catalog's table's. */
  columns: readonly Column[];
  http: RemoteHttp;
  network: RemoteNetwork;
  /**
   * A secret of the client's, by its name.
   * @throws Misconfigured when there is none
   */
  secret(name: string): Promise<string | Buffer>;
  /** The catalog as it is now, its items' fields made by `fields`. */
  everything(fields: FieldMapping): Promise<CatalogScan>;
}

/** One subscription's subscriber, ready to be called. Nothing that it throws or answers holds one of its secrets. */
export interface OpenSubscriber {
  /** The subscriber's name. */
  use: string;
  /** Our columns in its words, and back. */
  fields: FieldMapping;
  /** How many changes one call of `send` takes at most: 1 for those that take one at a time. */
  batchSize: number;
  /**
   * Sends changes of as many keys. Never rejects: whatever was thrown stands in the place of each item that it concerns; see
   * `failureOf`.
   */
  send(changes: readonly OutgoingChange[], signal: AbortSignal): Promise<readonly (PushAnswer | Error | undefined)[]>;
  /** What has changed there since a cursor. */
  pull(cursor: string | null, signal: AbortSignal): Promise<IncomingPage>;
  /** Every item that is there. */
  list(cursor: string | null, signal: AbortSignal): Promise<IncomingPage>;
  /** Checks and reads a request to the public listener. */
  webhook(request: WebhookRequest, signal: AbortSignal): Promise<WebhookEvents>;
  /** What it can. `list` is also there where only `pull` is. */
  can: Readonly<Record<"send" | "pull" | "list" | "webhook", boolean>>;
  /** Closes what it keeps open. Never throws. */
  close(): Promise<void>;
}
