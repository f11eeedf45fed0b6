import { type Issue, type Table, tableSchema } from "@inlet/contracts";
import { check, memorySource } from "@inlet/delimited";
import { quoteCell, randomDialect, toBytes, type WrittenDialect, writeCell } from "./dialect-writer.ts";
import { type Random, random } from "./random.ts";

/** The table of the files in which faults are planted. */
export const FAULT_TABLE: Table = tableSchema.parse({
  name: "orders",
  columns: [
    { name: "id", type: "integer", required: true, unique: true },
    { name: "customer", type: "string", required: true, maxLength: 60 },
    { name: "city", type: "string" },
    { name: "amount", type: "decimal", precision: 10, scale: 2 },
    { name: "ordered_on", type: "date", required: true },
    { name: "country", type: "enum", values: ["DE", "FR", "GB", "IT"] },
    { name: "paid", type: "boolean" },
    { name: "note", type: "string" },
  ],
  invalid: { policy: "skip" },
});
const LABELS = FAULT_TABLE.columns.map(({ name }) => name);
const [ID, CUSTOMER, CITY, AMOUNT, DAY, COUNTRY, PAID, NOTE] = [0, 1, 2, 3, 4, 5, 6, 7] as const;
const TEXT_COLUMNS = [CUSTOMER, CITY, NOTE];

/** A file with one fault, and where it is. */
export interface PlantedFault {
  kind: string;
  bytes: Buffer;
  dialect: WrittenDialect;
  /** Physical line, from 1. */
  line: number;
  /** Record number, from 1. */
  record: number;
  /** The column's name; null where several are as good, or none is meant. */
  column: string | null;
}

/** The record in which a fault is planted: its cells as text, and as they stand in the file. */
interface Spot {
  cells: string[];
  written: string[];
  dialect: WrittenDialect;
  /** The record after it; undefined when there is none. */
  next: string | undefined;
}

/** What stands in the file instead of the record's line, and which column is at fault. */
interface Planted {
  line: string | Buffer;
  column: number | null;
}

const joined = (written: readonly string[], { delimiter }: WrittenDialect) => written.join(delimiter);
const replaced = (written: readonly string[], at: number, text: string) =>
  written.map((cell, i) => (i === at ? text : cell));
const quoteOf = (dialect: WrittenDialect) => dialect.quote ?? '"';

/** Puts another value into one column. */
const value =
  (column: number, ...values: string[]) =>
  (r: Random, { written, dialect }: Spot): Planted => ({
    line: joined(replaced(written, column, writeCell(r.pick(values), dialect)), dialect),
    column,
  });

/** Puts bytes into the text of a column. */
const inside =
  (bytes: readonly string[]) =>
  (r: Random, { cells, written, dialect }: Spot): Planted => {
    const column = r.pick(TEXT_COLUMNS);
    const text = cells[column] || "text";
    const at = r.int(text.length + 1);
    const mark = "\u0001MARK\u0001";
    const line = joined(
      replaced(written, column, writeCell(text.slice(0, at) + mark + text.slice(at), dialect)),
      dialect,
    );
    const [before, after] = line.split(mark);
    const encoding = dialect.encoding === "utf-8" ? "utf8" : "latin1";
    const planted = Buffer.from(r.pick(bytes), "hex");
    return { line: Buffer.concat([Buffer.from(before!, encoding), planted, Buffer.from(after!, encoding)]), column };
  };

