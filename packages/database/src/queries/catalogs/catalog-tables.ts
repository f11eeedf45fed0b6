import pg from "pg";
import type { Tx } from "../../connection.ts";
import type { ClientColumn, ClientTable } from "../client-tables/client-tables.ts";
import { type CatalogTable, catalogKeyIndex, catalogKeyText, hashText, valuesText } from "./catalog-rows.ts";

const quoted = (name: string) => pg.escapeIdentifier(name);
const literal = (text: string) => pg.escapeLiteral(text);
const qualified = ({ schema, name }: ClientTable) => `${quoted(schema)}.${quoted(name)}`;
const columnList = (columns: readonly string[]) => columns.map(quoted).join(", ");

/** What a catalog's row has besides the client's columns. */
const OWN = [
  '_key text COLLATE "C"',
  "_version bigint",
  "_hash bytea",
  "_origin text",
  "_changed_at timestamptz",
  "_stamps jsonb",
  "_deleted boolean NOT NULL DEFAULT false",
  "_change bigint",
];
const OWN_NAMES = OWN.map((column) => column.slice(0, column.indexOf(" ")));
/** Since a removal of what was never there is noted, too, a row may be without a change. */
const NEVER_NULL = OWN_NAMES.filter((name) => name !== "_change");

/** Items change more often than they come: room for their next version beside them, so that no index learns of it. */
const ROOM = "fillfactor = 85";

/** The name of the index that finds an item. */
const itemIndex = (view: ClientTable) => `${view.name}__ci`;
const GUARD = "inlet_refuse_write";

/** Makes the base table of a new catalog. */
export async function createCatalogBase(tx: Tx, table: CatalogTable): Promise<void> {
  const own = table.columns.map(({ name, type }) => `${quoted(name)} ${type}`);
  await tx.client.query(
    `CREATE TABLE ${qualified(table.base)} (${["_batch bigint", "_record bigint", ...OWN, ...own].join(", ")})
     WITH (${ROOM})`,
  );
}

/** Makes what is looked up by unique, once the rows are there. @throws SQLSTATE 23505 where rows share a key */
export async function indexCatalogBase({ client }: Tx, { base, view, key }: CatalogTable): Promise<void> {
  const filled = NEVER_NULL.map((name) => `ALTER ${name} SET NOT NULL`);
  await client.query(`ALTER TABLE ${qualified(base)} ${filled.join(", ")}`);
  await client.query(
    `CREATE UNIQUE INDEX IF NOT EXISTS ${quoted(catalogKeyIndex(view))} ON ${qualified(base)} (${columnList(key)})`,
  );
  await client.query(`CREATE UNIQUE INDEX ${quoted(itemIndex(view))} ON ${qualified(base)} (_key)`);
}

/**
 * Points the catalog's name at its live items, with the columns in this order. Who writes to it by himself is told not to: his
 * rows would be without version and change.
 */
export async function showCatalog(
  { client }: Tx,
  { view, base }: CatalogTable,
  columns: readonly string[],
): Promise<void> {
  await client.query(
    `CREATE OR REPLACE VIEW ${qualified(view)} AS
     SELECT ${columnList(["_batch", "_record", ...columns])} FROM ${qualified(base)} WHERE NOT _deleted`,
  );
  await client.query(
    `CREATE OR REPLACE TRIGGER ${GUARD} INSTEAD OF INSERT OR UPDATE OR DELETE ON ${qualified(view)}
     FOR EACH ROW EXECUTE FUNCTION inlet.refuse_catalog_write()`,
  );
}

/** Lets the view be one like any other again. */
export async function unguardCatalog({ client }: Tx, view: ClientTable): Promise<void> {
  await client.query(`DROP TRIGGER IF EXISTS ${GUARD} ON ${qualified(view)}`);
}

