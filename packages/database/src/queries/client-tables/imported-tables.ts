import { setTimeout as pause } from "node:timers/promises";
import { sql } from "kysely";
import pg from "pg";
import { to as copyTo } from "pg-copy-streams";
import type { Database, Tx } from "../../connection.ts";
import { transaction } from "../../connection.ts";
import { SQLSTATE, sqlstateOf } from "../../sqlstate.ts";
import type { ClientColumn, ClientTable } from "./client-tables.ts";

/**
 * Reading of clients' imported tables: by pages and as a stream. Names come from PostgreSQL's own catalogue and are quoted,
 * values are parameters; where COPY takes none they are quoted as literals.
 */

/** An imported table as it stands now. */
export interface ImportedTable {
  /** The table, or of a `replace` table the generation that its view shows: a reader of it holds up no import. */
  source: ClientTable;
  /** The batch that made the generation; null: not a `replace` table. */
  generation: number | null;
  /** Inlet's own (`_batch`, `_record`) first, then the client's, in their order. */
  columns: ClientColumn[];
  /** PostgreSQL's estimate; null: it has not counted yet. */
  estimatedRows: number | null;
}

const quoted = (name: string) => pg.escapeIdentifier(name);
const qualified = ({ schema, name }: ClientTable) => `${quoted(schema)}.${quoted(name)}`;
/** Never a name alone: in ORDER BY that would be the cell as text, where there is one. */
const columnOf = (name: string) => `t.${quoted(name)}`;

/** What stands under a table's name; undefined: nothing yet. */
export async function describeImportedTable(
  { client }: Pick<Tx, "client">,
  table: ClientTable,
): Promise<ImportedTable | undefined> {
  const { rows } = await client.query<{ source: string | null; rows: number; name: string; type: string }>(
    `SELECT g.relname AS source, coalesce(g.reltuples, c.reltuples)::float8 AS rows, a.attname AS name,
       format_type(a.atttypid, a.atttypmod) AS type
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     LEFT JOIN LATERAL (
       SELECT t.relname, t.reltuples FROM pg_rewrite r
       JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid AND d.refclassid = 'pg_class'::regclass
       JOIN pg_class t ON t.oid = d.refobjid AND t.relkind = 'r' AND t.relnamespace = c.relnamespace
       WHERE r.ev_class = c.oid AND left(t.relname, length(c.relname) + 3) = c.relname || '__g'
         AND substr(t.relname, length(c.relname) + 4) ~ '^[0-9]{1,15}$'
       LIMIT 1
     ) g ON c.relkind = 'v'
     JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
     WHERE n.nspname = $1 AND c.relname = $2 AND c.relkind IN ('r', 'v', 'p') ORDER BY a.attnum`,
    [table.schema, table.name],
  );
  if (rows.length === 0) return undefined;
  const { source, rows: estimate } = rows[0]!;
  return {
    source: source === null ? table : { schema: table.schema, name: source },
    generation: source === null ? null : Number(source.slice(table.name.length + 3)),
    columns: rows.map(({ name, type }) => ({ name, type })),
    estimatedRows: estimate < 0 ? null : Math.round(estimate),
  };
}

/** How a cell of a column is compared and written: all that Inlet makes, and what else a person may have put there. */
export type CellKind = "integer" | "decimal" | "boolean" | "date" | "timestamp" | "text" | "other";

/** The kind of a column, by its type as PostgreSQL writes it. */
export function cellKind(postgresType: string): CellKind {
  const [base] = postgresType.split("(");
  return KINDS[base!.trim()] ?? "other";
}

const KINDS: Readonly<Record<string, CellKind>> = {
  bigint: "integer",
  integer: "integer",
  smallint: "integer",
  numeric: "decimal",
  boolean: "boolean",
  date: "date",
  "timestamp with time zone": "timestamp",
  text: "text",
  "character varying": "text",
};

/** What a value is cast to. Without a precision, so that nothing is rounded before it is compared. */
const CASTS: Readonly<Record<Exclude<CellKind, "other">, string>> = {
  integer: "bigint",
  decimal: "numeric",
  boolean: "boolean",
  date: "date",
  timestamp: "timestamptz",
  text: "text",
};

/** A condition on a column. `ne` takes rows without a value, too. Values are written as the column's kind is. */
export type RowCondition = { column: string } & (
  | { operator: "eq" | "ne" | "lt" | "lte" | "gt" | "gte" | "prefix"; value: string }
  | { operator: "in"; values: readonly string[] }
  | { operator: "null"; isNull: boolean }
);

/** By which column rows are ordered. Ascending ones have the empty cells last, descending ones first. */
export interface RowOrder {
  column: string;
  descending: boolean;
  /** No cell of it is empty: a page then begins by the index, where there is one. */
  neverNull: boolean;
}

/** Which rows and columns are read. All columns are the table's own. */
export interface RowSelection {
  table: ImportedTable;
  columns: readonly string[];
  conditions: readonly RowCondition[];
  /** Must tell any two rows apart: pages are cut by it. */
  order: readonly RowOrder[];
}

/** Gives the text that stands for a value: a parameter, or a literal. */
type Bind = (value: string | readonly string[]) => string;

