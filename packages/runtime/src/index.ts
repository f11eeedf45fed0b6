export * from "./env.ts";
export * from "./failpoint.ts";
export * from "./health.ts";
export * from "./logger.ts";
export * from "./made-once.ts";
export * from "./password.ts";
export * from "./sealing.ts";
export * from "./service.ts";
