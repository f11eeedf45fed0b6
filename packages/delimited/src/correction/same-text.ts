import { encodeText } from "../scan/encoding.ts";

/**
 * Whether a returned cell is the one that was handed out, although a spreadsheet saved it: with its own line ends inside
 * the cell, or in Windows-1252, where it writes a question mark for each character that it does not have there.
 */
export function isSameText(given: string, returned: string): boolean {
  if (given === returned) return true;
  const one = withPlainLineEnds(given);
  const other = withPlainLineEnds(returned);
  return one === other || (other.includes("?") && questioned(one, other));
}

function withPlainLineEnds(text: string): string {
  return text.includes("\r") ? text.replace(/\r\n?/g, "\n") : text;
}

/** Whether `returned` is `given` with question marks for what Windows-1252 does not have: one or two beyond U+FFFF. */
function questioned(given: string, returned: string): boolean {
  const fold = (marksBeyond: string) =>
    Array.from(given, (character) => {
      if (encodeText(character, "windows-1252") !== undefined) return character;
      return character.length === 2 ? marksBeyond : "?";
    }).join("");
  return fold("??") === returned || fold("?") === returned;
}
