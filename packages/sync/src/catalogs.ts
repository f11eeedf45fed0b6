// Catalogs without subscribers: for the importer and the API, which need nothing of what speaks to other systems.
export type { CatalogPlace, OpenCatalog } from "./catalog/catalog.ts";
export { type FileRows, type ImportedItems, importItems } from "./catalog/import-items.ts";
export { forgetHistories, keepHistories } from "./catalog/keep-histories.ts";
export { keyOf } from "./catalog/key.ts";
export { leaveCatalog, leaveForReplacement } from "./catalog/leave-catalog.ts";
export { loadConflicts } from "./catalog/load-conflicts.ts";
export { openCatalog, readingCatalog } from "./catalog/open-catalog.ts";
export { type IncomingRow, type Saying, type WrittenItem, writeItems } from "./catalog/write-items.ts";
export * from "./check-items/check-items.ts";
export { inwardColumns } from "./fields/field-mapping.ts";
export { contentHash } from "./merge/content-hash.ts";
export type { Values } from "./merge/item.ts";
export { type ConflictFunction, type ConflictFunctions, missingFunctions } from "./merge/rules.ts";
export { openSequencer, type Sequencer, type SequencerParts } from "./sequencer/sequencer.ts";
