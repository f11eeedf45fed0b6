export * from "./blobs.ts";
export * from "./sync-folder.ts";
