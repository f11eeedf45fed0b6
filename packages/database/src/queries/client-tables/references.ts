import pg from "pg";
import type { Database } from "../../connection.ts";
import type { ClientColumn, ClientTable } from "./client-tables.ts";

/** Keys in one statement, at most: some 100 KB of parameters, and a plan that PostgreSQL makes in no time. */
const KEYS_PER_STATEMENT = 4_000;

/**
 * The columns of a client's table with the types that keys are compared in, without their length or precision; undefined:
 * there is no such table (nothing was imported into it yet).
 */
export async function describeReferenced(
  { pool }: Database,
  { schema, name }: ClientTable,
): Promise<ClientColumn[] | undefined> {
  const { rows } = await pool.query<ClientColumn>(
    `SELECT a.attname AS name, format_type(a.atttypid, NULL) AS type
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
     WHERE n.nspname = $1 AND c.relname = $2 ORDER BY a.attnum`,
    [schema, name],
  );
  return rows.length === 0 ? undefined : rows;
}

/**
 * Tells which keys a row of a client's table has, an answer per key. Each statement sees the table as it is at that moment.
 * @param columns the table's columns with their types, as {@link describeReferenced} tells them.
 * @param keys one list per column, all of one length, as PostgreSQL reads these types.
 */
export async function findReferenced(
  { pool }: Database,
  table: ClientTable,
  { columns, keys }: { columns: readonly ClientColumn[]; keys: readonly (readonly string[])[] },
): Promise<boolean[]> {
  const count = keys[0]?.length ?? 0;
  const found = new Array<boolean>(count).fill(false);
  const names = columns.map((_, index) => `k${index}`);
  const arrays = columns.map((_, index) => `$${index + 1}::text[]`);
  const same = columns.map(({ name, type }, index) => `t.${pg.escapeIdentifier(name)} = k.${names[index]}::${type}`);
  const text = `SELECT k.place::int AS place FROM unnest(${arrays.join(", ")}) WITH ORDINALITY AS k(${names.join(", ")}, place)
     WHERE EXISTS (SELECT 1 FROM ${pg.escapeIdentifier(table.schema)}.${pg.escapeIdentifier(table.name)} t WHERE ${same.join(" AND ")})`;
  for (let from = 0; from < count; from += KEYS_PER_STATEMENT) {
    const values = columns.map(({ type }, index) =>
      keys[index]!.slice(from, from + KEYS_PER_STATEMENT).map((key) => asType(type, key)),
    );
    const { rows } = await pool.query<{ place: number }>(text, values);
    for (const { place } of rows) found[from + place - 1] = true;
  }
  return found;
}

const BIGINT_LIMIT = 2n ** 63n;

/** A decimal as the whole number that a bigint column would hold; null, which equals nothing, where it is none. */
function asType(type: string, key: string): string | null {
  if (type !== "bigint") return key;
  const [, whole] = /^(-?\d{1,19})(?:\.0*)?$/.exec(key) ?? [];
  if (whole === undefined) return null;
  const value = BigInt(whole);
  return value >= -BIGINT_LIMIT && value < BIGINT_LIMIT ? whole : null;
}
