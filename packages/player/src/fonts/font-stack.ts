import { FALLBACK_FAMILIES, type Film, FONT_FAMILIES, type TextStyle } from "@inlet/storyboard/film";

const GENERIC: Readonly<Record<TextStyle["font"], string>> = {
  sans: "system-ui, sans-serif",
  serif: "serif",
  display: "serif",
  mono: "monospace",
};

/** As CSS's `font-family` writes it: the family, what draws the letters that it lacks, and what the machine has. */
export function fontStack(font: TextStyle["font"]): string {
  const families = [...new Set([FONT_FAMILIES[font], ...FALLBACK_FAMILIES])];
  return `${families.map((family) => `"${family}"`).join(", ")}, ${GENERIC[font]}`;
}

/** The families that a film's words may be set in. */
export function familiesOf(film: Film): string[] {
  const layers = film.scenes.flatMap((scene) => scene.layers);
  const own = layers.flatMap((layer) => ("font" in layer ? [FONT_FAMILIES[layer.font]] : []));
  return own.length === 0 ? [] : [...new Set([...own, ...FALLBACK_FAMILIES])];
}
