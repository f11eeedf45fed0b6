import {
  headersSchema,
  InvalidInput,
  jsonPathNames,
  jsonPathSchema,
  Misconfigured,
  systemUrlSchema,
  webhookSecretSchema,
} from "@inlet/contracts";
import { verifyWebhook, webhookSecretBytes, webhookSignature } from "@inlet/runtime";
import { z } from "zod";
import { valueAt } from "../fields/outside-path.ts";
import {
  defineSubscriber,
  type IncomingItem,
  type OutgoingItem,
  type OutsideValue,
  type SubscriberContext,
} from "../subscriber.ts";
import { judgeAnswer, requestName } from "../subscriber-http/judge-answer.ts";
import { parseLossless } from "../subscriber-http/lossless-json.ts";
import { incomingItem, textAt } from "./incoming-item.ts";

/** A receiver that wants no more (Standard Webhooks, "Operational considerations"). */
const GONE = 410;

const settingsSchema = z.strictObject({
  /** Who is told. Absent: for subscriptions that only take webhooks in. */
  url: systemUrlSchema.optional(),
  /** What the events are called before the dot: `item.put`, `item.removed`. */
  events: z
    .string()
    .regex(/^[a-z][a-z0-9_]*$/)
    .max(50)
    .default("item"),
  /** Sent with each request, such as a tenant's number. */
  headers: headersSchema.default({}),
  /** Where everything lies in a request that comes in. The defaults are what we send ourselves. */
  inward: z
    .strictObject({
      /** One item, or a list of them. */
      items: jsonPathSchema.default("data"),
      /** These within an item. */
      id: jsonPathSchema.default("key"),
      key: jsonPathSchema.default("key"),
      /** Nothing there: the item itself has them. */
      fields: jsonPathSchema.default("fields"),
      changedAt: jsonPathSchema.default("changedAt"),
      version: jsonPathSchema.optional(),
      /** Within the request: what kind of event it is, and which kinds mean that the item is gone. */
      type: jsonPathSchema.default("type"),
      removed: z.array(z.string()).default(["item.removed"]),
    })
    .prefault({}),
});
type Settings = z.infer<typeof settingsSchema>;
type Secrets = Readonly<Record<string, string>>;

/** Tells any receiver of each change, and takes the same in, by Standard Webhooks (https://www.standardwebhooks.com). */
export const webhook = defineSubscriber({
  name: "webhook",
  settings: settingsSchema,
  /** `whsec_…`. While it is rotated, the other one as well: what goes out is signed with both, and either is taken. */
  secrets: ["secret", "previousSecret?"],
  async push(item, context) {
    await tell(item, "put", context);
    return undefined;
  },
  remove: (item, context) => tell(item, "removed", context),
  async webhook(request, { settings, secrets }) {
    const eventId = verifyWebhook(request, signingSecrets(secrets));
    return { eventId, items: itemsOf(parsed(request.body), settings.inward) };
  },
});

async function tell(
  item: OutgoingItem,
  what: "put" | "removed",
  { settings, secrets, http }: SubscriberContext<Settings>,
): Promise<void> {
  const { url, events, headers } = settings;
  if (url === undefined)
    throw new Misconfigured({
      code: "subscription_invalid",
      message: "The webhook has no `url` to tell changes to. Say it in `settings`, or set `outward` to false.",
    });
  const { key, fields, version, changedAt, idempotencyKey } = item;
  const data = { key, version, changedAt, ...(what === "put" ? { fields } : {}) };
  const body = JSON.stringify({ type: `${events}.${what}`, timestamp: changedAt, data });
  // What is signed has dots between its parts, so that none is in the id.
  const eventId = idempotencyKey.replaceAll(".", "_");
  const sentAtSeconds = Math.floor(Date.now() / 1000);
  const answer = await http.request({
    method: "POST",
    url,
    headers: {
      ...headers,
      "content-type": "application/json",
      "user-agent": "Inlet-Sync",
      "webhook-id": eventId,
      "webhook-timestamp": String(sentAtSeconds),
      "webhook-signature": webhookSignature({ eventId, sentAtSeconds, body }, signingSecrets(secrets)),
    },
    body,
    maxBytes: ANSWER_BYTES,
  });
  const refusal = judgeAnswer(requestName("POST", url), answer);
  if (refusal !== undefined) throw answer.status === GONE ? wantsNoMore(url) : refusal;
}

/** What a receiver says is its status; a long answer is a mistake in the address. */
const ANSWER_BYTES = 1024 * 1024;

const wantsNoMore = (url: string) =>
  new Misconfigured({
    code: "receiver_gone",
    message: `${requestName("POST", url)} answered 410: it wants no more changes. Take the subscriber out of the profile, or correct the address.`,
  });

function signingSecrets({ secret, previousSecret }: Secrets): Buffer[] {
  return [secret, previousSecret].flatMap((text) => {
    if (text === undefined) return [];
    const problem = webhookSecretSchema.safeParse(text).error?.issues[0]?.message;
    if (problem !== undefined)
      throw new Misconfigured({
        code: "secret_unusable",
        message: `A secret of the webhook is none that Standard Webhooks knows: ${problem}. Store a right one.`,
      });
    return [webhookSecretBytes(text)];
  });
}

function parsed(body: Buffer): OutsideValue {
  try {
    return parseLossless(body.toString("utf8"));
  } catch (cause) {
    throw refused("its body is no JSON", cause);
  }
}

function itemsOf(body: OutsideValue, places: Settings["inward"]): IncomingItem[] {
  const found = valueAt(body, jsonPathNames(places.items)) ?? [];
  const isRemoved = places.removed.includes(textAt(body, places.type) ?? "");
  return [found].flat().map((item) => {
    const incoming = incomingItem(item, places, isRemoved);
    if (incoming === undefined)
      throw refused(`an item names itself nowhere; looked for at ${places.id}, within ${places.items}`);
    return incoming;
  });
}

const refused = (why: string, cause?: unknown) =>
  new InvalidInput({ code: "webhook_refused", message: `The webhook is refused: ${why}.`, cause });
