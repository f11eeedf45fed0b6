import { type Table, tableSchema } from "@inlet/contracts";
import { randomDialect, toBytes, type WrittenDialect, writeRecord } from "./dialect-writer.ts";
import { type Random, random } from "./random.ts";

/** One input of the fuzzer, with how it is to be looked at. The same seed and number make the same case. */
export interface FuzzCase {
  bytes: Buffer;
  table: Table;
  /** Positions at which the source's chunks end, for each of the readings that are compared. */
  cuts: number[][];
  /** In words, for the report. */
  kind: string;
}

type Kind = "integer" | "string" | "decimal" | "date" | "boolean" | "timestamp" | "enum" | "email";

const KINDS: readonly Kind[] = [
  "integer",
  "string",
  "decimal",
  "date",
  "boolean",
  "timestamp",
  "enum",
  "email",
  "string",
];
const VALUES = ["red", "green", "blue"];
const TEXTS = [
  "",
  "a",
  "Ada",
  "two words",
  " spaced ",
  "é",
  "Zürich",
  "a,b",
  "c;d",
  "e|f",
  "g\th",
  'say "hi"',
  "it's",
  "x\ny",
  "\\",
  "\\N",
  "#1",
];
const SOUP = [
  '"',
  '"',
  "'",
  ",",
  ",",
  ";",
  "|",
  "\t",
  "\n",
  "\n",
  "\r\n",
  "\r",
  "a",
  "bc",
  "1",
  "2026-01-01",
  " ",
  "é",
  "\\",
  "\0",
  "\ufeff",
  '""',
  '","',
  "#",
  "N/A",
  "\u2028",
  "😀",
];
/** Bytes that are no UTF-8, or not alone. */
const BAD_BYTES = [
  "80",
  "c3",
  "c328",
  "e282",
  "f0288cbc",
  "eda080",
  "ff",
  "fe",
  "c080",
  "f8888080",
  "81",
  "8d",
  "efbbbf",
];

/** Makes case `index` of a run. */
export function fuzzCase(seed: number, index: number): FuzzCase {
  const r = random((seed * 1_000_003 + index * 7_919) >>> 0);
  const columns = r.list(1 + r.int(r.chance(10) ? 30 : 6), (i) => ({ name: `c${i + 1}`, kind: r.pick(KINDS) }));
  const dialect = randomDialect(r);
  const table = randomTable(r, columns, dialect);
  const way = r.int(100);
  const [kind, bytes] =
    way < 15
      ? (["valid", validFile(r, table, columns, dialect)] as const)
      : way < 75
        ? (["mutated", mutate(r, validFile(r, table, columns, dialect))] as const)
        : way < 90
          ? (["soup", soup(r, table, dialect)] as const)
          : way < 95
            ? (["random bytes", r.bytes(r.int(3000))] as const)
            : way < 98
              ? (["giant", giant(r, table, columns, dialect)] as const)
              : (["mutated giant", mutate(r, giant(r, table, columns, dialect))] as const);
  return {
    bytes,
    table,
    kind,
    cuts: [[], someCuts(r, bytes.length), bytes.length < 2000 ? everyByte(bytes) : someCuts(r, bytes.length)],
  };
}

