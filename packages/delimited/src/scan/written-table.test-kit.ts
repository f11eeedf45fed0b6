import fc from "fast-check";
import type { Marks } from "./dialect.ts";

/** A dialect, and the choices that it leaves to who writes. */
export interface WritingStyle {
  marks: Required<Marks>;
  ends: readonly string[];
  quoteAll: boolean;
  endsWithEnd: boolean;
  /** Where a free choice is to be made, the next of these numbers makes it. */
  choices: readonly number[];
}

/** A table as text, and what a scan has to find in it. Positions are bytes. */
export interface WrittenTable {
  text: string;
  records: string[][];
  starts: number[];
  ends: number[];
  lines: number[];
  blankLines: number;
  commentLines: number;
  trailer: string[] | null;
}

const DELIMITERS = [",", ";", "|", "\t", " ", ":", "~", "^", "-", "\x01", "\x1f"];
const TRAILER = "TOTAL";

/** Any style of any dialect. */
export const styles: fc.Arbitrary<WritingStyle> = fc.record({
  marks: fc.record({
    delimiter: fc.constantFrom(...DELIMITERS),
    quote: fc.constantFrom<'"' | "'" | null>('"', '"', "'", null),
    escape: fc.constantFrom("doubled", "backslash"),
    comment: fc.constantFrom(null, "#", "%"),
    reading: fc.constantFrom("strict", "tolerant"),
    trimSpaces: fc.boolean(),
    trailer: fc.constantFrom(null, TRAILER),
  }),
  ends: fc.constantFrom(["\n"], ["\r\n"], ["\r"], ["\n", "\r\n"]),
  quoteAll: fc.boolean(),
  endsWithEnd: fc.boolean(),
  choices: fc.array(fc.nat(5), { minLength: 1, maxLength: 30 }),
});

const PIECES = [
  '"',
  "'",
  ",",
  ";",
  "|",
  "\t",
  ":",
  "-",
  "\n",
  "\r\n",
  "\r",
  "\\",
  "#",
  "%",
  "a",
  "bc",
  "é",
  "n",
  "1",
  " ",
];

/** Tables of cells in which the characters that matter come often. */
export const tables: fc.Arbitrary<string[][]> = fc.integer({ min: 2, max: 5 }).chain((width) => {
  const cell = fc.array(fc.constantFrom(...PIECES), { maxLength: 7 }).map((parts) => parts.join(""));
  return fc.array(fc.array(cell, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 10 });
});

/** Writes a table; cells that a dialect without quotes and escapes cannot hold are made such that it can. */
export function writeTable(table: readonly (readonly string[])[], style: WritingStyle): WrittenTable {
  const { marks, ends, quoteAll, endsWithEnd, choices } = style;
  const { delimiter, comment, trimSpaces, trailer, quote } = marks;
  let chosen = 0;
  const choose = (count: number) => choices[chosen++ % choices.length]! % count;
  const written: WrittenTable = {
    text: "",
    records: [],
    starts: [],
    ends: [],
    lines: [],
    blankLines: 0,
    commentLines: 0,
    trailer: null,
  };
  const lineEnd = () => ends[choose(ends.length)]!;
  const space = () => [" ", "\t"].find((mark) => mark !== delimiter)!;

  const writeCell = (text: string, isFirst: boolean): string => {
    if (quote === null) return writeBare(text, marks, isFirst);
    const isNeeded =
      /[\r\n]/.test(text) ||
      text.includes(delimiter) ||
      text.includes(quote) ||
      (trimSpaces && /^[ \t]|[ \t]$/.test(text)) ||
      (isFirst && (text[0] === comment || /^[ \t]*$/.test(text)));
    const isQuoted = isNeeded || quoteAll || choose(4) === 0;
    const mayPad = trimSpaces || (isQuoted && marks.reading === "tolerant");
    const pad = () => (mayPad && choose(3) === 0 ? space() : "");
    return pad() + (isQuoted ? quote + escapeQuotes(text, quote, marks.escape, choose(2) === 0) + quote : text) + pad();
  };
  const passLines = () => {
    for (let kind = choose(5); kind < 2; kind = choose(5)) {
      if (kind === 0) {
        written.text += lineEnd();
        written.blankLines += 1;
      } else if (comment !== null) {
        written.text += `${comment} "it's${delimiter}\\${lineEnd()}`;
        written.commentLines += 1;
      }
      if (chosen > 200) break;
    }
  };

  table.forEach((row, index) => {
    const cells =
      quote === null && marks.escape === "doubled" ? row.map((text, i) => tame(text, marks, i === 0)) : [...row];
    passLines();
    written.records.push(cells);
    written.starts.push(Buffer.byteLength(written.text));
    written.lines.push(1 + (written.text.match(/\r\n|\r|\n/g)?.length ?? 0));
    written.text += cells.map((text, i) => writeCell(text, i === 0)).join(delimiter);
    written.ends.push(Buffer.byteLength(written.text));
    if (endsWithEnd || trailer !== null || index < table.length - 1) written.text += lineEnd();
  });
  if (trailer !== null) {
    written.trailer = [trailer, "5", "x"];
    const first = quote !== null && (quoteAll || choose(2) === 0) ? quote + trailer + quote : trailer;
    written.text += [first, "5", "x"].join(delimiter) + (endsWithEnd ? lineEnd() : "");
  }
  return written;
}

function escapeQuotes(text: string, quote: string, kind: Marks["escape"], isSparing: boolean): string {
  if (kind === "doubled") return text.replaceAll(quote, quote + quote);
  return text.replace(/["'\\]/g, (mark, at: number) => {
    if (mark !== quote && mark !== "\\") return mark;
    const next = text[at + 1];
    const mayStayAlone = mark === "\\" && next !== undefined && next !== quote && next !== "\\";
    return isSparing && mayStayAlone ? mark : `\\${mark}`;
  });
}

/** A cell without quotes: with backslashes where the dialect has them. */
function writeBare(text: string, { escape: kind, delimiter, trimSpaces, comment }: Required<Marks>, isFirst: boolean) {
  if (kind === "doubled") return text;
  return Array.from(text, (mark, at) => {
    // Before a line feed that ends the record, an escaped carriage return would take it along.
    if (mark === "\r") return "\\r";
    const isSpace = trimSpaces && (mark === " " || mark === "\t");
    const isSpecial =
      mark === delimiter || "\r\n\\".includes(mark) || isSpace || (isFirst && at === 0 && mark === comment);
    return isSpecial ? `\\${mark}` : mark;
  }).join("");
}

function tame(text: string, { delimiter, trimSpaces, comment }: Required<Marks>, isFirst: boolean): string {
  const plain = text.replace(/[\r\n]/g, "").replaceAll(delimiter, "");
  const trimmed = trimSpaces ? plain.replace(/^[ \t]+|[ \t]+$/g, "") : plain;
  return isFirst && trimmed[0] === comment ? `x${trimmed}` : trimmed;
}
