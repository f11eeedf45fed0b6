import pg from "pg";
import type { Tx } from "../../connection.ts";
import type { ClientColumn, ClientTable } from "../client-tables/client-tables.ts";

/**
 * The rows of a catalog: its base table, which nobody writes but these statements, and the view of the live ones under the
 * table's own name. Values travel as PostgreSQL's own text, in a session that writes times in UTC ({@link beginCatalogWork}).
 */
export interface CatalogTable {
  catalogId: number;
  base: ClientTable;
  view: ClientTable;
  /** All of the table's, in its order. */
  columns: readonly ClientColumn[];
  /** The columns that name an item. */
  key: readonly string[];
}

type Values = Record<string, string | null>;
type Stamps = Readonly<Record<string, readonly [number, string, string?] | null>>;

/** An item as its row has it. */
export interface CatalogItem {
  key: string;
  version: number;
  hash: Buffer;
  /** Who changed it last. */
  origin: string;
  changedAt: Date;
  stamps: Stamps;
  isDeleted: boolean;
  /** The id of its last change; null: none was seen. */
  changeId: number | null;
  values: Values;
  /** The batch and record that its values came from last, where a file brought them. */
  batchId: number | null;
}

const quoted = (name: string) => pg.escapeIdentifier(name);
const literal = (text: string) => pg.escapeLiteral(text);
const qualified = ({ schema, name }: ClientTable) => `${quoted(schema)}.${quoted(name)}`;

/** The base table of a catalog. A name of at most 24 + 2 + 24 characters has room for it in PostgreSQL's 63 bytes. */
export function catalogBase(view: ClientTable): ClientTable {
  return { schema: view.schema, name: `${view.name}__c` };
}

/** The index that makes a catalog's key columns unique. */
export const catalogKeyIndex = (view: ClientTable) => `${view.name}__ck`;

/** A value as text: values that PostgreSQL holds to be equal have one text, so that 1.5 and 1.50 are no two of them. */
function cellText({ name, type }: ClientColumn, alias: string): string {
  const cell = `${alias}.${quoted(name)}`;
  // With a scale of its own a column writes all its values alike.
  return type === "numeric" ? `trim_scale(${cell})::text` : `${cell}::text`;
}

/** Of a row that `alias` names: its values as texts, as jsonb. */
export function valuesText(columns: readonly ClientColumn[], alias: string): string {
  const names = columns.map(({ name }) => literal(name)).join(", ");
  const cells = columns.map((column) => cellText(column, alias)).join(", ");
  return `jsonb_object(ARRAY[${names}]::text[], ARRAY[${cells}]::text[])`;
}

/** The hash of values as jsonb, as packages/sync makes it, too: empty columns are not in it. */
export const hashText = (values: string) => `sha256(convert_to(jsonb_strip_nulls(${values})::text, 'UTF8'))`;

/** Of a row that `alias` names: its key as text; of several columns a JSON list, as JSON.stringify writes it. */
export function catalogKeyText({ columns, key }: Pick<CatalogTable, "columns" | "key">, alias: string): string {
  const parts = key.map((name) => cellText(columns.find((column) => column.name === name)!, alias));
  const text = parts.length === 1 ? parts[0]! : `array_to_json(ARRAY[${parts.join(", ")}]::text[])::text`;
  return `${text} COLLATE "C"`;
}

const itemText = (table: CatalogTable, alias: string) =>
  `${alias}._key AS key, ${alias}._version AS version, ${alias}._hash AS hash, ${alias}._origin AS origin,
   ${alias}._changed_at AS "changedAt", ${alias}._stamps AS stamps, ${alias}._deleted AS "isDeleted",
   ${alias}._change AS "changeId", ${valuesText(table.columns, alias)} AS values, ${alias}._batch AS "batchId"`;

/** Makes the session write values as the history keeps them, until the transaction ends. */
export async function beginCatalogWork({ client }: Pick<Tx, "client">): Promise<void> {
  await client.query({
    name: "begin_catalog_work",
    text: "SELECT set_config('timezone', 'UTC', true), set_config('datestyle', 'ISO, YMD', true)",
  });
}

/** The time by PostgreSQL's clock, in whole milliseconds: all that we stamp ourselves is stamped by it. */
export async function catalogClockMs({ client }: Pick<Tx, "client">): Promise<number> {
  const { rows } = await client.query<{ ms: number }>({
    name: "catalog_clock",
    text: "SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint AS ms",
  });
  return rows[0]!.ms;
}

/** What a key and values are in PostgreSQL's own words. */
export interface NormalItem {
  /** Null: a column of the key is empty. */
  key: string | null;
  values: Values;
}

/**
 * Reads values as the table's types and writes them back in PostgreSQL's own words, with the key that they make; in their order.
 * @throws SQLSTATE class 22 where a value is none of its column's type
 */
export async function normaliseCatalogValues(
  { client }: Pick<Tx, "client">,
  table: CatalogTable,
  rows: readonly Values[],
): Promise<NormalItem[]> {
  const { rows: normal } = await client.query<NormalItem>(
    `SELECT ${catalogKeyText(table, "r")} AS key, ${valuesText(table.columns, "r")} AS values
     FROM ROWS FROM (jsonb_populate_recordset(NULL::${qualified(table.base)}, $1::jsonb)) WITH ORDINALITY AS r
     ORDER BY r.ordinality`,
    [JSON.stringify(rows)],
  );
  return normal;
}

