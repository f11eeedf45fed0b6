import { createReadStream } from "node:fs";
import { basename, dirname } from "node:path";
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { openBlobs } from "@inlet/blobs";
import type { Issue } from "@inlet/contracts";
import { type CheckSinks, check, ErrorFile } from "@inlet/delimited";
import { parse as csvParse } from "csv-parse";
import { parseStream } from "fast-csv";
import papaparse from "papaparse";
import { type Outcome, PlainCheck } from "./plain-check.ts";
import { type CheckType, COUNTRIES, TABLES, type TableName } from "./tables.ts";

/** One turn of a side: which file, and as what. */
export interface Turn {
  /** `<blob store>/<client>/<batch>/<name>`, as the validator finds a batch's file. */
  path: string;
  table: TableName;
  isLatin?: boolean;
  /** Ours only: the canonical file, its index, the rejected and the error file are written, as the validator does it. */
  withProducts?: boolean;
}

/** Findings that the validator keeps for the Activity Monitor. */
const KEPT_ISSUES = 1_000;
/** The bytes that the validator reads at once. */
const READ_BYTES = 512 * 1024;

/** The check as the validator runs it: the same reader, the same chunks, the same first findings kept. */
async function ours({ path, table, withProducts = false }: Turn): Promise<Outcome> {
  const batch = dirname(path);
  const store = openBlobs(dirname(dirname(batch)));
  const key = (name: string) => `${basename(dirname(batch))}/${basename(batch)}/${name}`;
  const reader = await store.open(key(basename(path)));
  const writers = new Map(
    withProducts
      ? await Promise.all(
          ["canonical", "index", "rejected", "errors"].map(
            async (name) => [name, await store.create(key(name))] as const,
          ),
        )
      : [],
  );
  try {
    const sink = (name: string) => (chunk: Buffer) => writers.get(name)!.write(chunk);
    const errors = new ErrorFile(sink("errors"));
    const sinks: CheckSinks = withProducts
      ? { canonical: sink("canonical"), index: sink("index"), rejected: sink("rejected"), failed: errors }
      : {};
    const issues: Issue[] = [];
    const { counts } = await check(
      { open: (offset = 0) => reader.stream({ start: offset, chunkBytes: READ_BYTES }) },
      {
        table: TABLES[table].table,
        sinks,
        onIssue: (issue) => {
          if (issues.length < KEPT_ISSUES) issues.push(issue);
        },
      },
    );
    if (withProducts) await errors.end();
    for (const writer of writers.values()) await writer.finish();
    return { records: counts.records, rejected: counts.rejected };
  } finally {
    for (const writer of writers.values()) await writer.abort();
    await reader.close();
  }
}

const DUCKDB_TYPES: Record<CheckType, string> = {
  integer: "BIGINT",
  string: "VARCHAR",
  enum: "country",
  date: "DATE",
  decimal: "DECIMAL(12,2)",
  boolean: "BOOLEAN",
  timestamp: "TIMESTAMP",
};

let instance: Promise<DuckDBInstance> | undefined;

/**
 * DuckDB on two threads: the same columns with the same types, `store_rejects`, and a `count(DISTINCT …)` for the unique
 * column. Each column is counted, because it converts only those that are asked for; none is stored.
 */
async function duckdb({ path, table, isLatin = false }: Turn): Promise<Outcome> {
  instance ??= DuckDBInstance.create(":memory:", { threads: "2" });
  const connection = await (await instance).connect();
  try {
    await connection.run("SET enable_progress_bar = false");
    await connection.run(`CREATE TEMP TYPE country AS ENUM (${COUNTRIES.map((name) => `'${name}'`).join(", ")})`);
    const { columns } = TABLES[table];
    const types = columns.map(({ name, type }) => `'${name}': '${DUCKDB_TYPES[type]}'`).join(", ");
    const unique = columns[0]!.name;
    const counts = columns.slice(1).map(({ name }) => `count(${name})`);
    const [row] = await rows(
      connection,
      `SELECT count(*), count(${unique}), count(DISTINCT ${unique}), ${counts.join(", ")}
       FROM read_csv('${path.replaceAll("'", "''")}', auto_detect = false, header = true, delim = ',', quote = '"',
         escape = '"', new_line = '\\n', encoding = '${isLatin ? "latin-1" : "utf-8"}', columns = {${types}}, nullstr = '',
         store_rejects = true, rejects_limit = 0)`,
    );
    const [rejects] = await rows(connection, "SELECT count(DISTINCT line) FROM reject_errors");
    const [read = 0, ids = 0, distinct = 0] = row!;
    const broken = rejects![0]!;
    return { records: read + broken, rejected: broken + ids - distinct };
  } finally {
    connection.closeSync();
  }
}

async function rows(connection: DuckDBConnection, sql: string): Promise<number[][]> {
  const reader = await connection.runAndReadAll(sql);
  return reader.getRows().map((row) => row.map(Number));
}

function readStream({ path, isLatin = false }: Turn) {
  return createReadStream(path, { highWaterMark: READ_BYTES, encoding: isLatin ? "latin1" : "utf8" });
}

async function throughCsvParse(turn: Turn): Promise<Outcome> {
  const plain = new PlainCheck();
  const parser = readStream(turn).pipe(csvParse({ relax_column_count: true }));
  await new Promise<void>((resolve, reject) => {
    parser.on("readable", () => {
      for (let row = parser.read(); row !== null; row = parser.read()) plain.row(row);
    });
    parser.on("error", reject).on("end", resolve);
  });
  return plain;
}

async function throughPapaparse(turn: Turn): Promise<Outcome> {
  const plain = new PlainCheck();
  await new Promise<void>((resolve, reject) => {
    papaparse.parse<string[]>(readStream(turn), {
      delimiter: ",",
      skipEmptyLines: true,
      chunk: ({ data }) => {
        for (const row of data) plain.row(row);
      },
      complete: () => resolve(),
      error: reject,
    });
  });
  return plain;
}

async function throughFastCsv(turn: Turn): Promise<Outcome> {
  const plain = new PlainCheck();
  await new Promise<void>((resolve, reject) => {
    parseStream<string[], string[]>(readStream(turn), { headers: false })
      .on("data", (row: string[]) => plain.row(row))
      .on("error", reject)
      .on("end", () => resolve());
  });
  return plain;
}

/** Who can be measured, by name. */
export const SIDES = {
  inlet: ours,
  duckdb,
  "csv-parse": throughCsvParse,
  papaparse: throughPapaparse,
  "fast-csv": throughFastCsv,
} as const;
export type SideName = keyof typeof SIDES;