/** Each kind of fault: plants one in a record, or returns undefined where the dialect has no such fault. */
const KINDS: Record<string, (r: Random, spot: Spot) => Planted | undefined> = {
  "cell missing": (r, { written, dialect }) => {
    const gone = r.int(written.length);
    return {
      line: joined(
        written.filter((_, i) => i !== gone),
        dialect,
      ),
      column: null,
    };
  },
  "cells missing at the end": (r, { written, dialect }) => ({
    line: joined(written.slice(0, 1 + r.int(written.length - 1)), dialect),
    column: null,
  }),
  "cell too many": (r, { written, dialect }) => {
    const at = r.int(written.length + 1);
    return {
      line: joined([...written.slice(0, at), writeCell("more", dialect), ...written.slice(at)], dialect),
      column: null,
    };
  },
  "delimiter at the end": (_, { written, dialect }) => ({ line: joined([...written, ""], dialect), column: null }),
  "delimiter inside an unquoted value": (r, { written, dialect }) => ({
    line: joined(replaced(written, r.pick(TEXT_COLUMNS), `Smith${dialect.delimiter} John`), dialect),
    column: null,
  }),
  "another delimiter": (_, { written, dialect }) => ({
    line: written.join(dialect.delimiter === ";" ? "|" : ";"),
    column: null,
  }),
  "line broken in two": (r, { cells, written, dialect }) => {
    const column = r.pick([CUSTOMER, CITY]);
    const text = cells[column]!;
    const at = 1 + r.int(Math.max(1, text.length - 1));
    if (dialect.quoteAll) return undefined;
    return {
      line: joined(replaced(written, column, text.slice(0, at) + dialect.lineEnd + text.slice(at)), dialect),
      column: null,
    };
  },
  "line end missing": (_, { written, dialect, next }) =>
    next === undefined || dialect.quoteAll ? undefined : { line: joined(written, dialect) + next, column: null },
  "quote inside an unquoted value": (r, { cells, written, dialect }) => {
    const column = r.pick([CUSTOMER, CITY]);
    if (dialect.quoteAll) return undefined;
    const text = cells[column]!;
    const at = 1 + r.int(text.length);
    return {
      line: joined(replaced(written, column, text.slice(0, at) + quoteOf(dialect) + text.slice(at)), dialect),
      column,
    };
  },
  "quote not doubled": (r, { cells, written, dialect }) => {
    const column = r.pick([CUSTOMER, CITY]);
    const quote = quoteOf(dialect);
    const text = cells[column]!;
    const at = 1 + r.int(text.length - 1);
    return {
      line: joined(replaced(written, column, quote + text.slice(0, at) + quote + text.slice(at) + quote), dialect),
      column,
    };
  },
  "quote not closed": (r, { cells, written, dialect }) => {
    const column = r.pick(TEXT_COLUMNS);
    return { line: joined(replaced(written, column, quoteOf(dialect) + (cells[column] || "text")), dialect), column };
  },
  "quote not opened": (r, { cells, written, dialect }) => {
    const column = r.pick(TEXT_COLUMNS);
    return { line: joined(replaced(written, column, (cells[column] || "text") + quoteOf(dialect)), dialect), column };
  },
  "text after a quote": (r, { cells, written, dialect }) => {
    const column = r.pick(TEXT_COLUMNS);
    return {
      line: joined(replaced(written, column, `${quoteCell(cells[column]!, quoteOf(dialect))}x`), dialect),
      column,
    };
  },
  "no whole number": value(ID, "n/a", "12.5", "1 000", "12a", "1e3"),
  "no number": value(AMOUNT, "free", "12.3.4", "1,234.56", "EUR 5", "--1"),
  "decimal comma": value(AMOUNT, "12,50", "0,5"),
  "too many decimals": value(AMOUNT, "1.234", "0.0001"),
  "too large a number": value(AMOUNT, "123456789012.00"),
  "no such day": value(DAY, "2026-02-30", "2026-13-01", "0000-00-00"),
  "date in another form": value(DAY, "31.12.2026", "12/31/2026", "20261231", "31-Dec-26"),
  "not in the list": value(COUNTRY, "XX", "Germany", "de"),
  "neither true nor false": value(PAID, "maybe", "2", "paid"),
  "spaces round a number": value(ID, " 900001", "900001 "),
  "value missing": (r, spot) => value(r.pick([ID, CUSTOMER, DAY]), "")(r, spot),
  "too long": value(CUSTOMER, "x".repeat(61), "long ".repeat(40)),
  "value twice": value(ID, "1"),
  "no value at all": (_, { written, dialect }) => ({
    line: joined(
      written.map(() => ""),
      dialect,
    ),
    column: null,
  }),
  NUL: inside(["00", "0000"]),
  "bytes that are no UTF-8": (r, spot) =>
    spot.dialect.encoding === "utf-8" ? inside(["ff", "c3", "80", "e282", "eda080", "c0af"])(r, spot) : undefined,
};

/** The kinds of faults that can be planted. */
export const FAULT_KINDS: readonly string[] = Object.keys(KINDS);

const CUSTOMERS = [
  "Ada Lovelace",
  "Grace Hopper",
  "Müller KG",
  "Société Générale",
  "Smith, John",
  'the "best" shop',
  "O'Neill",
  "two\nlines",
  "Łódź Sp. z o.o.",
];
const CITIES = ["Berlin", "Zürich", "Orléans", "London", "Málaga"];
const NOTES = [
  "",
  "call first",
  "pays, late",
  "gate 5; door 2",
  "a|b",
  "tab\there",
  "first line\nsecond line",
  'said "no"',
];

/** Plants fault `variant` of a kind; the same seed, kind and variant make the same file. undefined: its dialect has none such. */
export function plantFault(seed: number, kind: string, variant: number): PlantedFault | undefined {
  const r = random((seed * 7_368_787 + FAULT_KINDS.indexOf(kind) * 104_729 + variant * 1_299_709) >>> 0);
  const dialect = randomDialect(r);
  const isLatin = dialect.encoding === "windows-1252";
  const records = 3 + r.int(r.chance(20) ? 300 : 40);
  const all = r.list(records, (n) => recordOf(r, n + 1, isLatin, dialect.lineEnd));
  // What no file says, nobody can find: other cells are in these quotes, and other characters are UTF-8.
  for (const record of [all[0]!, all.at(-1)!, ...all.filter((_, n) => n % 5 === 2)]) {
    record[NOTE] = `pays${dialect.delimiter} late`;
    record[CITY] = "Zürich";
  }
  // "1" is there for certain before a value comes twice.
  const at = 1 + r.int(records - 1);
  const cells = all[at]!;
  // The broken record is all on one line, and its text is plain: what is wrong with it is the fault alone.
  cells[CUSTOMER] = r.pick(["Ada Lovelace", "Grace Hopper"]);
  cells[NOTE] = r.pick(["", "call first"]);
  const lines = all.map((record) => writeRecordOf(record, dialect));
  const spot: Spot = {
    cells,
    written: cells.map((cell) => writeCell(cell, dialect)),
    dialect,
    next: lines[at + 1],
  };
  const planted = KINDS[kind]!(r, spot);
  if (planted === undefined) return undefined;
  const header = writeRecordOf(LABELS, dialect);
  const before = [header, ...lines.slice(0, at)];
  const after = lines.slice(kind === "line end missing" ? at + 2 : at + 1);
  return {
    kind,
    dialect,
    bytes: assemble(before, planted.line, after, dialect),
    line: 1 + before.reduce((sum, line) => sum + 1 + line.split(dialect.lineEnd).length - 1, 0),
    record: at + 1,
    column: planted.column === null ? null : LABELS[planted.column]!,
  };
}

