export * from "./blobs.ts";
