export * from "./catalogs.ts";
export { type Failure, failureOf, needsPerson, passing, refusedItem } from "./failure.ts";
export * from "./fields/field-mapping.ts";
export {
  loadSubscribers,
  type RegisteredSubscriber,
  registered,
  type SubscriberRegistry,
} from "./registry/load-subscribers.ts";
export { type OpenSubscriber, openSubscriber, type SubscriberParts } from "./registry/open-subscriber.ts";
export * from "./subscriber.ts";
