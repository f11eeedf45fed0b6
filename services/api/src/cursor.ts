export * from "./requests/cursor.ts";
