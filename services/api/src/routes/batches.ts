export * from "../batches/batch-routes.ts";
