import { InvalidInput, Misconfigured } from "@inlet/contracts";
import {
  defineSubscriber,
  type IncomingPage,
  type OutgoingItem,
  type PushAnswer,
  type SubscriberContext,
} from "../../subscriber.ts";
import { isMissing, stripeFault } from "./fault.ts";
import { type OpenStripe, openStripe } from "./open-stripe.ts";
import { allObjects, changedObjects, itemOfEvent, type StripeEvent, withEmptyMetadata } from "./read-stripe.ts";
import { KEY_FIELD, type StripeSettings, stripeSettingsSchema } from "./settings.ts";
import { paramsToCreate, paramsToUpdate } from "./stripe-params.ts";

type Context = SubscriberContext<StripeSettings, OpenStripe>;

/** Customers or products in Stripe, both ways. */
export const stripe = defineSubscriber({
  name: "stripe",
  settings: stripeSettingsSchema,
  /** A restricted key that may read and write the object, and read events; and the secret of Stripe's webhook endpoint. */
  secrets: ["apiKey", "webhookSecret?"],
  open: openStripe,
  push: (item, context) => translated(() => put(item, context)),
  remove: (item, context) => translated(() => remove(item, context)),
  pull: (cursor, context) => read(context, () => changedObjects(context.opened.of(context), context.settings, cursor)),
  list: (cursor, context) => read(context, () => allObjects(context.opened.of(context).objects, cursor)),
  async webhook({ headers, body, receivedAt }, context) {
    const { webhookSecret } = context.secrets;
    if (webhookSecret === undefined)
      throw new Misconfigured({
        code: "subscription_invalid",
        message: "Stripe's webhooks are signed: name their endpoint's secret under `secrets`, as `webhookSecret`.",
      });
    const event = verified(context, { body, signature: headers["stripe-signature"] ?? "", webhookSecret, receivedAt });
    const item = itemOfEvent(event, context.settings);
    return { eventId: event.id, items: item === undefined ? [] : [withEmptyMetadata(item, context.fieldPaths)] };
  },
});

async function translated<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw stripeFault(error);
  }
}

async function read({ fieldPaths }: Context, work: () => Promise<IncomingPage>): Promise<IncomingPage> {
  const page = await translated(work);
  return { ...page, items: page.items.map((item) => withEmptyMetadata(item, fieldPaths)) };
}

async function put(item: OutgoingItem, context: Context): Promise<PushAnswer> {
  const { objects } = context.opened.of(context);
  const { id, idempotencyKey } = item;
  if (id !== null) {
    try {
      await objects.update(id, paramsToUpdate(item), { idempotencyKey: `${idempotencyKey}.update` });
      return { id };
    } catch (error) {
      // It was deleted there; ours is still here, so it is made anew.
      if (!isMissing(error)) throw error;
    }
  }
  const made = await objects.create(paramsToCreate(item), { idempotencyKey: `${idempotencyKey}.create` });
  return { id: made.id };
}

async function remove({ id, key }: OutgoingItem, context: Context): Promise<void> {
  const { objects } = context.opened.of(context);
  if (id !== null) return await removeOne(id, context);
  // The answer to its making may have been lost, so that nobody knows what it is called.
  const query = `metadata['${KEY_FIELD}']:'${key.replaceAll(/[\\']/g, "\\$&")}'`;
  const { data } = await objects.search({ query, limit: 10 });
  for (const found of data) await removeOne(found.id, context);
}

async function removeOne(id: string, context: Context): Promise<void> {
  const { objects } = context.opened.of(context);
  try {
    await objects.del(id);
  } catch (error) {
    if (isMissing(error)) return;
    if (context.settings.object !== "product" || !isInvalid(error)) throw error;
    // A product that has prices cannot be deleted; what Stripe offers instead is to archive it.
    await objects.update(id, { active: false }, { idempotencyKey: `archive.${id}.${Date.now()}` });
  }
}

const isInvalid = (error: unknown) => (error as { type?: unknown }).type === "StripeInvalidRequestError";

/** Older ones may be an attacker's, who has heard one on its way. */
const TOLERANCE_SECONDS = 300;

function verified(
  context: Context,
  request: { body: Buffer; signature: string; webhookSecret: string; receivedAt: Date },
): StripeEvent {
  const { body, signature, webhookSecret, receivedAt } = request;
  try {
    return context.opened
      .of(context)
      .stripe.webhooks.constructEvent(
        body,
        signature,
        webhookSecret,
        TOLERANCE_SECONDS,
        undefined,
        receivedAt.getTime(),
      ) as StripeEvent;
  } catch (cause) {
    throw new InvalidInput({
      code: "webhook_refused",
      message:
        "Stripe's webhook is refused: it is not signed with the endpoint's secret, or more than five minutes old.",
      cause,
    });
  }
}
