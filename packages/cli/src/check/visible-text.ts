import { replaceUnseen } from "../terminal.ts";

/** What a tab looks like, so that it is seen and its width is known. */
const TAB = "→   ";

/**
 * Text of a file as a person may look at it: nothing in it steers the terminal, and what is invisible is seen: control
 * characters as their pictures (␀ ␛), tabs as arrows, no-break and zero-width spaces by their sign or number.
 */
export const visibleText = (text: string): string => replaceUnseen(text, picture).replaceAll("\u00a0", "⍽");

function picture(character: string): string {
  if (character === "\t") return TAB;
  const code = character.codePointAt(0)!;
  if (code < 0x20) return String.fromCodePoint(0x2400 + code);
  if (code === 0x7f) return "␡";
  return `‹U+${code.toString(16).toUpperCase().padStart(4, "0")}›`;
}
