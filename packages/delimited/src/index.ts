export * from "./added-columns.ts";
export * from "./canonical.ts";
export * from "./dialect.ts";
export * from "./rejected.ts";
export * from "./source.ts";
export * from "./with-columns.ts";
