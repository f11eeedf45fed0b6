export * from "./added-columns.ts";
export type { FailedRecord } from "./block-checker.ts";
export * from "./canonical.ts";
export * from "./check.ts";
export { planColumns } from "./column-plan.ts";
export * from "./dialect.ts";
export * from "./rejected.ts";
export * from "./source.ts";
export * from "./with-columns.ts";
