import { Misconfigured } from "@inlet/contracts";
import { failureOf } from "../failure.ts";
import type { FieldMapping } from "../fields/field-mapping.ts";
import type { OutgoingChange, PushAnswer, Subscriber, SubscriberContext } from "../subscriber.ts";
import { openSubscriberHttp } from "../subscriber-http/subscriber-http.ts";
import { errorWithoutSecrets, openWithoutSecrets } from "../subscriber-http/without-secrets.ts";
import { keepOpen } from "./keep-open.ts";
import type { OpenSubscriber, SubscriberParts } from "./opened-subscriber.ts";

const DEFAULT_BATCH_SIZE = 100;

interface Bound {
  use: string;
  fields: FieldMapping;
  settings: unknown;
  secrets: Readonly<Record<string, string>>;
  parts: SubscriberParts;
}

/** A subscriber with all that its calls are given. */
export function bindSubscriber(
  subscriber: Subscriber,
  { use, fields, settings, secrets, parts }: Bound,
): OpenSubscriber {
  const clean = openWithoutSecrets(Object.values(secrets));
  const contextOf = (signal: AbortSignal): Omit<SubscriberContext, "opened"> => ({
    settings,
    secrets,
    fieldPaths: fields.paths,
    http: openSubscriberHttp(parts.http, signal),
    network: parts.network,
    everything: () => parts.everything(fields),
    signal,
  });
  const kept = keepOpen(async (signal) => subscriber.open?.({ ...contextOf(signal), opened: undefined }));
  const isBroken = (error: unknown) => failureOf(error).kind === "passing";

  async function call<T>(
    signal: AbortSignal,
    work: (context: SubscriberContext<never, never>) => Promise<T>,
  ): Promise<T> {
    try {
      return await kept.with(
        (opened) => work({ ...contextOf(signal), opened } as SubscriberContext<never, never>),
        isBroken,
      );
    } catch (error) {
      throw errorWithoutSecrets(error, clean);
    }
  }

  const pushOne = (change: OutgoingChange, signal: AbortSignal) =>
    call(signal, async (context) => {
      const { isRemoved, ...item } = change;
      if (!isRemoved) return await subscriber.push!(item, context);
      await subscriber.remove!(item, context);
      return undefined;
    });

  async function pushMany(changes: readonly OutgoingChange[], signal: AbortSignal) {
    const answers = await call(signal, (context) => subscriber.pushMany!(changes, context));
    if (answers.length !== changes.length) throw wrongCount(use, changes.length, answers.length);
    return answers.map((answer) => (answer instanceof Error ? errorWithoutSecrets(answer, clean) : answer));
  }

  return {
    use,
    fields,
    batchSize: subscriber.pushMany ? (subscriber.batchSize ?? DEFAULT_BATCH_SIZE) : 1,
    can: {
      send: Boolean(subscriber.push ?? subscriber.pushMany),
      pull: Boolean(subscriber.pull),
      list: Boolean(subscriber.list ?? subscriber.pull),
      webhook: Boolean(subscriber.webhook),
    },
    async send(changes, signal): Promise<readonly (PushAnswer | Error | undefined)[]> {
      const asError = (error: unknown) => error as Error;
      if (!subscriber.pushMany)
        return await Promise.all(changes.map((change) => pushOne(change, signal).catch(asError)));
      try {
        return await pushMany(changes, signal);
      } catch (error) {
        return changes.map(() => asError(error));
      }
    },
    pull: (cursor, signal) => call(signal, (context) => subscriber.pull!(cursor, context)),
    list: (cursor, signal) =>
      call(signal, (context) =>
        subscriber.list ? subscriber.list(cursor, context) : subscriber.pull!(cursor, context),
      ),
    webhook: (request, signal) => call(signal, (context) => subscriber.webhook!(request, context)),
    close: () => kept.close(),
  };
}

const wrongCount = (use: string, expected: number, received: number) =>
  new Misconfigured({
    code: "subscriber_broken",
    message: `Subscriber ${use} was given ${expected} changes and answered for ${received}: its pushMany must answer for each, in the same order.`,
  });
