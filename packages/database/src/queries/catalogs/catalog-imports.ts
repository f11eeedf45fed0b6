import pg from "pg";
import type { Tx } from "../../connection.ts";
import type { ClientColumn, ClientTable } from "../client-tables/client-tables.ts";
import { type CatalogTable, catalogKeyText, hashText, valuesText } from "./catalog-rows.ts";

const quoted = (name: string) => pg.escapeIdentifier(name);
const qualified = ({ schema, name }: ClientTable) => `${quoted(schema)}.${quoted(name)}`;

/** What the rows of a file are compared with: a catalog, and which of its columns the file may say. */
export interface CatalogImport {
  table: CatalogTable;
  /** The file's rows. */
  staging: ClientTable;
  /** The columns that the file has and that imports may set, the key's among them. */
  columns: readonly ClientColumn[];
  /** All columns that the file has: a new item has them until the side that they belong to says otherwise. */
  ofNew: readonly ClientColumn[];
}

/** Where the rows of a file wait that are new or differ; it ends with the transaction. */
const TODO = "pg_temp.inlet_todo";

/** A table for a file's rows that ends with the transaction. */
export async function stageForCatalog({ client }: Tx, columns: readonly ClientColumn[]): Promise<ClientTable> {
  const own = columns.map(({ name, type }) => `${quoted(name)} ${type}`);
  await client.query(`CREATE TEMPORARY TABLE inlet_staging (_record bigint, ${own.join(", ")}) ON COMMIT DROP`);
  return { schema: "pg_temp", name: "inlet_staging" };
}

/** What a file has to do with a catalog's items. */
export interface CatalogDifferences {
  /** Rows whose key is new, was removed, or whose values differ; and items that the file does not have, where those go. */
  rows: number;
  /** Of these, rows without a key. */
  keyless: number;
  /** Of these, the longest key, in bytes. */
  longestKey: number;
}

/**
 * Finds what of a file is to be done, in the order of the keys. Rows that say what is there already are not among it. Nothing is
 * held yet: what others change meanwhile is merged when its turn comes.
 * @param removesMissing whether items that the file does not have are to be removed
 * @param decidesItems whether files say which items there are
 */
export async function compareWithCatalog(
  { client }: Tx,
  { table, staging, columns, ofNew }: CatalogImport,
  { removesMissing, decidesItems }: { removesMissing: boolean; decidesItems: boolean },
): Promise<CatalogDifferences> {
  const { key } = table;
  const same = key.map((name) => `b.${quoted(name)} = s.${quoted(name)}`).join(" AND ");
  const values = columns.filter(({ name }) => !key.includes(name)).map(({ name }) => quoted(name));
  const rowOf = (alias: string) => `ROW(${values.map((name) => `${alias}.${name}`).join(", ")})`;
  const differs = values.length === 0 ? "false" : `${rowOf("s")} IS DISTINCT FROM ${rowOf("b")}`;
  const cells = ofNew.map(({ name }) => `s.${quoted(name)}`).join(", ");
  const nothing = ofNew.map(({ type }) => `NULL::${type}`).join(", ");
  const missing = `UNION ALL
    SELECT b._key, true, NULL, ${nothing} FROM ${qualified(table.base)} b
    WHERE NOT b._deleted AND NOT EXISTS (SELECT FROM ${qualified(staging)} s WHERE ${same})`;
  await client.query(
    `CREATE TEMPORARY TABLE inlet_todo ON COMMIT DROP AS
     SELECT row_number() OVER (ORDER BY t._key) AS _place, t.* FROM (
       SELECT ${catalogKeyText(table, "s")} AS _key, false AS _gone, s._record, ${cells}
       FROM ${qualified(staging)} s LEFT JOIN ${qualified(table.base)} b ON ${same}
       WHERE b._key IS NULL ${decidesItems ? "OR b._deleted" : ""} OR ${differs}
       ${removesMissing && decidesItems ? missing : ""}
     ) t`,
  );
  await client.query(`CREATE INDEX ON ${TODO} (_place)`);
  const { rows } = await client.query<CatalogDifferences>(
    `SELECT count(*) AS rows, coalesce(max(octet_length(_key)), 0) AS "longestKey",
       count(*) FILTER (WHERE NOT _gone AND (${key.map((name) => `${quoted(name)} IS NULL`).join(" OR ")})) AS keyless
     FROM ${TODO}`,
  );
  return rows[0]!;
}

