import { WRAPPING } from "./container-name.ts";

/** What a pattern stands in for. */
export interface PatternNames {
  client: string;
  project: string;
  table: string;
}

/** A file name that fits a pattern. */
export interface PatternMatch {
  /** YYYY-MM-DD, where the pattern asks for a date or a timestamp. */
  date: string | null;
}

/** A pattern made ready. */
export interface FilePattern {
  /** How many characters of a name it fixes: of two patterns that fit, the greater one is the more specific. */
  readonly weight: number;
  /** How a person reads it, such as `store-YYYY-MM-DD.tsv`. */
  readonly words: string;
  match(fileName: string): PatternMatch | undefined;
}

const DATE = String.raw`(\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01]))`;
const TIME_OF_DAY = String.raw`(?:[01]\d|2[0-3])[0-5]\d[0-5]\d`;
const TIMESTAMP = String.raw`(\d{4}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]))_${TIME_OF_DAY}(?:_\d{1,9})?`;
const EXTENSIONS = ["csv", "tsv", "txt", "dat"];

interface Token {
  source: string;
  words: string;
  weight: number;
}

const TOKENS: Readonly<Record<string, Token>> = {
  "{date}": { source: DATE, words: "YYYY-MM-DD", weight: 10 },
  "{timestamp}": { source: TIMESTAMP, words: "YYYYMMDD_HHmmss", weight: 15 },
  "{ext}": { source: `(?:${EXTENSIONS.join("|")})`, words: `(${EXTENSIONS.join("|")})`, weight: 3 },
};

/** A data file may come wrapped: `store.tsv` also as `store.zip`, `store.tsv.gpg` and `store.tsv.zip.pgp`. */
const DATA_EXTENSION = new RegExp(String.raw`\.(?:\{ext\}|${EXTENSIONS.join("|")})$`, "i");

/**
 * Reads a pattern of the profile. Names are matched without regard to case, because many senders' systems know none.
 * What stands between two `*` is searched from left to right and never again, so a name costs no more than its length
 * times the pattern's.
 */
export function readPattern(pattern: string, names: PatternNames): FilePattern {
  const extension = DATA_EXTENSION.exec(pattern)?.[0] ?? "";
  const parts = (extension ? pattern.slice(0, -extension.length) : pattern).split("*").map((part) => read(part, names));
  const end = extension ? read(extension, names) : undefined;
  const wrapped = end ? `(?:${end.source}(?:${WRAPPING})?|${WRAPPING})` : `(?:${WRAPPING})?`;
  const sources = parts.map((part) => part.source);
  const last = sources.length - 1;
  sources[last] = `${sources[last]}${wrapped}$`;
  const searches = sources.map((source) => new RegExp(source, "iy"));
  return {
    weight: [...parts, ...(end ? [end] : [])].reduce((sum, part) => sum + part.weight, 0),
    words: parts.map((part) => part.words).join("*") + (end?.words ?? ""),
    match: (fileName) => matchParts(searches, fileName),
  };
}

/** One stretch of a pattern without `*`. */
function read(part: string, names: PatternNames): Token {
  const read: Token = { source: "", words: "", weight: 0 };
  for (const piece of part.split(/(\{[a-z]+\})/)) {
    const token = TOKENS[piece] ?? literal(named(piece, names));
    read.source += token.source;
    read.words += token.words;
    read.weight += token.weight;
  }
  return read;
}

function named(piece: string, names: PatternNames): string {
  const name = /^\{(client|project|table)\}$/.exec(piece)?.[1];
  return name === undefined ? piece : names[name as keyof PatternNames];
}

function literal(text: string): Token {
  return { source: text.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`), words: text, weight: text.length };
}

/** The first part begins where the name begins, each further one anywhere after the one before it. */
function matchParts(searches: readonly RegExp[], fileName: string): PatternMatch | undefined {
  let from = 0;
  let date: string | null = null;
  for (const [index, search] of searches.entries()) {
    const furthest = index === 0 ? 0 : fileName.length;
    const found = findPart(search, fileName, from, furthest);
    if (found === undefined) return undefined;
    from = found.end;
    date ??= found.date;
  }
  return { date };
}

function findPart(
  search: RegExp,
  fileName: string,
  from: number,
  furthest: number,
): { end: number; date: string | null } | undefined {
  for (let at = from; at <= furthest; at += 1) {
    search.lastIndex = at;
    const found = search.exec(fileName);
    if (found === null) continue;
    const dates = found
      .slice(1)
      .filter((text) => text !== undefined)
      .map(calendarDate);
    if (dates.includes(undefined)) continue;
    return { end: at + found[0].length, date: dates[0] ?? null };
  }
  return undefined;
}

const ANY_DATE = new RegExp(String.raw`(?<!\d)(?:${DATE}|${TIMESTAMP})(?!\d)`, "g");

/** The first date or timestamp in a name, as YYYY-MM-DD, wherever it stands; null when there is none. */
export function dateIn(fileName: string): string | null {
  for (const [, date, stamp] of fileName.matchAll(ANY_DATE)) {
    const found = calendarDate((date ?? stamp)!);
    if (found !== undefined) return found;
  }
  return null;
}

/** `2026-11-20` or `20261120` as `2026-11-20`; undefined for a day that no calendar has. */
function calendarDate(digits: string): string | undefined {
  const date = digits.includes("-") ? digits : `${digits.slice(0, 4)}-${digits.slice(4, 6)}-${digits.slice(6)}`;
  const time = Date.parse(`${date}T00:00:00Z`);
  return Number.isNaN(time) || new Date(time).toISOString().slice(0, 10) !== date ? undefined : date;
}