/**
 * Holds items until the transaction ends, in the order of their keys, those that are not there yet, too: a row is put in their
 * place, deleted and without a version above the floor. Whoever holds items in this order never waits for one who waits for him.
 */
export async function holdCatalogItems(
  { client }: Tx,
  table: CatalogTable,
  { keys, versionFloor }: { keys: readonly string[]; versionFloor: number },
): Promise<void> {
  await client.query(
    `INSERT INTO ${qualified(table.base)} AS b (_batch, _key, _version, _hash, _origin, _changed_at, _stamps, _deleted)
     SELECT NULL, k, $2::bigint, '', '', to_timestamp(0), '{}', true
     FROM (SELECT DISTINCT k COLLATE "C" AS k FROM unnest($1::text[]) AS w (k)) w ORDER BY k
     ON CONFLICT (_key) DO UPDATE SET _key = excluded._key WHERE false`,
    [keys, versionFloor],
  );
}

/** Items by their keys, in the order of these; deleted ones, too. */
export async function readCatalogItems(
  { client }: Pick<Tx, "client">,
  table: CatalogTable,
  keys: readonly string[],
): Promise<CatalogItem[]> {
  const { rows } = await client.query<CatalogItem>(
    `SELECT ${itemText(table, "b")} FROM ${qualified(table.base)} b WHERE b._key = ANY($1::text[]) ORDER BY b._key`,
    [keys],
  );
  return rows;
}

/** A page of the live items after a key, in the order of their keys, each with its last change's number. */
export async function readCatalogPage(
  { client }: Pick<Tx, "client">,
  table: CatalogTable,
  { after, limit }: { after: string | null; limit: number },
): Promise<(CatalogItem & { seq: number | null })[]> {
  const { rows } = await client.query<CatalogItem & { seq: number | null }>(
    `SELECT ${itemText(table, "b")}, c.seq FROM ${qualified(table.base)} b
     LEFT JOIN inlet.catalog_changes c ON c.id = b._change
     WHERE NOT b._deleted AND ($1::text IS NULL OR b._key > $1) ORDER BY b._key LIMIT $2`,
    [after, limit],
  );
  return rows;
}

/** What becomes of one item. */
export interface ItemWrite {
  key: string;
  version: number;
  stamps: Stamps;
  isDeleted: boolean;
  /** Who changed it last. */
  origin: string;
  changedAtMs: number;
  values: Values;
  /** What others are told; null: nothing. */
  operation: "put" | "remove" | null;
  changed: readonly string[];
  /** Of a removal: what the item was. */
  told: Values;
  batchId: number | null;
  record: number | null;
}

/** A change that was written. */
export interface WrittenChange {
  id: number;
  key: string;
  version: number;
  operation: "put" | "remove";
}

/** Writes items that are held, and their changes. */
export async function writeCatalogItems(
  { client }: Tx,
  table: CatalogTable,
  { writes, cause }: { writes: readonly ItemWrite[]; cause: string | null },
): Promise<WrittenChange[]> {
  if (writes.length === 0) return [];
  const sets = table.columns.map(({ name }) => `${quoted(name)} = r.${quoted(name)}`);
  const { rows } = await client.query<WrittenChange>(
    `WITH w AS MATERIALIZED (
       SELECT o.*, ${hashText(`o.values`)} AS hash, to_timestamp(o."changedAtMs" / 1000) AS changed_at,
         CASE WHEN o.operation IS NOT NULL THEN nextval('inlet.catalog_changes_id_seq') END AS change
       FROM (SELECT * FROM jsonb_to_recordset($1::jsonb) AS j (key text, version bigint, stamps jsonb, "isDeleted" boolean,
         origin text, "changedAtMs" double precision, values jsonb, operation text, changed jsonb, told jsonb, "batchId" bigint,
         record bigint) ORDER BY key COLLATE "C") o
     ), written AS (
       UPDATE ${qualified(table.base)} b SET ${[...sets, ""].join(", ")} _batch = coalesce(w."batchId", b._batch),
         _record = CASE WHEN w."batchId" IS NULL THEN b._record ELSE w.record END, _version = w.version, _hash = w.hash,
         _origin = w.origin, _changed_at = w.changed_at, _stamps = w.stamps, _deleted = w."isDeleted",
         _change = coalesce(w.change, b._change)
       FROM w, LATERAL jsonb_populate_record(NULL::${qualified(table.base)}, w.values) r WHERE b._key = w.key
     )
     INSERT INTO inlet.catalog_changes (id, catalog_id, key, version, operation, origin, cause, values, changed, hash, changed_at)
     SELECT w.change, $2::bigint, w.key, w.version, w.operation, w.origin, $3, w.told,
       ARRAY(SELECT jsonb_array_elements_text(w.changed)), w.hash, w.changed_at
     FROM w WHERE w.change IS NOT NULL
     RETURNING id, key, version, operation`,
    [JSON.stringify(writes), table.catalogId, cause],
  );
  return rows;
}

/** Takes away the places of items that were held and of which nothing is to be kept. */
export async function dropHeldItems({ client }: Tx, table: CatalogTable, keys: readonly string[]): Promise<void> {
  if (keys.length === 0) return;
  await client.query(
    `DELETE FROM ${qualified(table.base)} WHERE _key = ANY($1::text[]) AND _change IS NULL AND _stamps = '{}'`,
    [keys],
  );
}
