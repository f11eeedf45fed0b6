import type { Film } from "@inlet/storyboard/film";
import { FONT_FILES } from "./font-files.ts";
import { familiesOf } from "./font-stack.ts";
import { SUBSETS } from "./subsets.ts";

/** What this page knows already. */
const known = new Set<string>();

/**
 * Makes the page know the fonts of a film. A browser fetches a file of them only when a letter of it is shown; until then
 * words stand in a font that the machine has.
 */
export function knowFonts(film: Film): void {
  const families = new Set(familiesOf(film));
  for (const [family, letters, regular, bold] of FONT_FILES) {
    if (!families.has(family) || known.has(family + letters)) continue;
    known.add(family + letters);
    const unicodeRange = SUBSETS[letters];
    for (const [file, weight] of [
      [regular, "400"],
      [bold, "700"],
    ] as const) {
      document.fonts.add(
        new FontFace(family, `url("${file}") format("woff2")`, { weight, unicodeRange, display: "swap" }),
      );
    }
  }
}
