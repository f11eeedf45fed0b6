export type { BlobReader } from "./blob-reader.ts";
export * from "./blobs.ts";
export * from "./byte-range.ts";
export { readSmallFile } from "./small-file.ts";
export * from "./sync-folder.ts";