/** A row of the file whose item is there, or an item that the file does not have. It is held. */
export interface HeldRow {
  key: string;
  isGone: boolean;
  record: number | null;
  values: Record<string, string | null>;
}

/**
 * Takes the next rows in the order of their keys: makes items of those whose key is new, with their changes, and holds those that
 * are there and returns them, to be merged.
 */
export async function takeIntoCatalog(
  { client }: Tx,
  { table, columns, ofNew }: CatalogImport,
  {
    after,
    upTo,
    batchId,
    version,
    atMs,
    stamps,
    decidesItems,
  }: {
    /** Rows by their places. */
    after: number;
    upTo: number;
    batchId: number;
    /** Of a new item. */
    version: number;
    atMs: number;
    stamps: object;
    decidesItems: boolean;
  },
): Promise<{ held: HeldRow[]; added: number }> {
  const names = ofNew.map(({ name }) => quoted(name)).join(", ");
  const cells = ofNew.map(({ name }) => `t.${quoted(name)}`).join(", ");
  const { rows } = await client.query<HeldRow & { added: number }>(
    `WITH todo AS MATERIALIZED (SELECT * FROM ${TODO} WHERE _place > $1::bigint AND _place <= $2::bigint),
     fresh AS (
       INSERT INTO ${qualified(table.base)} AS b
         (_batch, _record, _key, _version, _hash, _origin, _changed_at, _stamps, _deleted, _change, ${names})
       SELECT $3::bigint, t._record, t._key, $4::bigint, ${hashText(valuesText(ofNew, "t"))}, 'import',
         to_timestamp($5::float8 / 1000), $6::jsonb, t._gone OR NOT $9::boolean,
         CASE WHEN NOT t._gone AND $9::boolean THEN nextval('inlet.catalog_changes_id_seq') END, ${cells}
       FROM todo t ORDER BY t._key
       ON CONFLICT (_key) DO UPDATE SET _key = excluded._key WHERE false
       RETURNING b._key, b._change, b._version, b._hash, b._changed_at, ${valuesText(table.columns, "b")} AS values
     ), noted AS (
       INSERT INTO inlet.catalog_changes
         (id, catalog_id, key, version, operation, origin, cause, values, changed, hash, changed_at)
       SELECT f._change, $7::bigint, f._key, f._version, 'put', 'import', $3::text, f.values, $8::text[], f._hash, f._changed_at
       FROM fresh f WHERE f._change IS NOT NULL
     )
     SELECT (SELECT count(*) FROM fresh WHERE _change IS NOT NULL) AS added, t._key AS key, t._gone AS "isGone", t._record AS record,
       ${valuesText(columns, "t")} AS values
     FROM (SELECT 1) one LEFT JOIN todo t ON NOT EXISTS (SELECT FROM fresh f WHERE f._key = t._key)
     ORDER BY t._key`,
    [
      after,
      upTo,
      batchId,
      version,
      atMs,
      JSON.stringify(stamps),
      table.catalogId,
      table.columns.map(({ name }) => name),
      decidesItems,
    ],
  );
  return { added: rows[0]!.added, held: rows.filter(({ key }) => key !== null) };
}

/** Removes what an import into a catalog worked with, before its transaction ends. */
export async function dropCatalogStaging({ client }: Tx): Promise<void> {
  await client.query("DROP TABLE IF EXISTS pg_temp.inlet_todo, pg_temp.inlet_staging");
}
