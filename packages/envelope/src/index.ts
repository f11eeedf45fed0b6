export * from "./magic.ts";
export * from "./random-access.ts";
export * from "./unwrap.ts";
export { RATIO_FROM_BYTES, type UnwrapLimits, type ZippedFile } from "./zip.ts";
