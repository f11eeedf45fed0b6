export * from "./accept-mail.ts";
export { whyAutomatic } from "./automatic.ts";
export * from "./from-address.ts";
export * from "./header-fields.ts";
export * from "./mail.ts";
export { readFacts } from "./mail-facts.ts";
export * from "./read-mail.ts";
export { removeLocations, type SpooledFile, spoolFile, sweepMailFolder } from "./spool.ts";
export { StructuredValue } from "./structured-value.ts";
