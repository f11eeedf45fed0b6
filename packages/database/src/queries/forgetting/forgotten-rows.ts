import pg from "pg";
import type { Tx } from "../../connection.ts";
import type { CatalogTable } from "../catalogs/catalog-rows.ts";
import type { ClientColumn, ClientTable } from "../client-tables/client-tables.ts";

const quoted = (name: string) => pg.escapeIdentifier(name);
const qualified = ({ schema, name }: ClientTable) => `${quoted(schema)}.${quoted(name)}`;

/** Rows of a client's table that a batch's records brought. Returns how many are gone. */
export async function deleteRowsOfRecords(
  { client }: Tx,
  table: ClientTable,
  { batchId, records }: { batchId: number; records: readonly number[] },
): Promise<number> {
  const { rowCount } = await client.query(
    `DELETE FROM ${qualified(table)} WHERE _batch = $1::bigint AND _record = ANY($2::bigint[])`,
    [batchId, records],
  );
  return rowCount ?? 0;
}

/** The rows that have one of these keys, whoever brought them. Returns how many are gone. */
export async function deleteRowsByKey(
  tx: Tx,
  table: ClientTable,
  { columns, keys }: { columns: readonly ClientColumn[]; keys: readonly (readonly string[])[] },
): Promise<number> {
  const { rowCount } = await tx.client.query(
    `DELETE FROM ${qualified(table)} t USING ${keyList(columns)} WHERE ${sameKey(columns)}`,
    keyValues(columns, await possibleKeys(tx, columns, keys)),
  );
  return rowCount ?? 0;
}

/** The rows that have a value in a column. A value that is none of the column's type is in no row. Returns how many are gone. */
export async function deleteRowsByValue(
  tx: Tx,
  table: ClientTable,
  { column, value }: { column: ClientColumn; value: string },
): Promise<number> {
  if (!(await isOfType(tx, column, value))) return 0;
  const { rowCount } = await tx.client.query(`DELETE FROM ${qualified(table)} t WHERE ${hasValue(column)}`, [value]);
  return rowCount ?? 0;
}

/** The keys of a catalog's items that a batch's records brought last, or that have one of these keys, or a value in a column. */
export async function catalogKeysOf(
  tx: Tx,
  { base, columns }: Pick<CatalogTable, "base" | "columns">,
  who:
    | { batchId: number; records: readonly number[] }
    | { keyColumns: readonly string[]; keys: readonly (readonly string[])[] }
    | { column: string; value: string },
): Promise<string[]> {
  const from = `SELECT t._key AS key FROM ${qualified(base)} t`;
  const read = async (text: string, values: unknown[]) =>
    (await tx.client.query<{ key: string }>(text, values)).rows.map(({ key }) => key);
  if ("batchId" in who) {
    return await read(`${from} WHERE t._batch = $1::bigint AND t._record = ANY($2::bigint[]) ORDER BY t._key`, [
      who.batchId,
      who.records,
    ]);
  }
  if ("keys" in who) {
    const named = who.keyColumns.map((name) => columns.find((column) => column.name === name)!);
    return await read(
      `${from}, ${keyList(named)} WHERE ${sameKey(named)} ORDER BY t._key`,
      keyValues(named, await possibleKeys(tx, named, who.keys)),
    );
  }
  const column = columns.find(({ name }) => name === who.column);
  if (column === undefined || !(await isOfType(tx, column, who.value))) return [];
  return await read(`${from} WHERE ${hasValue(column)} ORDER BY t._key`, [who.value]);
}

/**
 * Forgets what is known of items that were removed: their values, all of their history but the removal itself, which other systems
 * have still to be told of, and what lost conflicts. The key and the removal go with the catalog's history.
 */
export async function blankRemovedItems(
  { client }: Tx,
  { catalogId, base, columns, key }: CatalogTable,
  keys: readonly string[],
): Promise<void> {
  const emptied = columns.filter(({ name }) => !key.includes(name)).map(({ name }) => `${quoted(name)} = NULL`);
  if (emptied.length > 0) {
    await client.query(
      `UPDATE ${qualified(base)} SET ${emptied.join(", ")} WHERE _key = ANY($1::text[]) AND _deleted`,
      [keys],
    );
  }
  await client.query(
    `DELETE FROM inlet.catalog_changes c USING ${qualified(base)} b
     WHERE c.catalog_id = $1::bigint AND c.key = ANY($2::text[]) AND b._key = c.key AND b._deleted AND c.id <> b._change`,
    [catalogId, keys],
  );
  await client.query(
    `UPDATE inlet.catalog_changes SET
       values = coalesce((SELECT jsonb_object_agg(k, v) FROM jsonb_each(values) e (k, v) WHERE k = ANY($3::text[])), '{}')
     WHERE catalog_id = $1::bigint AND key = ANY($2::text[]) AND operation = 'remove'`,
    [catalogId, keys, key],
  );
  await client.query("DELETE FROM inlet.catalog_losses WHERE catalog_id = $1::bigint AND key = ANY($2::text[])", [
    catalogId,
    keys,
  ]);
  await client.query(
    `UPDATE inlet.sync_letters SET body = NULL, findings = NULL
     WHERE key = ANY($2::text[]) AND state <> 'retrying'
       AND subscription_id IN (SELECT id FROM inlet.subscriptions WHERE catalog_id = $1::bigint)`,
    [catalogId, keys],
  );
}

/** Without a length or precision: what is longer than the column is no value of it, and is compared all the same. */
const castOf = ({ type }: ClientColumn) => type.replace(/\([0-9, ]*\)/, "");

const hasValue = (column: ClientColumn) =>
  castOf(column) === "text"
    ? `btrim(t.${quoted(column.name)}) = $1`
    : `t.${quoted(column.name)} = $1::${castOf(column)}`;

async function isOfType({ client }: Tx, column: ClientColumn, value: string): Promise<boolean> {
  const { rows } = await client.query<{ fits: boolean }>("SELECT pg_input_is_valid($1, $2) AS fits", [
    value,
    castOf(column),
  ]);
  return rows[0]!.fits;
}

/** Those that are of the columns' types today, which may not be those that the file was imported by. */
async function possibleKeys(
  { client }: Tx,
  columns: readonly ClientColumn[],
  keys: readonly (readonly string[])[],
): Promise<(readonly string[])[]> {
  const places = columns.map((_, i) => i);
  const { rows } = await client.query<{ place: number }>(
    `SELECT place::int FROM unnest(${places.map((i) => `$${i + 1}::text[]`).join(", ")})
       WITH ORDINALITY k (${places.map((i) => `k${i}`).join(", ")}, place)
     WHERE ${columns.map((column, i) => `pg_input_is_valid(k${i}, ${pg.escapeLiteral(castOf(column))})`).join(" AND ")}`,
    keyValues(columns, keys),
  );
  return rows.map(({ place }) => keys[place - 1]!);
}

const keyList = (columns: readonly ClientColumn[]) =>
  `unnest(${columns.map((column, i) => `$${i + 1}::text[]::${castOf(column)}[]`).join(", ")}) k (${columns
    .map((_, i) => `k${i}`)
    .join(", ")})`;
const sameKey = (columns: readonly ClientColumn[]) =>
  columns.map(({ name }, i) => `t.${quoted(name)} = k.k${i}`).join(" AND ");
const keyValues = (columns: readonly ClientColumn[], keys: readonly (readonly string[])[]) =>
  columns.map((_, i) => keys.map((key) => key[i]!));
