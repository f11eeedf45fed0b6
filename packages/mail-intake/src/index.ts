export * from "./accept-mail.ts";
export * from "./from-address.ts";
export * from "./header-fields.ts";
export * from "./mail.ts";
export * from "./read-mail.ts";
export { StructuredValue } from "./structured-value.ts";
