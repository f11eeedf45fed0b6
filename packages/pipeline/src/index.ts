export * from "./intake.ts";
export * from "./operator.ts";
export * from "./queues.ts";
export * from "./reconciler.ts";
export * from "./run-arrivals.ts";
export * from "./run-outbox.ts";
export * from "./run-stage.ts";
export * from "./stage.ts";
