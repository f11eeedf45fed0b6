import { type Column, columnSchema } from "@inlet/contracts";
import { ColumnPlan } from "../cells/column-plan.ts";

/** How the cells of a column may have to be read: the part of a column that says so. */
export type Reading = Pick<Column, "type"> &
  Partial<Pick<Column, "format" | "decimalSeparator" | "trueValues" | "falseValues">>;

/** One way in which a column's cells may be read. */
export interface TypeCandidate {
  reading: Reading;
  /** Reads the cells with the very code that checks them. */
  plan: ColumnPlan;
  /** Only for cells that hold a digit; the others need not be looked at. */
  needsDigit: boolean;
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
  all ??= [
    candidate({ type: "boolean" }, {}, false),
    ...TRUTHS.slice(4).map(([yes, no]) =>
      candidate({ type: "boolean", trueValues: [yes], falseValues: [no] }, {}, false),
    ),
    candidate({ type: "date", format: COMPACT_DAY.format }, { min: COMPACT_DAY.min, max: COMPACT_DAY.max }),
    ...OTHER_TIMESTAMPS.map((format) =>
      candidate({ type: "timestamp", format }, { min: "1900-01-01T00:00:00Z", max: "2100-12-31T00:00:00Z" }),
    ),
    candidate({ type: "integer" }),
    candidate({ type: "decimal" }),
    candidate({ type: "decimal", decimalSeparator: "," }),
    candidate({ type: "timestamp" }),
    ...DAYS.map((format) => candidate(format === "yyyy-MM-dd" ? { type: "date" } : { type: "date", format })),
    ...TIMED_DAYS.flatMap((day) => TIMES.map((time) => candidate({ type: "timestamp", format: `${day} ${time}` }))),
  ];
  return all;
}

function candidate(reading: Reading, bounds: Pick<Column, "min" | "max"> | object = {}, needsDigit = true) {
  // 1 and 0 are numbers unless a profile says otherwise.
  const words = reading.type === "boolean" && reading.trueValues === undefined ? ENGLISH : {};
  const column = columnSchema.parse({ name: "value", ...reading, ...words, ...bounds });
  return { reading, plan: new ColumnPlan(column, 0, false), needsDigit };
}

const ENGLISH = {
  trueValues: TRUTHS.slice(0, 4).map(([yes]) => yes),
  falseValues: TRUTHS.slice(0, 4).map(([, no]) => no),
};