function randomTable(r: Random, columns: { name: string; kind: Kind }[], dialect: WrittenDialect): Table {
  const unique = r.chance(25);
  const numbers = columns.filter(({ kind }) => kind === "integer" || kind === "decimal").map(({ name }) => name);
  const rules = [
    ...(r.chance(10) ? [{ rule: "unique", columns: columns.slice(0, 2).map(({ name }) => name) }] : []),
    ...(r.chance(10) && numbers.length > 1
      ? [{ rule: "compare", left: numbers[0], operator: r.pick(["<", "<=", "=", "!=", ">", ">="]), right: numbers[1] }]
      : []),
    ...(r.chance(5) && numbers.length > 2
      ? [{ rule: "sum", columns: numbers.slice(0, 2), equals: numbers[2], tolerance: r.pick(["0", "0.01", "5"]) }]
      : []),
  ].map((rule) => (r.chance(20) ? { ...rule, severity: "warning" } : rule));
  return tableSchema.parse({
    name: "fuzz",
    columns: columns.map(({ name, kind }, i) => ({
      name,
      type: kind,
      ...(kind === "enum" && { values: VALUES }),
      ...(kind === "decimal" && r.chance(50) && { precision: 8, scale: 2 }),
      ...(kind === "decimal" && r.chance(15) && { decimalSeparator: "," }),
      ...(kind === "string" && r.chance(10) && { maxLength: 5, severity: r.pick(["error", "warning"]) }),
      ...(kind === "string" && r.chance(10) && { pattern: "[a-z ]*" }),
      ...(kind === "date" && r.chance(15) && { format: r.pick(["dd.MM.yyyy", "M/d/yy", "yyyyMMdd"]) }),
      required: r.chance(8),
      unique: unique && i === 0,
    })),
    key: r.chance(15) ? columns.slice(0, 1 + r.int(2)).map(({ name }) => name) : [],
    invalid: r.pick([
      { policy: "skip" },
      { policy: "skip" },
      { policy: "skip" },
      { policy: "skip", maxPercent: 50 },
      { policy: "reject" },
      { policy: "group", by: columns[0]!.name },
    ]),
    extraColumns: r.chance(20) ? "reject" : "ignore",
    rules,
    format: {
      ...(r.chance(40) && { delimiter: r.chance(90) ? dialect.delimiter : r.pick([",", ";", "\u0001", "^"]) }),
      ...(r.chance(30) && { quote: r.pick(['"', "'", "none"]) }),
      ...(r.chance(15) && { escape: r.pick(["doubled", "backslash"]) }),
      ...(r.chance(30) && { encoding: r.pick(["utf-8", "windows-1252"]) }),
      ...(r.chance(30) && { reading: "tolerant" }),
      ...(r.chance(10) && { comment: "#" }),
      ...(r.chance(10) && { preambleLines: r.int(3) }),
      ...(r.chance(15) && { headerLines: r.int(3) }),
      ...(r.chance(15) && { trimSpaces: true }),
      ...(r.chance(8) && { trailer: r.pick(["TRL", "a", "1"]) }),
    },
    limits: {
      ...(r.chance(25) && { recordBytes: r.pick([100, 150, 1000]) }),
      ...(r.chance(25) && { fieldBytes: r.pick([10, 30, 200]) }),
      ...(r.chance(15) && { columns: r.pick([1, 3, 8]) }),
      ...(r.chance(25) && { linesInField: r.pick([1, 2, 5]) }),
      ...(r.chance(5) && { records: 1 + r.int(20) }),
      ...(r.chance(5) && { totalBytes: 1 + r.int(2000) }),
    },
  });
}

function cellOf(r: Random, kind: Kind): string {
  if (r.chance(5)) return "";
  if (r.chance(1)) return r.pick(TEXTS);
  const two = (below: number) => String(1 + r.int(below)).padStart(2, "0");
  switch (kind) {
    case "integer":
      return r.pick([String(r.int(100)), String(r.int(1e9)), `-${r.int(99)}`, "007"]);
    case "decimal":
      return r.chance(95) ? r.pick([`${r.int(1000)}.${r.int(100)}`, String(r.int(50))]) : `${r.int(9)},5`;
    case "date":
      return r.chance(95)
        ? `2026-${two(12)}-${two(28)}`
        : r.pick([`${two(28)}.${two(12)}.2026`, `2026${two(12)}${two(28)}`]);
    case "boolean":
      return r.pick(["true", "false", "yes", "no", "1", "0"]);
    case "timestamp":
      return `2026-${two(12)}-${two(28)}T${two(22)}:${two(58)}:${two(58)}${r.pick(["", "Z", "+02:00", ".123"])}`;
    case "enum":
      return r.pick(VALUES);
    case "email":
      return `${r.pick(["ada", "a.b", "x+y"])}@example.com`;
    case "string":
      return r.chance(50) ? r.pick(TEXTS) : "text ".repeat(r.int(4));
  }
}

function headerOf({ format, columns }: Table, dialect: WrittenDialect): string[] {
  return [
    ...Array.from({ length: format.preambleLines === "auto" ? 0 : format.preambleLines }, () => "Report"),
    ...Array.from({ length: Math.max(0, format.headerLines) }, (_, line) =>
      writeRecord(
        columns.map(({ name }) => (line === 0 ? name : "")),
        dialect,
      ),
    ),
  ];
}

