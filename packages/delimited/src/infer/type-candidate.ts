import { type Column, columnSchema } from "@inlet/contracts";
import { ColumnPlan } from "../cells/column-plan.ts";

/** How the cells of a column may have to be read: the part of a column that says so. */
export type Reading = Pick<Column, "type"> &
  Partial<Pick<Column, "format" | "decimalSeparator" | "trueValues" | "falseValues">>;

/** One way in which a column's cells may be read. */
export interface TypeCandidate {
  reading: Reading;
  /** Reads the cells with the very code that checks them; made when a cell may be one. */
  plan(): ColumnPlan;
  /** The marks that a cell must hold, and those that it must not, to be worth a try; see {@link marksOf}. */
  needs: number;
  forbids: number;
}

const DIGIT = 1;
const DOT = 2;
const COMMA = 4;
const SLASH = 8;
const DASH = 16;
const COLON = 32;
const SPACE = 64;
const OTHER = 128;

/** What stands in a cell, as a bit set: it tells most of the ways to read it apart before any is tried. */
export function marksOf(bytes: Buffer, from: number, to: number): number {
  let marks = 0;
  for (let i = from; i < to; i += 1) marks |= MARKS[bytes[i]!]!;
  return marks;
}

const MARKS = Uint8Array.from({ length: 256 }, (_, byte) => markOf(String.fromCharCode(byte)));

function markOf(character: string): number {
  if (character >= "0" && character <= "9") return DIGIT;
  const found: Readonly<Record<string, number>> = {
    ".": DOT,
    ",": COMMA,
    "/": SLASH,
    "-": DASH,
    ":": COLON,
    " ": SPACE,
    "+": 0,
  };
  return found[character] ?? OTHER;
}

/** The marks that a format writes between its letters. */
function marksIn(format: string): number {
  return Array.from(format.replace(/[A-Za-z']/g, "")).reduce((marks, character) => marks | markOf(character), DIGIT);
}

/** Both words of a pair, in the languages in which client files come. */
const TRUTHS: readonly (readonly [string, string])[] = [
  ["true", "false"],
  ["yes", "no"],
  ["y", "n"],
  ["t", "f"],
  ["on", "off"],
  ["ja", "nein"],
  ["wahr", "falsch"],
  ["oui", "non"],
  ["vrai", "faux"],
  ["si", "no"],
  ["sí", "no"],
  ["sì", "no"],
  ["sim", "não"],
  ["tak", "nie"],
  ["igen", "nem"],
];

/** Days, the stricter writing before the looser one: of two that read as many cells the first is taken. */
const DAYS = [
  "yyyy-MM-dd",
  "yyyy/MM/dd",
  "yyyy.MM.dd",
  "dd.MM.yyyy",
  "dd/MM/yyyy",
  "MM/dd/yyyy",
  "dd-MM-yyyy",
  "MM-dd-yyyy",
  "yyyy-M-d",
  "yyyy/M/d",
  "d.M.yyyy",
  "d/M/yyyy",
  "M/d/yyyy",
  "d-M-yyyy",
  "M-d-yyyy",
  "dd.MM.yy",
  "dd/MM/yy",
  "MM/dd/yy",
  "d.M.yy",
  "d/M/yy",
  "M/d/yy",
  "dd MMM yyyy",
  "dd-MMM-yyyy",
  "d MMM yyyy",
  "d-MMM-yyyy",
  "dd-MMM-yy",
  "MMM d, yyyy",
  "MMM dd yyyy",
] as const;

/** Days without anything between their parts look like numbers, so they must be of our time. */
const COMPACT_DAY = { format: "yyyyMMdd", min: "1900-01-01", max: "2100-12-31" };

/** The time of day behind a day that is not ISO 8601 (which the type reads without a format). */
const TIMES = ["HH:mm:ss", "HH:mm", "H:mm:ss", "H:mm", "HH:mm:ss.SSS", "h:mm:ss a", "h:mm a"] as const;
const TIMED_DAYS = [
  "yyyy/MM/dd",
  "yyyy.MM.dd",
  "dd.MM.yyyy",
  "dd/MM/yyyy",
  "MM/dd/yyyy",
  "dd-MM-yyyy",
  "d.M.yyyy",
  "d/M/yyyy",
  "M/d/yyyy",
] as const;
const OTHER_TIMESTAMPS = ["yyyyMMddHHmmss", "yyyyMMdd'T'HHmmss", "yyyyMMdd'T'HHmmssX", "yyyyMMdd HHmmss"] as const;

let all: readonly TypeCandidate[] | undefined;

/** Every way to read a cell but as text; the more special before the more general. */
export function typeCandidates(): readonly TypeCandidate[] {
  if (all !== undefined) return all;
  const base = columnSchema.parse({ name: "value" });
  const candidate = (reading: Reading, needs: number, forbids: number, bounds: Partial<Column> = {}): TypeCandidate => {
    let made: ColumnPlan | undefined;
    const plan = () => {
      made ??= new ColumnPlan({ ...base, ...reading, ...bounds }, 0, false);
      return made;
    };
    return { reading, plan, needs, forbids };
  };
  const dated = (reading: Reading, format: string, bounds?: Partial<Column>) => {
    const needs = marksIn(format);
    const letters = /MMM|a$|'T'|X/.test(format) ? OTHER : 0;
    return candidate(
      reading,
      needs,
      ALL_MARKS & ~(needs | letters | (format.includes("X") ? DASH | COLON : 0)),
      bounds,
    );
  };
  const day = (format: string) => dated(format === "yyyy-MM-dd" ? { type: "date" } : { type: "date", format }, format);
  all = [
    // 1 and 0 are numbers unless a profile says otherwise.
    candidate({ type: "boolean" }, OTHER, DIGIT, ENGLISH),
    ...TRUTHS.slice(4).map(([yes, no]) =>
      candidate({ type: "boolean", trueValues: [yes], falseValues: [no] }, OTHER, DIGIT),
    ),
    dated({ type: "date", format: COMPACT_DAY.format }, COMPACT_DAY.format, COMPACT_DAY),
    ...OTHER_TIMESTAMPS.map((format) => dated({ type: "timestamp", format }, format, OUR_TIME)),
    candidate({ type: "integer" }, DIGIT, ALL_MARKS & ~(DIGIT | DASH)),
    candidate({ type: "decimal" }, DIGIT, ALL_MARKS & ~(DIGIT | DASH | DOT)),
    candidate({ type: "decimal", decimalSeparator: "," }, DIGIT, ALL_MARKS & ~(DIGIT | DASH | COMMA)),
    candidate({ type: "timestamp" }, DIGIT | DASH | COLON, SLASH | COMMA),
    ...DAYS.map(day),
    ...TIMED_DAYS.flatMap((date) =>
      TIMES.map((time) => dated({ type: "timestamp", format: `${date} ${time}` }, `${date} ${time}`)),
    ),
  ];
  return all;
}

const ALL_MARKS = 255;
const OUR_TIME = { min: "1900-01-01T00:00:00Z", max: "2100-12-31T00:00:00Z" };
const ENGLISH = {
  trueValues: TRUTHS.slice(0, 4).map(([yes]) => yes),
  falseValues: TRUTHS.slice(0, 4).map(([, no]) => no),
};