/** Names the relations that read a relation: views of somebody's own. */
export async function dependentViews({ client }: Tx, { schema, name }: ClientTable): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT DISTINCT d.refobjid, v.oid::regclass::text AS name FROM pg_depend d JOIN pg_rewrite r ON r.oid = d.objid
     JOIN pg_class v ON v.oid = r.ev_class
     WHERE d.classid = 'pg_rewrite'::regclass AND d.refclassid = 'pg_class'::regclass AND v.oid <> d.refobjid
       AND d.refobjid = (SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE n.nspname = $1 AND c.relname = $2)
     ORDER BY 2`,
    [schema, name],
  );
  return rows.map((row) => row.name);
}

/** Whether PostgreSQL shows rows of a table to some and not to others. */
export async function hasRowSecurity({ client }: Tx, { schema, name }: ClientTable): Promise<boolean> {
  const { rows } = await client.query<{ on: boolean }>(
    `SELECT c.relrowsecurity AS on FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = $1 AND c.relname = $2`,
    [schema, name],
  );
  return rows[0]?.on ?? false;
}

/** How many rows of a relation have no key. */
export async function countKeyless({ client }: Tx, from: ClientTable, key: readonly string[]): Promise<number> {
  const { rows } = await client.query<{ rows: number }>(
    `SELECT count(*) AS rows FROM ${qualified(from)} WHERE ${key.map((name) => `${quoted(name)} IS NULL`).join(" OR ")}`,
  );
  return rows[0]!.rows;
}

/** The stamps of fields that nobody has said yet: no value that comes for them is older than what is there. */
const unsaid = (columns: readonly ClientColumn[]) =>
  `${literal(JSON.stringify(Object.fromEntries(columns.map(({ name }) => [name, null]))))}::jsonb`;

/**
 * What makes an item of a row that an import left: its first version, as of when its file came.
 * @param added columns that the row did not have
 */
function firstVersion(
  table: CatalogTable,
  alias: string,
  { version, added }: { version: number; added: readonly ClientColumn[] },
): string[] {
  const received = `coalesce((SELECT received_at FROM inlet.batches WHERE id = ${alias}._batch), 'epoch')`;
  return [
    catalogKeyText(table, alias),
    `${version}::bigint`,
    hashText(valuesText(table.columns, alias)),
    "'import'",
    received,
    `jsonb_build_object('*', jsonb_build_array(floor(extract(epoch FROM ${received}) * 1000)::bigint, 'import')) || ${unsaid(added)}`,
    "false",
    "nextval('inlet.catalog_changes_id_seq')",
  ];
}

/** Makes a plain table the base of a catalog, with its rows, and with the indexes and constraints that people gave it. */
export async function adoptTable(
  { client }: Tx,
  table: CatalogTable,
  { added, version }: { added: readonly ClientColumn[]; version: number },
): Promise<void> {
  const { view, base } = table;
  await client.query(`ALTER TABLE ${qualified(view)} RENAME TO ${quoted(base.name)}`);
  const index = { schema: view.schema, name: `${view.name}__key` };
  await client.query(`ALTER INDEX IF EXISTS ${qualified(index)} RENAME TO ${quoted(catalogKeyIndex(view))}`);
  const own = [...OWN, ...added.map(({ name, type }) => `${quoted(name)} ${type}`)];
  await client.query(`ALTER TABLE ${qualified(base)} SET (${ROOM})`);
  await client.query(`ALTER TABLE ${qualified(base)} ${own.map((column) => `ADD COLUMN ${column}`).join(", ")}`);
  const values = firstVersion(table, "t", { version, added });
  const sets = OWN_NAMES.map((name, place) => `${name} = ${values[place]}`);
  await client.query(`UPDATE ${qualified(base)} t SET ${sets.join(", ")}`);
}

/** Notes that no item has ever said anything of columns which are about to be added. */
export async function noteUnsaid(
  { client }: Tx,
  { base }: CatalogTable,
  columns: readonly ClientColumn[],
): Promise<void> {
  await client.query(`UPDATE ${qualified(base)} SET _stamps = _stamps || ${unsaid(columns)}`);
}

/** Copies the rows of a view of mode `replace` into the base of a catalog. */
export async function adoptViewRows(
  { client }: Tx,
  table: CatalogTable,
  { columns, version }: { columns: readonly string[]; version: number },
): Promise<void> {
  const plain = ["_batch", "_record", ...columns];
  const added = table.columns.filter(({ name }) => !columns.includes(name));
  // Columns that the view lacks are empty.
  const cells = table.columns.map(({ name, type }) =>
    columns.includes(name) ? `v.${quoted(name)}` : `NULL::${type} AS ${quoted(name)}`,
  );
  await client.query(
    `INSERT INTO ${qualified(table.base)} (${columnList([...plain, ...OWN_NAMES])})
     SELECT ${[...plain.map((name) => `t.${quoted(name)}`), ...firstVersion(table, "t", { version, added })].join(", ")}
     FROM (SELECT v._batch, v._record, ${cells.join(", ")} FROM ${qualified(table.view)} v) t`,
  );
}

/** Notes all items of a catalog that was made of a table's rows as changes, so that those who copy it see them. Returns how many. */
export async function noteFirstVersions({ client }: Tx, table: CatalogTable): Promise<number> {
  const { rowCount } = await client.query(
    `INSERT INTO inlet.catalog_changes (id, catalog_id, key, version, operation, origin, cause, values, changed, hash, changed_at)
     SELECT b._change, $1::bigint, b._key, b._version, 'put', b._origin, b._batch::text, ${valuesText(table.columns, "b")},
       $2::text[], b._hash, b._changed_at
     FROM ${qualified(table.base)} b`,
    [table.catalogId, table.columns.map(({ name }) => name)],
  );
  return rowCount ?? 0;
}

/** Makes a catalog's base a plain table under the catalog's name again, without the items that are gone. */
export async function plainTableAgain(
  { client }: Tx,
  { base, view }: Pick<CatalogTable, "base" | "view">,
): Promise<void> {
  await client.query(`DROP VIEW ${qualified(view)}`);
  await client.query(`DELETE FROM ${qualified(base)} WHERE _deleted`);
  await client.query(
    `ALTER TABLE ${qualified(base)} ${OWN_NAMES.map((name) => `DROP COLUMN ${name}`).join(", ")},
     ALTER _batch SET DEFAULT nullif(current_setting('inlet.batch', true), '')::bigint`,
  );
  await client.query(`ALTER TABLE ${qualified(base)} RENAME TO ${quoted(view.name)}`);
  const index = { schema: view.schema, name: catalogKeyIndex(view) };
  await client.query(`ALTER INDEX IF EXISTS ${qualified(index)} RENAME TO ${quoted(`${view.name}__key`)}`);
}

/** Drops the base of what is no catalog any more and is read from elsewhere. */
export async function dropCatalogBase({ client }: Tx, base: ClientTable): Promise<void> {
  await client.query(`DROP TABLE ${qualified(base)}`);
}

/** The greatest version of an item. */
export async function greatestVersion({ client }: Tx, base: ClientTable): Promise<number> {
  const { rows } = await client.query<{ version: number }>(
    `SELECT coalesce(max(_version), 0) AS version FROM ${qualified(base)}`,
  );
  return rows[0]!.version;
}

/** A right that somebody was given on a relation, as the words after GRANT. */
export interface Grant {
  /** Such as `SELECT` or `SELECT (sku)`. */
  right: string;
  /** Quoted, or PUBLIC. */
  grantee: string;
  isGrantable: boolean;
}

/** Who but its owner may do what with a relation. */
export async function grantsOn({ client }: Tx, { schema, name }: ClientTable): Promise<Grant[]> {
  const { rows } = await client.query<Grant>(
    `WITH relation AS (SELECT c.oid, c.relacl, c.relowner FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE n.nspname = $1 AND c.relname = $2),
     acl AS (
       SELECT a.privilege_type AS "right", a.grantee, a.is_grantable, r.relowner FROM relation r, aclexplode(r.relacl) a
       UNION ALL
       SELECT a.privilege_type || ' (' || quote_ident(t.attname) || ')', a.grantee, a.is_grantable, r.relowner
       FROM relation r JOIN pg_attribute t ON t.attrelid = r.oid AND NOT t.attisdropped, aclexplode(t.attacl) a
     )
     SELECT "right", CASE WHEN grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END AS grantee,
       is_grantable AS "isGrantable" FROM acl WHERE grantee <> relowner ORDER BY 1, 2`,
    [schema, name],
  );
  return rows;
}

/** Gives rights on a relation as others had them. */
export async function giveGrants({ client }: Tx, relation: ClientTable, grants: readonly Grant[]): Promise<void> {
  for (const { right, grantee, isGrantable } of grants)
    await client.query(
      `GRANT ${right} ON ${qualified(relation)} TO ${grantee}${isGrantable ? " WITH GRANT OPTION" : ""}`,
    );
}

/** Takes rights on a relation away again. */
export async function takeGrants({ client }: Tx, relation: ClientTable, grants: readonly Grant[]): Promise<void> {
  for (const grantee of new Set(grants.map((grant) => grant.grantee)))
    await client.query(`REVOKE ALL ON ${qualified(relation)} FROM ${grantee} CASCADE`);
}

/** From here to the transaction's end, or until told 0: a lock is waited for no longer (SQLSTATE 55P03). */
export async function waitForLocks({ client }: Tx, timeoutMs: number): Promise<void> {
  await client.query("SELECT set_config('lock_timeout', $1, true)", [`${timeoutMs}ms`]);
}
