export type * from "./player-terms.ts";
export * from "./words/index.ts";