function recordOf(r: Random, id: number, isLatin: boolean, lineEnd: string): string[] {
  const two = (below: number) => String(1 + r.int(below)).padStart(2, "0");
  const text = r.chance(20) ? r.pick(CUSTOMERS) : r.pick(CUSTOMERS.slice(0, 4));
  return [
    String(id),
    isLatin ? text.replace("Łódź", "Lodz") : text,
    r.pick(CITIES),
    r.chance(90) ? `${r.int(5000)}.${String(r.int(100)).padStart(2, "0")}` : "",
    `20${two(25)}-${two(12)}-${two(28)}`,
    r.pick(["DE", "FR", "GB", "IT", ""]),
    r.pick(["true", "false", "yes", "no"]),
    r.chance(70) ? r.pick(NOTES.slice(0, 2)) : r.pick(NOTES),
  ].map((cell) => cell.replaceAll("\n", lineEnd));
}

const writeRecordOf = (cells: readonly string[], dialect: WrittenDialect) =>
  cells.map((cell) => writeCell(cell, dialect)).join(dialect.delimiter);

function assemble(before: string[], line: string | Buffer, after: string[], dialect: WrittenDialect): Buffer {
  const { lineEnd, encoding, bom } = dialect;
  const bytes = (text: string) => Buffer.from(text, encoding === "utf-8" ? "utf8" : "latin1");
  const head = toBytes(before, { ...dialect, endsWithEnd: true, bom });
  const middle = typeof line === "string" ? bytes(line) : line;
  const tail =
    after.length > 0 ? Buffer.concat([bytes(lineEnd), toBytes(after, { ...dialect, bom: false })]) : bytes(lineEnd);
  return Buffer.concat([head, middle, tail]);
}

/** How a fault was found. */
export interface Found {
  /** The first error names the line. */
  line: boolean;
  /** It names the column; null where none is to be named. */
  column: boolean | null;
  /** No error names another line than the first one (and, of a record broken in two, the next one). */
  alone: boolean;
  first: Issue | undefined;
  errors: Issue[];
}

/** Checks the file, dialect and encoding to be found out by the engine, and judges what it says. */
export async function findFault({ bytes, line, column, kind }: PlantedFault): Promise<Found> {
  const errors: Issue[] = [];
  await check(memorySource(bytes), {
    table: FAULT_TABLE,
    onIssue: (issue) => {
      if (issue.severity === "error") errors.push(issue);
    },
  });
  // Findings about the whole file first, then in the order of the file.
  const ordered = [...errors].sort((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.offset ?? 0) - (b.offset ?? 0));
  const first = ordered[0];
  const last = kind === "line broken in two" ? line + 1 : line;
  return {
    line: first?.line === line,
    column: column === null ? null : first?.line === line && first.column === column,
    alone: ordered.every((issue) => issue.line !== null && issue.line >= line && issue.line <= last),
    first,
    errors,
  };
}

/** Scores of one kind of fault: files, and how many of them were judged rightly. */
export interface FaultScore {
  files: number;
  line: number;
  /** Of those files in which a column is to be named. */
  columnFiles: number;
  column: number;
  alone: number;
}

/** Plants and looks for `variants` faults of each kind. `onMiss` is told of each whose line or column was not named. */
export async function scoreFaults(
  seed: number,
  variants: number,
  onMiss: (fault: PlantedFault, found: Found, variant: number) => void = () => {},
): Promise<Record<string, FaultScore>> {
  const scores: Record<string, FaultScore> = {};
  for (const kind of FAULT_KINDS) {
    const score: FaultScore = { files: 0, line: 0, columnFiles: 0, column: 0, alone: 0 };
    scores[kind] = score;
    for (let variant = 0; variant < variants; variant += 1) {
      const fault = plantFault(seed, kind, variant);
      if (fault === undefined) continue;
      const found = await findFault(fault);
      score.files += 1;
      score.line += found.line ? 1 : 0;
      score.alone += found.alone ? 1 : 0;
      if (found.column !== null) score.columnFiles += 1;
      if (found.column === true) score.column += 1;
      if (!found.line || found.column === false) onMiss(fault, found, variant);
    }
  }
  return scores;
}
