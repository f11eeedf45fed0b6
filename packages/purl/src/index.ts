export * from "./address.ts";
export * from "./landing-url.ts";
export * from "./recipients.ts";
export * from "./token.ts";
export * from "./token-writer.ts";
