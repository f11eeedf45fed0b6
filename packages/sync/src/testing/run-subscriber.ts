import { randomUUID } from "node:crypto";
import { type Column, type ColumnType, columnSchema, subscriptionSchema } from "@inlet/contracts";
import { type HttpAnswer, openRemoteHttp } from "@inlet/remote-http";
import { openRemoteNetwork } from "@inlet/remote-network";
import type { ItemValues } from "../fields/field-mapping.ts";
import { type Exported, registered } from "../registry/load-subscribers.ts";
import { openSubscriber } from "../registry/open-subscriber.ts";
import type { OpenSubscriber } from "../registry/opened-subscriber.ts";
import { subscriberProblems } from "../registry/subscriber-problems.ts";
import type { IncomingItem, OutgoingChange, PushAnswer } from "../subscriber.ts";

interface RunOptions {
  /** The catalog's columns; the first is the key. */
  columns: Readonly<Record<string, ColumnType>>;
  settings?: Record<string, unknown>;
  /** By the subscriber's own words for them. */
  secrets?: Readonly<Record<string, string>>;
  /** Our columns → outside paths, as in a profile. */
  fields?: Record<string, string>;
}

/** A subscriber at work on a catalog that a test holds in its hands, as the syncer would set it to work. */
export interface SubscriberRun extends AsyncDisposable {
  /** What the syncer calls. */
  opened: OpenSubscriber;
  /** A change of an item, sent. @throws what the subscriber threw */
  put(values: ItemValues): Promise<PushAnswer | undefined>;
  /** An item's removal, sent. @throws what the subscriber threw */
  remove(key: string): Promise<void>;
  /** The last change of a key once more: the answer to it was lost, its idempotency key is the same. */
  again(key: string): Promise<PushAnswer | undefined>;
  /** Several changes at once, for those that have `pushMany`. @throws the first of what was thrown */
  sendMany(puts: readonly ItemValues[], removed?: readonly string[]): Promise<void>;
  /** Everything since a cursor, page by page to the end. */
  pullAll(cursor?: string | null): Promise<{ items: IncomingItem[]; cursor: string | null; pages: number }>;
  /** Every item, page by page to the end. */
  listAll(): Promise<{ items: IncomingItem[]; cursor: string | null; pages: number }>;
  /** The next requests are answered so, without going anywhere, until `null`. */
  answering(answer: { status: number; headers?: Record<string, string>; body?: string } | null): void;
}

const MOST_PAGES = 1_000;
const CALL_TIMEOUT_MS = 30_000;

/**
 * Opens a subscriber as a profile would and makes it work on a catalog of its own. Requests really go out, to this machine too.
 * @throws Error when it is none, Misconfigured when its settings or secrets do not fit
 */
export async function runSubscriber(exported: Exported, options: RunOptions): Promise<SubscriberRun> {
  const { columns: types, settings = {}, secrets = {}, fields } = options;
  const entry = registered(exported);
  const problems = subscriberProblems(entry.make());
  if (problems.length > 0) throw new Error(`This is no subscriber yet: ${problems.join("; ")}.`);
  const columns = Object.entries(types).map(columnOf);
  const keyColumn = columns[0]!.name;
  const network = openRemoteNetwork({ allowed: ["127.0.0.1", "::1"], own: [] });
  const remote = openRemoteHttp({ network });
  let forced: HttpAnswer | null = null;
  const items = new Map<string, Held>();
  let seq = 0;
  // Outside systems remember them, also from one run of a test to the next.
  const unique = randomUUID();

  const opened = await openSubscriber(
    new Map([[entry.name, entry]]),
    subscriptionSchema.parse({
      ...{ name: "test", use: entry.name, settings, fields },
      // Here the secret stands where its name would: what is read is handed back.
      secrets: Object.fromEntries(Object.keys(secrets).map((word, at) => [word, `secret_${at}`])),
      outward: Boolean(entry.make().push ?? entry.make().pushMany),
      inward: entry.make().pull ? { by: "poll" } : entry.make().webhook ? { by: "webhook" } : undefined,
    }),
    {
      columns,
      network,
      http: { ...remote, request: async (request) => forced ?? (await remote.request(request)) },
      secret: async (name) => Object.values(secrets)[Number(name.replace("secret_", ""))]!,
      everything: async (mapping) => ({
        seq,
        items: (async function* () {
          const present = [...items.values()].filter(({ change }) => !change.isRemoved);
          for (const { change, values } of present.sort((a, b) => (a.change.key < b.change.key ? -1 : 1)))
            yield { ...change, fields: mapping.toOutside(values) };
        })(),
      }),
    },
  );
  const signal = () => AbortSignal.timeout(CALL_TIMEOUT_MS);

  function changeOf(key: string, values: ItemValues | null): Held {
    const before = items.get(key);
    seq += 1;
    const kept = values ?? before?.values ?? { [keyColumn]: key };
    const change: OutgoingChange = {
      ...{ key, id: before?.id ?? null, isRemoved: values === null, seq },
      fields: opened.fields.toOutside(kept),
      version: (before?.change.version ?? 0) + 1,
      changedAt: new Date().toISOString(),
      idempotencyKey: `${unique}.${seq}.${entry.name}`,
    };
    const held = { id: change.id, values: kept, change };
    items.set(key, held);
    return held;
  }

  async function send(held: readonly Held[]): Promise<readonly (PushAnswer | undefined)[]> {
    const answers = await opened.send(
      held.map(({ change }) => change),
      signal(),
    );
    for (const [at, answer] of answers.entries())
      if (!(answer instanceof Error)) held[at]!.id = held[at]!.change.isRemoved ? null : (answer?.id ?? held[at]!.id);
    return answers.map((answer) => {
      if (answer instanceof Error) throw answer;
      return answer;
    });
  }

  async function toTheEnd(call: OpenSubscriber["pull"], from: string | null) {
    const found: IncomingItem[] = [];
    let cursor = from;
    for (let pages = 1; pages <= MOST_PAGES; pages += 1) {
      const page = await call(cursor, signal());
      found.push(...page.items);
      if (page.hasMore && page.cursor === cursor) throw new Error("It has more, but its cursor stays where it is.");
      cursor = page.cursor;
      if (!page.hasMore) return { items: found, cursor, pages };
    }
    throw new Error(`After ${MOST_PAGES} pages it still has more.`);
  }

  return {
    opened,
    put: async (values) => (await send([changeOf(values[keyColumn] ?? "", values)]))[0],
    remove: async (key) => void (await send([changeOf(key, null)])),
    again: async (key) => (await send([items.get(key)!]))[0],
    sendMany: async (puts, removed = []) =>
      void (await send([
        ...puts.map((values) => changeOf(values[keyColumn] ?? "", values)),
        ...removed.map((key) => changeOf(key, null)),
      ])),
    pullAll: (cursor = null) => toTheEnd(opened.pull, cursor),
    listAll: () => toTheEnd(opened.list, null),
    answering(answer) {
      const { status = 0, headers = {}, body = "" } = answer ?? {};
      forced = answer && { status, headers, cookies: [], body: Buffer.from(body), durationMs: 0 };
    },
    async [Symbol.asyncDispose]() {
      await opened.close();
      await remote.close();
    },
  };
}

interface Held {
  id: string | null;
  values: ItemValues;
  change: OutgoingChange;
}

const columnOf = ([name, type]: [string, ColumnType], at: number): Column =>
  columnSchema.parse({ name, type, required: at === 0, ...(type === "enum" ? { values: ["a", "b"] } : {}) });
