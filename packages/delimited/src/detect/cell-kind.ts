/** What a cell's text looks like, as far as a stranger to the file can tell. */
export type CellKind =
  | "empty"
  | "number"
  | "date"
  | "time"
  | "timestamp"
  | "email"
  | "url"
  | "boolean"
  /** One word or code: no spaces, no marks that may part cells. */
  | "token"
  /** Words such as people write them. */
  | "text"
  /** Something that a wrong reading leaves behind: marks that may part cells, half a pair of quotes or brackets. */
  | "odd";

const NUMBER = /^[-+(]?[$€£¥]?[-+]? ?(?:\d+|\d{1,3}(?:[.,' ]\d{3})+)?(?:[.,]\d+)?(?:[eE][-+]?\d{1,3})? ?[%€$£]?\)?-?$/;
const DATE =
  /^(?:\d{4}([-/.])\d{1,2}\1\d{1,2}|\d{1,2}([-/.])\d{1,2}\2(?:\d{4}|\d{2})|\d{1,2}[-/. ](?:[A-Za-z]{3,9})[-/. ](?:\d{4}|\d{2})|[A-Za-z]{3,9} \d{1,2}, ?\d{4})$/;
const TIME = /^\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?(?: ?[AaPp]\.?[Mm]\.?)?$/;
const TIMESTAMP =
  /^(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4})[T ]{1,2}\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?(?: ?[AaPp][Mm])?(?: ?(?:Z|UTC|GMT|[-+]\d{2}:?\d{2}|[-+]\d{2}))?$/;
const EMAIL = /^[^\s@,;|"]+@[^\s@,;|"]+\.[A-Za-z]{2,}$/;
const URL = /^(?:https?|ftp|file|s3):\/\/[^\s"|]+$|^www\.[^\s"|,;]+$/i;
const BOOLEAN = /^(?:true|false|yes|no|ja|nein|oui|non|y|n|t|f)$/i;
const MISSING = /^(?:null|nil|none|n\/a|na|nan|#n\/a|-|--|\\N|\?|''|"")$/i;
/** The marks that may part cells; a comma or semicolon within prose has a space after it. */
const PARTING = /[|\t]|;(?! )|,(?! )/;
const PAIRS: readonly (readonly [string, string])[] = [
  ["(", ")"],
  ["[", "]"],
  ["{", "}"],
];
/** Longer texts are prose; their beginning says so. */
const LONGEST = 300;

/** What the text of an unquoted cell looks like. */
export function cellKind(cell: string): CellKind {
  const text = cell.trim();
  if (text === "" || MISSING.test(text)) return "empty";
  const first = text.charCodeAt(0);
  if (text.length <= 40) {
    if (/\d/.test(text)) {
      if (NUMBER.test(text)) return "number";
      if (DATE.test(text)) return "date";
      if (TIME.test(text)) return "time";
      if (TIMESTAMP.test(text)) return "timestamp";
    } else if (BOOLEAN.test(text)) {
      return "boolean";
    }
  }
  if (text.includes("@") && EMAIL.test(text)) return "email";
  if (URL.test(text)) return "url";
  const start = text.length > LONGEST ? text.slice(0, LONGEST) : text;
  if (PARTING.test(start)) return "odd";
  if (isHalfQuoted(text, first)) return "odd";
  if (text.length <= LONGEST && PAIRS.some(([open, close]) => count(text, open) !== count(text, close))) return "odd";
  return /\s/.test(start) ? "text" : "token";
}

/** A quote at one end only, or at both where the reading does not take it for a quote. */
function isHalfQuoted(text: string, first: number): boolean {
  const last = text.charCodeAt(text.length - 1);
  if (first === 0x22 || last === 0x22) return !/\d"$/.test(text) || first === 0x22;
  return first === 0x27 && last === 0x27 && text.length > 1;
}

function count(text: string, character: string): number {
  let found = 0;
  for (let at = text.indexOf(character); at !== -1; at = text.indexOf(character, at + 1)) found += 1;
  return found;
}

/** How much a cell of this kind speaks for the reading that made it, from 0 to 1. */
export const KIND_WEIGHT: Readonly<Record<CellKind, number>> = {
  empty: 0.8,
  number: 1,
  date: 1,
  time: 1,
  timestamp: 1,
  email: 1,
  url: 1,
  boolean: 1,
  token: 0.9,
  text: 0.75,
  odd: 0,
};
