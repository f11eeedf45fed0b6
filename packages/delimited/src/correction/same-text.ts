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

/**
 * Whether a returned cell is what a spreadsheet makes by itself of the one that was handed out: `007` shown as `7`, `1.50`
 * as `1.5`, twelve digits and more rounded to `4.00638E+12`, a date in the country's own form, `true` in capitals. Only for
 * cells that had no fault: in those that had, such a change may be just what mends them.
 */
export function isRespelt(given: string, returned: string): boolean {
  const text = returned.trim();
  if (/^(true|false)$/i.test(given)) return text.toLowerCase() === given.toLowerCase();
  const date = /^(\d{4})-(\d\d)-(\d\d)$/.exec(given);
  if (date !== null) return isSameDay(date.slice(1).map(Number), text);
  if (!/^[+-]?\d+([.,]\d+)?$/.test(given)) return false;
  const number = Number(given.replace(",", "."));
  const shown = text.replace(",", ".");
  if (/^[+-]?\d+(\.\d+)?$/.test(shown)) return Number(shown) === number;
  return /^[+-]?\d(\.\d+)?E\+\d+$/i.test(shown) && Math.abs(Number(shown) - number) <= Math.abs(number) / 1000;
}

function isSameDay([year, month, day]: number[], text: string): boolean {
  const parts = /^(\d{1,2})[./-](\d{1,2})[./-](\d{4}|\d{2})$/.exec(text)?.slice(1).map(Number);
  if (parts === undefined) return false;
  const [one, other, shownYear] = parts;
  const isYear = shownYear === year || shownYear === year! % 100;
  return isYear && ((one === day && other === month) || (one === month && other === day));
}
