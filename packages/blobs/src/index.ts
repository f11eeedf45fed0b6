export type { BlobReader } from "./blob-reader.ts";
export type { BlobWriter, StoredBlob } from "./blob-writer.ts";
export * from "./blobs.ts";
export * from "./byte-range.ts";
export { readSmallFile } from "./small-file.ts";
export * from "./sync-folder.ts";
