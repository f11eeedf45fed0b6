export { playerWords } from "./languages.ts";
export type { PlayerWords } from "./player-words.ts";
