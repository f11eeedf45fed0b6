import type { Pull, System } from "@inlet/contracts";
import type { RemoteHttp, RetryPolicy } from "@inlet/remote-http";

/** Where a pull goes on after a page: a connector's own words, JSON, without secrets. It is kept between the pages. */
export type Position = Record<string, string | number | boolean | null>;

/** Where the things that a connector looks for lie in an answer: the names on the way to each. */
export interface PagePlaces {
  /** The list of items. An empty path: the answer itself is the list. */
  items: readonly string[];
  /** Values beside the items, such as the address of the next page: by a name of the connector's choice. */
  beside?: Readonly<Record<string, readonly string[]>>;
  /** Values of the last item, for systems whose next page is asked for with one: by a name of the connector's choice. */
  ofLast?: Readonly<Record<string, readonly string[]>>;
}

/** What a page was read to. */
export interface PageContent {
  itemCount: number;
  /** The values of {@link PagePlaces.beside} and {@link PagePlaces.ofLast} as text; null where they are absent or null. */
  beside: Readonly<Record<string, string | null>>;
  ofLast: Readonly<Record<string, string | null>>;
}

/**
 * Reads one answer's JSON in one pass over its bytes. Whoever pulls brings it: it takes the items' fields out at the same time.
 * @throws BrokenAnswer when the bytes are no JSON, are cut off, or have no list where one should be
 */
export type ReadPage<Content extends PageContent> = (body: Buffer, places: PagePlaces) => Content;

/** One page of a pull. */
export interface PulledPage<Content extends PageContent> {
  /** From 1, counted over a resumed pull as well. */
  number: number;
  content: Content;
  /** Where to go on after it; null: it was the last one. */
  next: Position | null;
}

/** What is pulled. */
export interface PullRequest {
  pull: Pull;
  /** For incremental pulls: the time or key since which; null: everything. */
  since: string | null;
  /** Where a pull that was broken off goes on; null: at its beginning. */
  from: Position | null;
  /** Where the table's columns lie in an item, so that a system is asked for no more than these. Absent: for all of an item. */
  paths?: readonly string[];
  /** Which of them are the table's key, in its order. Absent or empty: unknown. */
  key?: readonly string[];
  signal: AbortSignal;
}

/** A field as a resource has it. */
export interface FieldShape {
  /** The names on the way to it, with dots between, as in a profile. */
  path: string;
  type: "text" | "number" | "boolean" | "time" | "object" | "list";
  /** It was missing or null in some items. */
  isOptional: boolean;
  /** Up to three values, as text, cut to 100 characters. */
  samples: readonly string[];
}

/** A system that was connected to. Each call may log in first, or anew; none of them leaks a secret into what it throws. */
export interface ConnectedSystem {
  /**
   * Whether we get in and may read what is pulled: for real, by asking.
   * @throws AppError saying what was refused and what to do
   */
  checkAccess(pulls: readonly Pull[], signal: AbortSignal): Promise<void>;
  /** How many items a pull has, by the system's own words; null where it does not say. */
  count(request: Omit<PullRequest, "from">): Promise<number | null>;
  /** The pages in their order. A page that fails for a reason that may pass is asked for again, within limits. */
  pages<Content extends PageContent>(
    request: PullRequest,
    read: ReadPage<Content>,
  ): AsyncGenerator<PulledPage<Content>, void, undefined>;
  /** What an item looks like, by a few of them. */
  shape(pull: Pull, signal: AbortSignal): Promise<FieldShape[]>;
  /** Logs out where the system knows that. Never throws. */
  close(): Promise<void>;
}

/** What a connector gets to work with. */
export interface ConnectorParts {
  http: RemoteHttp;
  /** A secret of the client's, by its name. */
  secret(name: string): Promise<string>;
  /** How often a request is made again that failed for a reason that may pass. Default: `RETRIES` of remote-http. */
  retries?: Partial<RetryPolicy>;
  /** Told of each request that is made again, and why; the address without its query. */
  onRetry?(fact: { url: string; attempt: number; waitMs: number; reason: string }): void;
}

/** One kind of system. */
export interface Connector<Name extends System["connector"] = System["connector"]> {
  name: Name;
  open(system: Extract<System, { connector: Name }>, parts: ConnectorParts): ConnectedSystem;
  /** Whether a pull that was broken off may go on in its middle. */
  resumes(pull: Pull): boolean;
}