const OPERATORS = { lt: "<", lte: "<=", gt: ">", gte: ">=", eq: "=", ne: "IS DISTINCT FROM", prefix: "^@" } as const;

function kindOf({ columns }: ImportedTable, name: string): CellKind {
  const column = columns.find((each) => each.name === name);
  if (column === undefined) throw new Error(`the table has no column ${name}`);
  return cellKind(column.type);
}

function castOf(table: ImportedTable, name: string): string {
  const kind = kindOf(table, name);
  if (kind === "other") throw new Error(`column ${name} cannot be compared`);
  return CASTS[kind];
}

function conditionText(table: ImportedTable, condition: RowCondition, bind: Bind): string {
  const column = columnOf(condition.column);
  if (condition.operator === "null") return `${column} IS ${condition.isNull ? "" : "NOT "}NULL`;
  const cast = castOf(table, condition.column);
  if (condition.operator === "in") return `${column} = ANY(${bind(condition.values)}::${cast}[])`;
  return `${column} ${OPERATORS[condition.operator]} ${bind(condition.value)}::${cast}`;
}

/** A cell as text: dates and times in ISO 8601 whatever the server's settings, times in UTC. */
function cellText(name: string, kind: CellKind): string {
  const column = columnOf(name);
  if (kind === "text") return column;
  if (kind !== "timestamp") return `${column}::text`;
  const iso = `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;
  return `CASE WHEN isfinite(${column}) THEN ${iso} ELSE ${column}::text END`;
}

/** What comes after a row, in the order: its values, null where its cell is empty. */
function afterText(
  table: ImportedTable,
  order: readonly RowOrder[],
  after: readonly (string | null)[],
  bind: Bind,
): string {
  const isPlain = order.every(
    ({ neverNull, descending }, place) => neverNull && after[place] !== null && descending === order[0]!.descending,
  );
  const value = (place: number) => `${bind(after[place]!)}::${castOf(table, order[place]!.column)}`;
  if (isPlain) {
    const columns = order.map(({ column }) => columnOf(column)).join(", ");
    const values = order.map((_, place) => value(place)).join(", ");
    return `(${columns}) ${order[0]!.descending ? "<" : ">"} (${values})`;
  }
  const same = (place: number) => {
    const column = columnOf(order[place]!.column);
    return after[place] === null ? `${column} IS NULL` : `${column} = ${value(place)}`;
  };
  const beyond = (place: number) => {
    const { column, descending } = order[place]!;
    if (after[place] === null) return descending ? `${columnOf(column)} IS NOT NULL` : "false";
    if (descending) return `${columnOf(column)} < ${value(place)}`;
    return `(${columnOf(column)} > ${value(place)} OR ${columnOf(column)} IS NULL)`;
  };
  const branches = order.map((_, place) => {
    const before = Array.from({ length: place }, (_, index) => same(index));
    return `(${[...before, beyond(place)].join(" AND ")})`;
  });
  return `(${branches.join(" OR ")})`;
}

const orderText = (order: readonly RowOrder[]) =>
  order.map(({ column, descending }) => `${columnOf(column)}${descending ? " DESC" : ""}`).join(", ");

/** One page of rows: the cells asked for, then those of the order, all as text. */
export type RowTexts = (string | null)[];

interface PageOptions {
  /** The order's values of the row before the page; undefined: from the beginning. */
  after?: readonly (string | null)[] | undefined;
  limit: number;
}

/** Reads a page. @throws SQLSTATE 42P01 when the generation was dropped meanwhile: describe the table anew */
export async function readImportedRows(
  { client }: Pick<Tx, "client">,
  { table, columns, conditions, order }: RowSelection,
  { after, limit }: PageOptions,
): Promise<RowTexts[]> {
  const values: unknown[] = [];
  const bind: Bind = (value) => `$${values.push(value)}`;
  const where = conditions.map((condition) => conditionText(table, condition, bind));
  if (after !== undefined) where.push(afterText(table, order, after, bind));
  const cells = [...columns, ...order.map(({ column }) => column)].map((name) => cellText(name, kindOf(table, name)));
  const text = `SELECT ${cells.join(", ")} FROM ${qualified(table.source)} t
    ${where.length === 0 ? "" : `WHERE ${where.join(" AND ")}`}
    ORDER BY ${orderText(order)} LIMIT ${bind(String(limit))}::int`;
  const { rows } = await client.query<RowTexts>({ text, values, rowMode: "array" });
  return rows;
}

/** How many rows there are, counted no further than `most`. */
export async function countImportedRows(
  { client }: Pick<Tx, "client">,
  { source }: ImportedTable,
  { most }: { most: number },
): Promise<number> {
  const { rows } = await client.query<{ rows: number }>(
    `SELECT count(*) AS rows FROM (SELECT FROM ${qualified(source)} LIMIT $1::int) counted`,
    [most],
  );
  return rows[0]!.rows;
}

/**
 * First characters by which a spreadsheet takes a cell for a formula, and the apostrophe that keeps it from that: the same
 * as `escapeFormula` of packages/delimited.
 */
const FORMULA = "^[-=+@\\t\\r\\n''\\uff1d\\uff0b\\uff0d\\uff20]";

const csvCell = (name: string, kind: CellKind, isRaw: boolean) => {
  const text = cellText(name, kind);
  // Numbers, times and truth values cannot be formulas, and a minus sign before a number is no danger.
  if (isRaw || (kind !== "text" && kind !== "other")) return `${text} AS ${quoted(name)}`;
  return `CASE WHEN ${text} ~ '${FORMULA}' THEN '''' || ${text} ELSE ${text} END AS ${quoted(name)}`;
};

/**
 * Starts to write the rows as CSV (RFC 4180, UTF-8, a header line, LF), as one snapshot. An empty cell is nothing between
 * commas, an empty text a pair of quotes. The stream is read at its reader's pace; destroyed, it ends the statement by
 * ending the session, so call it with a connection that is thrown away then.
 * @param isRaw cells as they are; else what a spreadsheet would run as a formula begins with an apostrophe
 */
function copyImportedRows(
  client: pg.PoolClient,
  { table, columns, conditions, order }: RowSelection,
  isRaw: boolean,
): NodeJS.ReadableStream & AsyncIterable<Buffer> & { destroy(error?: Error): void } {
  // COPY takes no parameters. Every value has been read as its column's type before, and is quoted here.
  const bind: Bind = (value) =>
    typeof value === "string"
      ? pg.escapeLiteral(value)
      : `ARRAY[${value.map((each) => pg.escapeLiteral(each)).join(", ")}]::text[]`;
  const where = conditions.map((condition) => conditionText(table, condition, bind));
  const cells = columns.map((name) => csvCell(name, kindOf(table, name), isRaw));
  const select = `SELECT ${cells.join(", ")} FROM ${qualified(table.source)} t
    ${where.length === 0 ? "" : `WHERE ${where.join(" AND ")}`}
    ${order.length === 0 ? "" : `ORDER BY ${orderText(order)}`}`;
  return client.query(
    copyTo(`COPY (${select}) TO STDOUT (FORMAT csv, HEADER true, ENCODING 'UTF8')`) as never,
  ) as never;
}

/** Settings of a transaction that reads imported rows. */
const readingSettings = (timeoutMs: number) => ({
  transaction_read_only: "on",
  statement_timeout: `${timeoutMs}ms`,
  timezone: "UTC",
  datestyle: "ISO, YMD",
  // One request must not take the machine: a page is read by one process.
  max_parallel_workers_per_gather: "2",
});

/** How often a table is looked up again whose generation was replaced under the reader. */
const TRIES = 3;

/** Runs `read` in a transaction that only reads, again when the table was replaced under it. */
export async function readingImported<T>(
  database: Database,
  { timeoutMs }: { timeoutMs: number },
  read: (tx: Tx) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await transaction(database, read, { settings: readingSettings(timeoutMs) });
    } catch (error) {
      if (sqlstateOf(error) !== SQLSTATE.undefinedTable || attempt === TRIES) throw error;
      await pause(20 * attempt);
    }
  }
}

/**
 * Hands the rows of a table on as CSV, chunk by chunk, over a connection of its own that goes back when the reading ends:
 * at its end, or thrown away when it is broken off.
 * @param choose says what is read, by the table as it stands now
 */
export async function* streamImportedCsv(
  database: Database,
  { timeoutMs, isRaw }: { timeoutMs: number; isRaw: boolean },
  choose: (tx: Pick<Tx, "client">) => Promise<RowSelection>,
): AsyncGenerator<Buffer, void, undefined> {
  const client = await database.pool.connect();
  let isDone = false;
  const onError = () => {};
  client.on("error", onError);
  try {
    const settings = Object.entries(readingSettings(timeoutMs)).map(
      ([name, value]) => `SET LOCAL ${name} = ${pg.escapeLiteral(value)}`,
    );
    await client.query(["BEGIN", ...settings].join("; "));
    yield* copyImportedRows(client, await choose({ client }), isRaw);
    await client.query("COMMIT");
    isDone = true;
  } finally {
    client.off("error", onError);
    // A COPY that was broken off still runs: its session ends with its connection.
    client.release(isDone ? undefined : true);
  }
}

/** The newest batch that a table holds rows of. */
export interface LastImport {
  tableName: string;
  batchId: number;
  fileName: string;
  importedAt: Date;
  rows: number | null;
}

/** The newest import of each of a project's tables. */
export async function lastImports(
  { query }: Pick<Database, "query">,
  { projectId, tables }: { projectId: number; tables: readonly string[] },
): Promise<LastImport[]> {
  const { rows } = await sql<LastImport>`
    SELECT t.name AS "tableName", b.*
    FROM unnest(${tables as string[]}::text[]) AS t (name), LATERAL (
      SELECT id AS "batchId", file_name AS "fileName", imported_at AS "importedAt", imported AS rows FROM batches
      WHERE project_id = ${projectId}::bigint AND table_name = t.name AND imported_at IS NOT NULL AND NOT rehearsal
      ORDER BY id DESC LIMIT 1
    ) b`.execute(query);
  return rows;
}
