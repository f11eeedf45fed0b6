export * from "./batch.ts";
export * from "./errors.ts";
export * from "./issue.ts";
export * from "./jobs.ts";
export * from "./message.ts";
export * from "./names.ts";
export * from "./profile.ts";
export * from "./table.ts";
