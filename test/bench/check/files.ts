import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { stat } from "node:fs/promises";
import { CHECK_COLUMNS, COUNTRIES, WIDE_COLUMNS } from "./tables.ts";

/** The kinds of files that the check is measured on. The same kind and number of records are the same bytes, always. */
export type FileKind = "clean" | "dirty" | "wide" | "quoted" | "latin";

const NAMES = ["Ada Lovelace", "Grace Hopper", "Alan Turing", "Barbara Liskov", "Donald Knuth", "Frances Allen"];
const CITIES = ["Berlin", "Paris", "London", "Milano", "Leeds", "Portland", "Lyon", "Torino", "Essen", "Gdynia"];
const LATIN_CITIES = [
  "München",
  "Liège",
  "Málaga",
  "Århus",
  "Köln",
  "Besançon",
  "Gijón",
  "Österby",
  "Zürich",
  "Orléans",
];
const NOTES = ["", "prefers e-mail", "calls back, later", "", "regular customer since the first year", 'said "yes"'];
const BROKEN_NOTES = [
  "two lines:\nthe second",
  'said "yes",\nthen "no"',
  "short",
  "a, b, c",
  "three\nlines\nof text",
  "",
];

/** Spreads the picks of a record without a random generator: a multiplicative hash (Knuth, TAOCP 6.4), mixed once more. */
function spread(n: number): number {
  const h = Math.imul(n, 2654435761);
  return (h ^ (h >>> 15)) >>> 0;
}

const two = (n: number) => String(n).padStart(2, "0");

/** The ten cells of record `n`, as text without quotes. */
function cellsOf(n: number, cities: readonly string[], notes: readonly string[]): string[] {
  const h = spread(n);
  return [
    String(n),
    NAMES[h % 6]!,
    cities[(h >>> 8) % 10]!,
    COUNTRIES[(h >>> 12) % 6]!,
    `20${two(10 + (h % 15))}-${two(1 + (h % 12))}-${two(1 + (h % 28))}`,
    `${h % 9000}.${two(h % 100)}`,
    String(h % 250),
    (h & 64) === 0 ? "true" : "false",
    `2026-${two(1 + ((h >>> 4) % 12))}-${two(1 + ((h >>> 5) % 28))}T${two((h >>> 6) % 24)}:${two((h >>> 7) % 60)}:${two((h >>> 9) % 60)}`,
    notes[(h >>> 16) % 6]!,
  ];
}

const quoteIfNeeded = (cell: string) => (/[",\n]/.test(cell) ? quote(cell) : cell);
const quote = (cell: string) => `"${cell.replaceAll('"', '""')}"`;

/** The ways in which every 20th record of a dirty file is broken, in turn. Each makes exactly one record bad, to every reader. */
const SPOIL: readonly ((cells: string[], n: number) => string)[] = [
  (cells) => join(spoilt(cells, 4, "2026-02-30")),
  (cells) => join(spoilt(cells, 5, "12 EUR")),
  (cells) => join(spoilt(cells, 3, "XX")),
  (cells) => join(cells.slice(0, -1)),
  (cells) => join([...cells, "more"]),
  (cells) => join(spoilt(cells, 0, "n/a")),
  (cells) => join(spoilt(cells, 8, "yesterday")),
  (cells) => join(spoilt(cells, 7, "perhaps")),
  (cells, n) => join(spoilt(cells, 0, String(n - 1))),
];
const SPOILED_EVERY = 20;

function join(cells: readonly string[]): string {
  return `${cells.map(quoteIfNeeded).join(",")}\n`;
}

function spoilt(cells: readonly string[], index: number, text: string): string[] {
  return cells.map((cell, at) => (at === index ? text : cell));
}

const HEADER = `${CHECK_COLUMNS.map(({ name }) => name).join(",")}\n`;

const LINES: Record<FileKind, { header: string; encoding: BufferEncoding; line: (n: number) => string }> = {
  clean: { header: HEADER, encoding: "utf8", line: (n) => join(cellsOf(n, CITIES, NOTES)) },
  dirty: {
    header: HEADER,
    encoding: "utf8",
    line: (n) => {
      const cells = cellsOf(n, CITIES, NOTES);
      return n % SPOILED_EVERY === 0 ? SPOIL[(n / SPOILED_EVERY) % SPOIL.length]!(cells, n) : join(cells);
    },
  },
  wide: {
    header: `${WIDE_COLUMNS.map(({ name }) => name).join(",")}\n`,
    encoding: "utf8",
    // A row of a thousand columns has to fit into a page of PostgreSQL, so its notes are short.
    line: (n) => {
      const blocks = Array.from({ length: 100 }, (_, block) => cellsOf(n + block * 7919, CITIES, ["ok"]).join(","));
      return `${n}${blocks.join(",").replace(/^\d+/, "")}\n`;
    },
  },
  quoted: {
    header: `${CHECK_COLUMNS.map(({ name }) => quote(name)).join(",")}\n`,
    encoding: "utf8",
    line: (n) => `${cellsOf(n, CITIES, BROKEN_NOTES).map(quote).join(",")}\n`,
  },
  // Every character of these cities has the same byte in Windows-1252 and ISO 8859-1.
  latin: { header: HEADER, encoding: "latin1", line: (n) => join(cellsOf(n, LATIN_CITIES, NOTES)) },
};

/** Records that a dirty file of so many records has spoiled. */
export const spoiledRecords = (records: number): number => Math.floor(records / SPOILED_EVERY);

/** Writes a file of `records` records; resolves to its size in bytes. */
export async function writeCheckFile(path: string, kind: FileKind, records: number): Promise<number> {
  const { header, encoding, line } = LINES[kind];
  const stream = createWriteStream(path, { highWaterMark: 1 << 20 });
  stream.write(Buffer.from(header, encoding));
  let lines: string[] = [];
  let characters = 0;
  for (let n = 1; n <= records; n += 1) {
    const text = line(n);
    lines.push(text);
    characters += text.length;
    if (characters < 1 << 20) continue;
    if (!stream.write(Buffer.from(lines.join(""), encoding))) await once(stream, "drain");
    lines = [];
    characters = 0;
  }
  stream.end(Buffer.from(lines.join(""), encoding));
  await once(stream, "finish");
  return (await stat(path)).size;
}
