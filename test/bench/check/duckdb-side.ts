import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { type CheckType, COLUMNS, COUNTRIES } from "./tables.ts";
import type { Outcome, Turn } from "./turn.ts";

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
export async function duckdb({ path, table, isLatin = false }: Turn): Promise<Outcome> {
  instance ??= DuckDBInstance.create(":memory:", { threads: "2" });
  const connection = await (await instance).connect();
  try {
    await connection.run("SET enable_progress_bar = false");
    await connection.run(`CREATE TEMP TYPE country AS ENUM (${COUNTRIES.map((name) => `'${name}'`).join(", ")})`);
    const columns = COLUMNS[table];
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
