export { openPlayer } from "./open-player.ts";
export type * from "./player-terms.ts";
export * from "./words/index.ts";
