import type { Row } from "@inlet/storyboard";
import type { Fonts } from "../fonts/open-fonts.ts";

const segmenter = new Intl.Segmenter(undefined, { granularity: "grapheme" });
/** Characters that join or vary others and are never drawn themselves. */
const UNDRAWN = /^[\p{Default_Ignorable_Code_Point}\s]$/u;
const LETTER = /[\p{L}\p{N}]/u;
/** Every font has them: most text is looked at no further. */
const PLAIN = /^[\n -~]*$/;

type Coverage = Pick<Fonts, "has">;

/**
 * The part of a text that the fonts can draw. Symbols and emoji that they lack are left out; where letters are lacking,
 * nothing is left: half a name is worse than none.
 */
export function drawableText(text: string, fonts: Coverage): string {
  return lacksLetters(text, fonts)
    ? ""
    : withoutUndrawable(text, fonts)
        .replace(/[^\S\n]+/g, " ")
        .trim();
}

/**
 * A recipient's row as pictures can show it: a value with letters that no font has counts as an empty cell, so that its
 * fallback stands there. Browsers have more fonts; pages take the row as it is.
 */
export function drawableRow(row: Row, fonts: Coverage): Row {
  return (column) => {
    const value = row(column);
    return value && lacksLetters(value, fonts) ? null : value;
  };
}

/** The text without the characters that no font can draw. Blanks stay as they are. */
export function withoutUndrawable(text: string, fonts: Coverage): string {
  if (PLAIN.test(text)) return text;
  let drawable = "";
  for (const { segment } of segmenter.segment(text)) if (isDrawable(segment, fonts)) drawable += segment;
  return drawable;
}

function lacksLetters(text: string, fonts: Coverage): boolean {
  if (PLAIN.test(text)) return false;
  for (const character of text) {
    if (LETTER.test(character) && !fonts.has(character.codePointAt(0)!)) return true;
  }
  return false;
}

function isDrawable(segment: string, fonts: Coverage): boolean {
  for (const character of segment) {
    if (!UNDRAWN.test(character) && !fonts.has(character.codePointAt(0)!)) return false;
  }
  return true;
}
