import type { Marks } from "./dialect.ts";
import { CR, LF } from "./line-ends.ts";

/** What a byte means to the scanner. */
export const ORDINARY = 0;
/** A delimiter or a line end; inside quotes a line end. */
export const BREAK = 1;
export const QUOTE = 2;
export const NUL = 3;
/** A backslash, where it takes the meaning of what follows. */
export const ESCAPE = 4;
/** At a field's start: a space or tab that is not the delimiter, and that may matter. */
export const SPACE = 5;

export const TAB = 9;
export const BACKSLASH = 0x5c;
const BLANK = 0x20;

/** A dialect's marks as bytes and tables with one entry per byte. */
export interface ByteMeanings {
  delimiter: number;
  /** -1: none. */
  quote: number;
  /** In a field without quotes. */
  plain: Uint8Array;
  inQuotes: Uint8Array;
  /** At a field's start: QUOTE, SPACE, or ORDINARY for all that `plain` can tell. */
  opening: Uint8Array;
}

/** What each byte means in a dialect. */
export function byteMeanings({ delimiter, quote, escape: kind, trimSpaces }: Marks): ByteMeanings {
  const meanings: ByteMeanings = {
    delimiter: delimiter.charCodeAt(0),
    quote: quote === null ? -1 : quote.charCodeAt(0),
    plain: new Uint8Array(256),
    inQuotes: new Uint8Array(256),
    opening: new Uint8Array(256),
  };
  const { plain, inQuotes, opening } = meanings;
  for (const table of [plain, inQuotes]) {
    table[0] = NUL;
    table[LF] = BREAK;
    table[CR] = BREAK;
    if (quote !== null) table[meanings.quote] = QUOTE;
  }
  if (kind === "backslash") (quote === null ? plain : inQuotes)[BACKSLASH] = ESCAPE;
  if (quote !== null || trimSpaces === true) {
    opening[BLANK] = SPACE;
    opening[TAB] = SPACE;
  }
  if (quote !== null) opening[meanings.quote] = QUOTE;
  plain[meanings.delimiter] = BREAK;
  opening[meanings.delimiter] = ORDINARY;
  return meanings;
}
