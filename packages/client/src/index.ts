export * from "./api-client.ts";
export * from "./api-refusal.ts";
export * from "./upload.ts";
