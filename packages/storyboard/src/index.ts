export * from "./film.ts";
export * from "./fonts.ts";
export * from "./motion.ts";
