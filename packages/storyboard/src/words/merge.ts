import type { PlaceholderFormat } from "@inlet/contracts";
import type { Row } from "../row.ts";
import { type Direction, directionOf, hasRightToLeft } from "./direction.ts";
import { displayText } from "./display-text.ts";
import { formatValue } from "./format-value.ts";
import { afterNothing, closedBefore } from "./left-out.ts";
import { type Placeholder, parseTemplate, type Template } from "./template.ts";

/** Merged words, and which way they are written. */
export interface Words {
  text: string;
  direction: Direction;
}

/** What words are merged from. */
export interface Merging {
  row: Row;
  /** What stands in for an empty cell, by column. */
  fallbacks: Readonly<Record<string, string>>;
  /** BCP 47. */
  language: string;
  /** Of the film, for texts without a letter of their own. */
  direction: Direction;
}

/** How much of one value is shown, and whether its line breaks are. */
export interface ValueLimits {
  maxCharacters: number;
  lines: boolean;
}

interface Piece {
  text: string;
  /** It came from the client's file. */
  personal: boolean;
}

/**
 * Puts a recipient's values into a text. What is missing becomes its fallback, or nothing; then the blank before it goes
 * too: "Hello {{name}}, …" reads "Hello, …". A value is shown as text alone, whatever it holds, and where anything is written
 * from right to left, values stand isolated (U+2068 … U+2069, UAX #9), so that they cannot reorder the words around them.
 */
export function mergeWords(template: string, merging: Merging, limits: ValueLimits): Words {
  const parsed = parseTemplate(template);
  if (isPlain(parsed)) return plainWords(parsed, merging.direction);
  const pieces = piecesOf(parsed, (placeholder) => shownValue(placeholder, merging, limits));
  const own = pieces.filter(({ personal }) => !personal).map(({ text }) => text);
  // The author's words decide: a Hebrew name in an English sentence does not turn it round.
  return { text: joined(pieces), direction: directionOf(own.join(" "), merging.direction) };
}

/** A cell by itself, as text to be shown; empty for an empty one. */
export function cellWords(
  column: string,
  format: PlaceholderFormat | undefined,
  merging: Merging,
  limits: ValueLimits,
): Words {
  const text = cellText(column, format, merging, limits);
  return { text, direction: directionOf(text, merging.direction) };
}

function shownValue(placeholder: Placeholder, merging: Merging, limits: ValueLimits): Piece {
  const { column, format, fallback } = placeholder;
  const text = cellText(column, format, merging, limits);
  if (text !== "") return { text, personal: true };
  return { text: fallback ?? fallbackOf(column, merging), personal: false };
}

export function fallbackOf(column: string, { fallbacks }: Pick<Merging, "fallbacks">): string {
  return Object.hasOwn(fallbacks, column) ? fallbacks[column]! : "";
}

function cellText(
  column: string,
  format: PlaceholderFormat | undefined,
  { row, language }: Merging,
  limits: ValueLimits,
): string {
  const cell = row(column);
  if (cell === null || cell === undefined || cell === "") return "";
  // Tidied first: a format meets nothing longer or stranger than what will be shown.
  const text = displayText(cell, limits);
  return format === undefined || text === "" ? text : formatValue(text, format, language);
}

const isPlain = ({ parts }: Template) => parts.length === 0 || (parts.length === 1 && typeof parts[0] === "string");

const plain: Readonly<Record<Direction, WeakMap<Template, Words>>> = { ltr: new WeakMap(), rtl: new WeakMap() };

/** Half of a storyboard's texts are the same for everybody. */
function plainWords(template: Template, otherwise: Direction): Words {
  let words = plain[otherwise].get(template);
  if (words === undefined) {
    const text = String(template.parts[0] ?? "").trim();
    words = { text, direction: directionOf(text, otherwise) };
    plain[otherwise].set(template, words);
  }
  return words;
}

function piecesOf({ parts }: Template, valueFor: (placeholder: Placeholder) => Piece): Piece[] {
  const pieces: Piece[] = [];
  let trimNext = false;
  parts.forEach((part, index) => {
    if (typeof part === "string") {
      const words = trimNext ? afterNothing(part) : part;
      trimNext = false;
      if (words !== "") pieces.push({ text: words, personal: false });
      return;
    }
    const value = valueFor(part);
    if (value.text !== "") {
      trimNext = false;
      pieces.push(value);
      return;
    }
    if (pieces.every(({ text }) => text.trim() === "")) {
      trimNext = true;
      return;
    }
    const next = parts[index + 1];
    const last = pieces.at(-1)!;
    if (!last.personal && typeof next !== "object") last.text = closedBefore(last.text, next ?? "");
  });
  return pieces;
}

function joined(pieces: readonly Piece[]): string {
  const isolate = pieces.some(({ text }) => hasRightToLeft(text));
  return pieces
    .map(({ text, personal }) => (personal && isolate ? `\u2068${text}\u2069` : text))
    .join("")
    .trim();
}
