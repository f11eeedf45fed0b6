export { RATIO_FROM_BYTES, type UnwrapLimits } from "./limits.ts";
export * from "./magic.ts";
export {
  generatePgpKey,
  type PgpKeyFacts,
  publicPartOf,
  readPgpKey,
  unlockPgpKey,
} from "./pgp/key.ts";
export type { PgpKeys, PgpMessage } from "./pgp/open.ts";
export * from "./random-access.ts";
export * from "./unwrap.ts";
export * from "./wrap.ts";
export type { Zipped, ZippedFile } from "./zip/read.ts";
