import { createRequire } from "node:module";
import { styleText } from "node:util";

export type Style = "bold" | "dim" | "green" | "yellow" | "red" | "cyan";

/** What a command writes to: colours and width as the terminal has them, or none of it in a pipe. */
export interface Terminal {
  readonly isTTY: boolean;
  /** Infinite in a pipe: what a program reads is not cut. */
  readonly columns: number;
  write(text: string): void;
  line(text?: string): void;
  paint(style: Style, text: string): string;
}

const LEAST_WIDTH = 60;

/** A stream as a terminal. Colours only where they are seen, never with NO_COLOR (no-color.org). */
export function terminalOn(stream: NodeJS.WriteStream): Terminal {
  return {
    isTTY: Boolean(stream.isTTY),
    get columns() {
      return stream.isTTY ? Math.max(LEAST_WIDTH, stream.columns || 80) : Number.POSITIVE_INFINITY;
    },
    write: (text) => void stream.write(text),
    line: (text = "") => void stream.write(`${text}\n`),
    paint: (style, text) => styleText(style, text, { stream, validateStream: true }),
  };
}

const PLAIN = /^[\x20-\x7e]*$/;
/** What steers a terminal (C0 and C1 controls, line separators, what turns the direction of text round), or is not seen. */
const UNSEEN =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]/gu;

/** Text from outside as it may be shown: a file's name or a cell cannot steer the terminal. */
export function printable(text: string): string {
  return replaceUnseen(text, (letter) => (letter === "\t" || letter === "\n" ? " " : "\ufffd"));
}

/** Shows in another way what a terminal would obey or swallow. */
export function replaceUnseen(text: string, show: (letter: string) => string): string {
  return PLAIN.test(text) ? text : text.replace(UNSEEN, show);
}

/** Letters of one column each, which most text is made of: Latin ones, punctuation, and the signs that we draw with. */
const NARROW =
  /^[\x20-\x7e\u00a1-\u00ac\u00ae-\u02ff\u2010-\u2027\u2039\u203a\u2190-\u2193\u2400-\u2426\u2500-\u259f\u2713\u2717]*$/;
const require = createRequire(import.meta.url);
let stringWidth: typeof import("string-width").default | undefined;

/** Columns that a text takes on a terminal; colours take none. What knows all letters is loaded when one needs it. */
export function widthOf(text: string): number {
  if (NARROW.test(text)) return text.length;
  stringWidth ??= (require("string-width") as typeof import("string-width")).default;
  return stringWidth(text);
}

/** Cuts a text without colours to a width, with an ellipsis. `from: "start"` keeps its end. */
export function cut(text: string, width: number, from: "start" | "end" = "end"): string {
  if (widthOf(text) <= width) return text;
  return from === "start" ? `…${fitting(text, width - 1, "end")}` : `${fitting(text, width - 1, "start")}…`;
}

const LETTERS = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** The beginning of a text without colours that fits a width, or its end. */
export function fitting(text: string, width: number, keep: "start" | "end"): string {
  if (widthOf(text) <= width) return text;
  // More characters than this do not fit: few letters have more than one or two.
  const most = Math.max(0, width) * 8 + 64;
  const near = keep === "start" ? text.slice(0, most) : text.slice(-most);
  const letters = [...LETTERS.segment(near)].map(({ segment }) => segment);
  if (keep === "end") letters.reverse();
  const kept: string[] = [];
  let used = 0;
  for (const letter of letters) {
    used += widthOf(letter);
    if (used > width) break;
    kept.push(letter);
  }
  return (keep === "end" ? kept.reverse() : kept).join("");
}
