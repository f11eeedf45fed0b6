import { widthOf } from "../terminal.ts";

/** What a tab looks like, so that it is seen and its width is known. */
const TAB = "→   ";
const ESCAPE_FREE = /^[\x20-\x7e]*$/;
const GRAPHEMES = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/**
 * Text of a file as a person may look at it: nothing in it steers the terminal, and what is invisible is seen: control
 * characters as their pictures (␀ ␛), tabs as arrows, no-break and zero-width spaces by their sign or number.
 */
export function visibleText(text: string): string {
  if (ESCAPE_FREE.test(text)) return text;
  return text.replace(
    /[\u0000-\u001f\u007f-\u00a0\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]/gu,
    visibleCharacter,
  );
}

function visibleCharacter(character: string): string {
  if (character === "\t") return TAB;
  if (character === "\u00a0") return "⍽";
  const code = character.codePointAt(0)!;
  if (code < 0x20) return String.fromCodePoint(0x2400 + code);
  if (code === 0x7f) return "␡";
  return `‹U+${code.toString(16).toUpperCase().padStart(4, "0")}›`;
}

/** The beginning of a visible text that fits a width, or its end. */
export function fitting(text: string, width: number, from: "start" | "end"): string {
  if (widthOf(text) <= width) return text;
  // No character is wider than two columns, and most have one: more of them than this cannot fit.
  const near = from === "start" ? text.slice(0, width * 8 + 64) : text.slice(-(width * 8 + 64));
  const letters = [...GRAPHEMES.segment(near)].map(({ segment }) => segment);
  if (from === "end") letters.reverse();
  const kept: string[] = [];
  let used = 0;
  for (const letter of letters) {
    used += widthOf(letter);
    if (used > width) break;
    kept.push(letter);
  }
  return (from === "end" ? kept.reverse() : kept).join("");
}
