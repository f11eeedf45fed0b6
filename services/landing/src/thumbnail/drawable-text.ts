import type { FontCoverage } from "./font-coverage.ts";

const segmenter = new Intl.Segmenter(undefined, { granularity: "grapheme" });
/** Characters that join or vary others and are never drawn themselves. */
const UNDRAWN = /^[\p{Default_Ignorable_Code_Point}\s]$/u;

/**
 * The part of a text that the fonts can draw. Symbols and emoji that they lack are left out; where letters are lacking,
 * nothing is left: half a name is worse than none.
 */
export function drawableText(text: string, coverage: FontCoverage): string {
  let drawable = "";
  for (const { segment } of segmenter.segment(text)) {
    if (isDrawable(segment, coverage)) drawable += segment;
    else if (/[\p{L}\p{N}]/u.test(segment)) return "";
  }
  return drawable.replace(/[^\S\n]+/g, " ").trim();
}

function isDrawable(segment: string, coverage: FontCoverage): boolean {
  for (const character of segment) {
    if (!UNDRAWN.test(character) && !coverage.has(character.codePointAt(0)!)) return false;
  }
  return true;
}
