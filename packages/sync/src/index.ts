export { verifyWebhook, webhookSecretBytes } from "@inlet/runtime";
export * from "./catalogs.ts";
export { type Failure, failureOf, needsPerson, passing, refusedItem } from "./failure.ts";
export * from "./fields/field-mapping.ts";
export { sealItems, storedEventId } from "./inward/event-body.ts";
export type { InwardFigures, InwardOptions } from "./inward/inward-options.ts";
export type { InwardRules } from "./inward/inward-parts.ts";
export type { OpenSubscriptions } from "./inward/open-subscriptions.ts";
export { type Inward, runInward } from "./inward/run-inward.ts";
export { linkHash } from "./outward/link-hash.ts";
export type { OutwardFigures, OutwardOptions, PushOutcome } from "./outward/outward-options.ts";
export { runOutward } from "./outward/run-outward.ts";
export {
  loadSubscribers,
  type RegisteredSubscriber,
  registered,
  type SubscriberRegistry,
} from "./registry/load-subscribers.ts";
export { openSubscriber } from "./registry/open-subscriber.ts";
export type { OpenSubscriber, SubscriberParts } from "./registry/opened-subscriber.ts";
export * from "./subscriber.ts";
export { postgres } from "./subscribers/postgres/postgres.ts";
export { sftpFile } from "./subscribers/sftp-file/sftp-file.ts";
export { keepRegistered, type RegistrationOptions } from "./subscriptions/register-subscriptions.ts";
export { openSubscription, type SubscriptionHost, type SubscriptionPlace } from "./subscriptions/subscription-host.ts";
