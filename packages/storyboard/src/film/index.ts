// What the player needs of a film, and nothing else: no schema is loaded with it.
export * from "./film.ts";
export * from "./fonts.ts";
export * from "./motion.ts";
export * from "./play-button.ts";
export * from "./shown-scenes.ts";
