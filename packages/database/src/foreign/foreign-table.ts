import pg from "pg";
import type { ForeignDatabase } from "./foreign-connection.ts";

/** A column of somebody else's table. */
export interface ForeignColumn {
  name: string;
  /** As PostgreSQL writes it, without length or precision: a cast to `varchar(10)` would cut off what is too long, and say nothing. */
  type: string;
}

/** Somebody else's table. */
export interface ForeignTable {
  schema: string;
  name: string;
  /** All its columns. */
  columns: readonly ForeignColumn[];
}

/** A row: values as PostgreSQL's text, in the order of the columns that were asked for. */
export type ForeignRow = readonly (string | null)[];

const quoted = (name: string) => pg.escapeIdentifier(name);
const qualified = ({ schema, name }: Pick<ForeignTable, "schema" | "name">) => `${quoted(schema)}.${quoted(name)}`;

/** A table or view by its name; undefined when there is none that we may see. */
export async function findForeignTable(
  { pool }: ForeignDatabase,
  { schema, name }: { schema: string; name: string },
): Promise<ForeignTable | undefined> {
  const { rows } = await pool.query<{ name: string; type: string }>(
    `SELECT attname AS name, format_type(atttypid, -1) AS type FROM pg_attribute
     WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped ORDER BY attnum`,
    [qualified({ schema, name })],
  );
  return rows.length === 0 ? undefined : { schema, name, columns: rows };
}

interface Written {
  table: ForeignTable;
  /** The columns that are written, the key's among them. */
  columns: readonly ForeignColumn[];
  key: readonly ForeignColumn[];
}

/** Rows that are put, and keys of rows that are removed, of no key twice. */
export interface ForeignWrites {
  puts: readonly ForeignRow[];
  removals: readonly ForeignRow[];
}

/**
 * Puts and removes rows in one transaction. A row that is there already as it should be is not touched, so that triggers and
 * change times stay as they are.
 * @throws what PostgreSQL throws; nothing was written then
 */
export async function writeForeignRows(
  { pool }: ForeignDatabase,
  { table, columns, key }: Written,
  { puts, removals }: ForeignWrites,
): Promise<void> {
  const client = await pool.connect();
  let fault: unknown;
  try {
    await client.query("BEGIN");
    if (removals.length > 0) await client.query(removal(table, key), byColumn(key, removals));
    if (puts.length > 0) await client.query(upsert(table, columns, key), byColumn(columns, puts));
    await client.query("COMMIT");
  } catch (error) {
    fault = error;
    throw error;
  } finally {
    await release(client, fault);
  }
}

/** One that could not even roll back is thrown away. */
async function release(client: pg.PoolClient, fault: unknown): Promise<void> {
  if (fault === undefined) return client.release();
  const broken = await client.query("ROLLBACK").then(
    () => undefined,
    (error: Error) => error,
  );
  client.release(broken);
}

function upsert(table: ForeignTable, columns: readonly ForeignColumn[], key: readonly ForeignColumn[]): string {
  const names = columns.map(({ name }) => quoted(name));
  const others = names.filter((name) => !key.some((each) => quoted(each.name) === name));
  // As text, because some types (json, xml, point) know no equality.
  const differs = others.map((name) => `t.${name}::text IS DISTINCT FROM excluded.${name}::text`);
  const change =
    others.length === 0
      ? "DO NOTHING"
      : `DO UPDATE SET ${others.map((name) => `${name} = excluded.${name}`).join(", ")} WHERE ${differs.join(" OR ")}`;
  return `INSERT INTO ${qualified(table)} AS t (${names.join(", ")})
    SELECT ${typed(columns)} FROM ${unnested(columns)}
    ON CONFLICT (${key.map(({ name }) => quoted(name)).join(", ")}) ${change}`;
}

function removal(table: ForeignTable, key: readonly ForeignColumn[]): string {
  const same = key.map(({ name, type }, place) => `t.${quoted(name)} = u.c${place}::${type}`);
  return `DELETE FROM ${qualified(table)} t USING ${unnested(key)} WHERE ${same.join(" AND ")}`;
}

const typed = (columns: readonly ForeignColumn[]) =>
  columns.map(({ type }, place) => `u.c${place}::${type}`).join(", ");
const unnested = (columns: readonly ForeignColumn[]) =>
  `unnest(${columns.map((_, place) => `$${place + 1}::text[]`).join(", ")}) AS u(${columns.map((_, place) => `c${place}`).join(", ")})`;
const byColumn = (columns: readonly ForeignColumn[], rows: readonly ForeignRow[]) =>
  columns.map((_, place) => rows.map((row) => row[place] ?? null));

interface Reading {
  table: ForeignTable;
  columns: readonly ForeignColumn[];
  /** By these the rows are ordered; together they name one. */
  order: readonly ForeignColumn[];
  /** Only rows after this one, by `order`. */
  after?: ForeignRow | undefined;
  /** Only rows whose first column of `order` is at least this, less so much of it: an interval or a number. */
  since?: { value: string; less: string } | undefined;
  limit: number;
}

/** Rows in order, as text: times in UTC, `2026-11-20 09:00:00+00`. Rows without a value in `order` are left out. */
export async function readForeignRows({ pool }: ForeignDatabase, reading: Reading): Promise<ForeignRow[]> {
  const { table, columns, order, after, since, limit } = reading;
  const values: (string | number | null)[] = [];
  const given = (value: string | number | null, type: string) => `$${values.push(value)}::${type}`;
  const names = order.map(({ name }) => `t.${quoted(name)}`);
  const conditions = names.map((name) => `${name} IS NOT NULL`);
  if (after !== undefined)
    conditions.push(
      `(${names.join(", ")}) > (${order.map(({ type }, place) => given(after[place] ?? null, type)).join(", ")})`,
    );
  if (since !== undefined) {
    const { type } = order[0]!;
    const less = /^(date|time)/.test(type) ? given(since.less, "interval") : given(since.less, "numeric");
    conditions.push(`${names[0]} >= ${given(since.value, type)} - ${less}`);
  }
  const { rows } = await pool.query<ForeignRow>({
    text: `SELECT ${columns.map(({ name }) => `t.${quoted(name)}::text`).join(", ")} FROM ${qualified(table)} t
      WHERE ${conditions.join(" AND ")} ORDER BY ${names.join(", ")} LIMIT ${given(limit, "int")}`,
    values,
    rowMode: "array",
  } as pg.QueryArrayConfig as never);
  return rows;
}
