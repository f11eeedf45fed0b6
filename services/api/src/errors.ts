export * from "./requests/errors.ts";
