export * from "./openapi/openapi.ts";