function validFile(r: Random, table: Table, columns: { kind: Kind }[], dialect: WrittenDialect): Buffer {
  const records = r.int(r.chance(10) ? 2000 : 12);
  const lines = r.list(records, () =>
    writeRecord(
      columns.map(({ kind }) => cellOf(r, kind)),
      dialect,
    ),
  );
  if (r.chance(5)) lines.splice(r.int(lines.length + 1), 0, r.pick(["", "  ", "# comment", "TRL,1"]));
  return toBytes([...headerOf(table, dialect), ...lines], dialect);
}

function soup(r: Random, table: Table, dialect: WrittenDialect): Buffer {
  const text = r.list(r.int(r.chance(5) ? 20_000 : 120), () => r.pick(SOUP)).join("");
  const header = r.chance(80) ? `${headerOf(table, dialect).join(dialect.lineEnd)}${dialect.lineEnd}` : "";
  return Buffer.from(header + text, r.chance(80) ? "utf8" : "latin1");
}

/** Something larger than any window: a giant cell, a very long line, very many short ones, or very many quotes. */
function giant(r: Random, table: Table, columns: { kind: Kind }[], dialect: WrittenDialect): Buffer {
  const header = toBytes(headerOf(table, dialect), { ...dialect, endsWithEnd: true });
  const record = Buffer.from(
    `${writeRecord(
      columns.map(({ kind }) => cellOf(r, kind)),
      dialect,
    )}${dialect.lineEnd}`,
  );
  const size = 100_000 + r.int(600_000);
  const of = (text: string) => Buffer.alloc(size, text);
  const bulk = r.pick([
    () => of("x"),
    () => Buffer.concat([Buffer.from('"'), of("x"), Buffer.from('"')]),
    () => Buffer.concat([Buffer.from('"'), of("some text\n")]),
    () => of('""'),
    () => of('"'),
    () => of(","),
    () => of('",'),
    () => of("a\n"),
    () => of("\r"),
    () => of('"a\n'),
    () => of('x"y\n'),
    () => of("\n"),
    () => of("é"),
    () => of(record.toString()),
    () => of(`${record.toString()}"`),
  ])();
  return Buffer.concat([header, record, bulk, r.chance(50) ? record : Buffer.alloc(0)]);
}

/** Damages a file in one to a few places. */
function mutate(r: Random, bytes: Buffer): Buffer {
  let damaged = bytes;
  for (let n = 1 + r.int(r.chance(20) ? 12 : 3); n > 0; n -= 1) damaged = mutateOnce(r, damaged);
  return damaged;
}

function mutateOnce(r: Random, bytes: Buffer): Buffer {
  const at = r.int(bytes.length + 1);
  const to = Math.min(bytes.length, at + r.int(r.chance(20) ? 400 : 12));
  const insert = (what: Uint8Array) => Buffer.concat([bytes.subarray(0, at), what, bytes.subarray(at)]);
  switch (r.int(12)) {
    case 0: {
      if (at === bytes.length) return bytes;
      const flipped = Buffer.from(bytes);
      flipped[at] = flipped[at]! ^ (1 << r.int(8));
      return flipped;
    }
    case 1:
      return insert(Buffer.from(r.pick(['"', "'", '""', '"""'])));
    case 2:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(to)]);
    case 3:
      return insert(bytes.subarray(at, to));
    case 4: {
      const from = r.int(bytes.length + 1);
      return insert(bytes.subarray(from, Math.min(bytes.length, from + r.int(60))));
    }
    case 5:
      return insert(Buffer.from([0]));
    case 6:
      return insert(Buffer.from(r.pick(BAD_BYTES), "hex"));
    case 7:
      return insert(Buffer.from(r.pick(["\n", "\r", "\r\n", "\n\n", " ", "\t"])));
    case 8:
      return insert(Buffer.from(r.pick([",", ";", "|", "\t", "\\", "#"])));
    case 9:
      return bytes.subarray(0, at);
    case 10:
      return Buffer.concat([Buffer.from(r.pick(["efbbbf", "fffe", "feff", "efbbbfefbbbf", "1f8b"]), "hex"), bytes]);
    default: {
      const replaced = Buffer.from(bytes);
      if (to > at) replaced.fill(r.pick(['"', ",", "0", " ", "\n", "z"]), at, to);
      return replaced;
    }
  }
}

function someCuts(r: Random, length: number): number[] {
  return r.list(1 + r.int(6), () => r.int(length + 1)).sort((a, b) => a - b);
}

function everyByte(bytes: Buffer): number[] {
  return Array.from({ length: bytes.length }, (_, at) => at + 1);
}
