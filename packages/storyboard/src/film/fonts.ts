import type { TextStyle } from "./film.ts";

/** The families behind the storyboard's font names. Player and renderer both bring them along, so that lines break alike. */
export const FONT_FAMILIES: Readonly<Record<TextStyle["font"], string>> = {
  sans: "Inter",
  serif: "Lora",
  display: "Fraunces",
  mono: "JetBrains Mono",
};

/** What draws the letters that a family has none of, in this order, before whatever else there is. */
export const FALLBACK_FAMILIES = ["Inter", "Noto Sans Hebrew", "Noto Sans Arabic"] as const;
