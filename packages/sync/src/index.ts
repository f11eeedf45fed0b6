export type { CatalogPlace, OpenCatalog } from "./catalog/catalog.ts";
export { type FileRows, type ImportedItems, importItems } from "./catalog/import-items.ts";
export { keyOf } from "./catalog/key.ts";
export { leaveCatalog, leaveForReplacement } from "./catalog/leave-catalog.ts";
export { loadConflicts } from "./catalog/load-conflicts.ts";
export { openCatalog, readingCatalog } from "./catalog/open-catalog.ts";
export { type IncomingRow, type Saying, type WrittenItem, writeItems } from "./catalog/write-items.ts";
export * from "./check-items/check-items.ts";
export { type Failure, failureOf, needsPerson, passing, refusedItem } from "./failure.ts";
export * from "./fields/field-mapping.ts";
export { contentHash } from "./merge/content-hash.ts";
export type { Values } from "./merge/item.ts";
export { type ConflictFunction, type ConflictFunctions, missingFunctions } from "./merge/rules.ts";
export {
  loadSubscribers,
  type RegisteredSubscriber,
  registered,
  type SubscriberRegistry,
} from "./registry/load-subscribers.ts";
export { type OpenSubscriber, openSubscriber, type SubscriberParts } from "./registry/open-subscriber.ts";
export { openSequencer, type Sequencer, type SequencerParts } from "./sequencer/sequencer.ts";
export * from "./subscriber.ts";
