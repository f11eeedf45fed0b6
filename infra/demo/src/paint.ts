import { styleText } from "node:util";

type Style = Parameters<typeof styleText>[0];

/** Colours a text, or leaves it as it is. */
export type Paint = (style: Style, text: string) => string;

/** Colour where there is a terminal, unless NO_COLOR is set; FORCE_COLOR asks for it anywhere. */
export function openPaint(output: { isTTY?: boolean }): Paint {
  const colour = !process.env.NO_COLOR && (Boolean(output.isTTY) || Boolean(process.env.FORCE_COLOR));
  return (style, text) => (colour ? styleText(style, text, { validateStream: false }) : text);
}

/** Control characters in a stranger's text would steer the terminal. */
export function plain(text: string): string {
  return text.replace(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, "�");
}

/** Cells that a character takes in a terminal: two for the scripts of East Asia and for pictures, none for marks. */
function cellsOf(character: string): number {
  if (/^(?:\p{Mn}|\p{Me}|[\u200b-\u200f]|\ufe0f)$/u.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}

const WIDE =
  /^(?:\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}|\p{Script=Hangul}|\p{Emoji_Presentation}|[\u3000-\u303f\uff01-\uff60])$/u;

/** How many cells a text without colours takes. */
export function width(text: string): number {
  let cells = 0;
  for (const character of text) cells += cellsOf(character);
  return cells;
}

/** Fills a text up with spaces. */
export function pad(text: string, cells: number): string {
  return text + " ".repeat(Math.max(0, cells - width(text)));
}

/** Cuts a text that is too wide in its middle; `tailShare` is the part of the room that its end gets. */
export function squeeze(text: string, cells: number, tailShare = 0.4): string {
  if (width(text) <= cells) return text;
  const tailCells = Math.floor((cells - 1) * tailShare);
  const characters = [...text];
  return `${take(characters, cells - 1 - tailCells)}…${[...take(characters.reverse(), tailCells)].reverse().join("")}`;
}

function take(characters: readonly string[], cells: number): string {
  let taken = "";
  let used = 0;
  for (const character of characters) {
    used += cellsOf(character);
    if (used > cells) break;
    taken += character;
  }
  return taken;
}

/** `1,204`. */
export function number(count: number): string {
  return count.toLocaleString("en");
}

/** `1 row`, `1,204 rows`. */
export function count(amount: number, one: string, many = `${one}s`): string {
  return `${number(amount)} ${amount === 1 ? one : many}`;
}

/** `640 bytes`, `12.3 KB`. */
export function size(sizeBytes: number): string {
  if (sizeBytes < 1000) return count(sizeBytes, "byte");
  const units = ["KB", "MB", "GB", "TB"];
  let value = sizeBytes / 1000;
  let unit = 0;
  while (value >= 999.95 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${value.toFixed(1)} ${units[unit]}`;
}

/** `0.3 s`, `75 s`. */
export function seconds(ms: number): string {
  return ms < 59_950 ? `${(ms / 1000).toFixed(1)} s` : `${Math.round(ms / 1000)} s`;
}
