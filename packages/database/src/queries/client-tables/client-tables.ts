import pg from "pg";
import type { Tx } from "../../connection.ts";
import { type CopyStream, copyFrom } from "../../copy.ts";

/**
 * The tables that clients' rows land in: one PostgreSQL schema per client, `client_<slug>`; one relation per table,
 * `<project>__<table>`. Every row says which batch (`_batch`) and which record of its file (`_record`) it came from.
 * A table of mode `replace` is a view over its newest generation, `<project>__<table>__g<batch>`.
 */
export interface ClientTable {
  schema: string;
  name: string;
}

/** A column as PostgreSQL writes it, such as `numeric(10,2)`. */
export interface ClientColumn {
  name: string;
  type: string;
}

/** What stands under a client table's name. */
export interface ClientRelation {
  /** `catalog`: a view, too, over the table of a catalog; see `catalog-rows.ts`. */
  kind: "table" | "view" | "catalog";
  /** In their order, Inlet's own (`_batch`, `_record`) left out. */
  columns: ClientColumn[];
  /** What {@link ensureClientKey} made unique, or a catalog's key; undefined: nothing. */
  key?: string[];
}

/** The parameter that a transaction sets so that the rows it copies know their batch. */
const BATCH_SETTING = "inlet.batch";

const quoted = (name: string) => pg.escapeIdentifier(name);
const qualified = ({ schema, name }: ClientTable) => `${quoted(schema)}.${quoted(name)}`;
const columnList = (columns: readonly string[]) => columns.map(quoted).join(", ");
const OWN_COLUMNS = `_batch bigint DEFAULT nullif(current_setting('${BATCH_SETTING}', true), '')::bigint, _record bigint`;

/** Where a project's table is kept. */
export function clientTable(client: string, project: string, table: string): ClientTable {
  return { schema: `client_${client}`, name: `${project}__${table}` };
}

/** The generation of a `replace` table that one batch makes. */
export function generationOf(table: ClientTable, batchId: number): ClientTable {
  return { schema: table.schema, name: `${table.name}__g${batchId}` };
}

/**
 * Begins an import: holds the table for the rest of the transaction, because imports of one table go one at a time, tells
 * the rows that are copied from now on which batch they belong to, and gives the transaction its time. PostgreSQL ends the
 * session of one that takes longer (SQLSTATE 25P04).
 */
export async function beginImport(
  { client }: Tx,
  table: ClientTable,
  { batchId, timeoutMs }: { batchId: number; timeoutMs: number },
): Promise<void> {
  await client.query({
    name: "begin_import",
    text: `SELECT set_config('transaction_timeout', $3, true), set_config('${BATCH_SETTING}', $2, true),
      pg_advisory_xact_lock(hashtext('import'), hashtext($1))`,
    values: [`${table.schema}.${table.name}`, String(batchId), String(timeoutMs)],
  });
}

/** Makes the client's schema where it is missing. Two first imports of a client do not meet here. */
export async function ensureClientSchema({ client }: Tx, { schema }: ClientTable): Promise<void> {
  await client.query("SELECT pg_advisory_xact_lock(hashtext('client schema'), hashtext($1))", [schema]);
  await client.query(`CREATE SCHEMA IF NOT EXISTS ${quoted(schema)}`);
}

/** What stands under the table's name; undefined: nothing. */
export async function describeClientTable({ client }: Tx, table: ClientTable): Promise<ClientRelation | undefined> {
  const { rows } = await client.query<{
    kind: ClientRelation["kind"];
    name: string;
    type: string;
    key: string[] | null;
  }>(
    `SELECT CASE WHEN b.oid IS NOT NULL THEN 'catalog' WHEN c.relkind = 'v' THEN 'view' ELSE 'table' END AS kind,
       a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type,
       (SELECT array_agg(k.attname::text ORDER BY k.attnum)
        FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_attribute k ON k.attrelid = x.oid
        WHERE i.indrelid = coalesce(b.oid, c.oid) AND i.indisunique
          AND x.relname = ($2::text || CASE WHEN b.oid IS NULL THEN '__key' ELSE '__ck' END)::name) AS key
     FROM pg_class c
     LEFT JOIN pg_class b ON c.relkind = 'v' AND b.relnamespace = c.relnamespace AND b.relname = ($2::text || '__c')::name
     JOIN pg_namespace n ON n.oid = c.relnamespace
     JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
     WHERE n.nspname = $1 AND c.relname = $2 ORDER BY a.attnum`,
    [table.schema, table.name],
  );
  if (rows.length === 0) return undefined;
  const { kind, key } = rows[0]!;
  return {
    kind,
    columns: rows.filter(({ name }) => !name.startsWith("_")).map(({ name, type }) => ({ name, type })),
    ...(key === null ? {} : { key }),
  };
}

/** Makes a table with Inlet's own columns first. */
export async function createClientTable(
  { client }: Tx,
  table: ClientTable,
  columns: readonly ClientColumn[],
): Promise<void> {
  const own = columns.map(({ name, type }) => `${quoted(name)} ${type}`);
  await client.query(`CREATE TABLE ${qualified(table)} (${[OWN_COLUMNS, ...own].join(", ")})`);
}

/** Adds columns; rows that are there hold NULL in them. */
export async function addClientColumns(
  { client }: Tx,
  table: ClientTable,
  columns: readonly ClientColumn[],
): Promise<void> {
  const additions = columns.map(({ name, type }) => `ADD COLUMN ${quoted(name)} ${type}`);
  await client.query(`ALTER TABLE ${qualified(table)} ${additions.join(", ")}`);
}

/**
 * Makes the key unique, as upserts need it. Existing rows that share a key raise SQLSTATE 23505.
 */
export async function ensureClientKey({ client }: Tx, table: ClientTable, key: readonly string[]): Promise<void> {
  await client.query(
    `CREATE UNIQUE INDEX IF NOT EXISTS ${quoted(`${table.name}__key`)} ON ${qualified(table)} (${columnList(key)})`,
  );
}

/** The same for a new generation; PostgreSQL finds the index's name, because ours could pass its 63 bytes. */
export async function indexGenerationKey(
  { client }: Tx,
  generation: ClientTable,
  key: readonly string[],
): Promise<void> {
  await client.query(`CREATE UNIQUE INDEX ON ${qualified(generation)} (${columnList(key)})`);
}

/**
 * Starts COPY of canonical lines (`record`, then the columns in the order given) into a table. `isNew`: the transaction has made
 * it. Its rows are then written as what everybody sees once it is committed, and nothing has to be looked at again for that.
 */
export function copyCanonical(
  tx: Tx,
  table: ClientTable,
  { columns, isNew }: { columns: readonly string[]; isNew: boolean },
): CopyStream {
  const how = isNew ? " (FREEZE)" : "";
  return copyFrom(tx, `COPY ${qualified(table)} (_record, ${columnList(columns)}) FROM STDIN${how}`);
}

/** A staging table of the target's shape that ends with the transaction. */
export async function createStaging({ client }: Tx, target: ClientTable): Promise<ClientTable> {
  await client.query(
    `CREATE TEMPORARY TABLE inlet_staging (LIKE ${qualified(target)} INCLUDING DEFAULTS) ON COMMIT DROP`,
  );
  return { schema: "pg_temp", name: "inlet_staging" };
}

/**
 * Begins the import of a rehearsed file: as {@link beginImport}, but it holds nothing, because it changes nothing that
 * others see.
 */
export async function beginRehearsedImport(
  { client }: Tx,
  { batchId, timeoutMs }: { batchId: number; timeoutMs: number },
): Promise<void> {
  await client.query({
    name: "begin_rehearsed_import",
    text: `SELECT set_config('transaction_timeout', $2, true), set_config('${BATCH_SETTING}', $1, true)`,
    values: [String(batchId), String(timeoutMs)],
  });
}

/**
 * A table for a rehearsed file, which ends with the transaction and which nobody else sees: these columns and, where the
 * client's own table is there, all of it that can make PostgreSQL refuse a row (types, checks, unique keys).
 */
export async function createRehearsalTable(
  { client }: Tx,
  { like, columns }: { like?: ClientTable | undefined; columns: readonly ClientColumn[] },
): Promise<ClientTable> {
  const shape = like ? `LIKE ${qualified(like)} INCLUDING ALL` : OWN_COLUMNS;
  const own = columns.map(({ name, type }) => `${quoted(name)} ${type}`);
  await client.query(`CREATE TEMPORARY TABLE inlet_rehearsal (${[shape, ...own].join(", ")}) ON COMMIT DROP`);
  return { schema: "pg_temp", name: "inlet_rehearsal" };
}

/** Removes a staging table, or one of a rehearsal, before its transaction ends. */
export async function dropStaging({ client }: Tx, staging: ClientTable): Promise<void> {
  await client.query(`DROP TABLE ${qualified(staging)}`);
}

/** Merges staged rows by key: new keys are inserted, known ones overwritten. Returns how many rows were taken. */
export async function mergeStaging(
  { client }: Tx,
  {
    staging,
    target,
    columns,
    key,
  }: {
    staging: ClientTable;
    target: ClientTable;
    columns: readonly string[];
    key: readonly string[];
  },
): Promise<number> {
  const all = ["_batch", "_record", ...columns];
  const updates = all.filter((name) => !key.includes(name)).map((name) => `${quoted(name)} = excluded.${quoted(name)}`);
  const { rowCount } = await client.query(
    `INSERT INTO ${qualified(target)} (${columnList(all)}) SELECT ${columnList(all)} FROM ${qualified(staging)}
     ON CONFLICT (${columnList(key)}) DO UPDATE SET ${updates.join(", ")}`,
  );
  return rowCount ?? 0;
}

/**
 * Points a `replace` table's view at a generation. Grants and dependants of the view survive; readers wait for a moment at
 * most, because the lock is given up after a while (SQLSTATE 55P03: try the import again).
 */
export async function flipView(
  { client }: Tx,
  {
    view,
    generation,
    columns,
    lockTimeoutMs,
  }: {
    view: ClientTable;
    generation: ClientTable;
    columns: readonly string[];
    lockTimeoutMs: number;
  },
): Promise<void> {
  await client.query("SELECT set_config('lock_timeout', $1, true)", [`${lockTimeoutMs}ms`]);
  await client.query(
    `CREATE OR REPLACE VIEW ${qualified(view)} AS
     SELECT ${columnList(["_batch", "_record", ...columns])} FROM ${qualified(generation)}`,
  );
  await waitForLocksAgain(client);
}

/** A lock timeout counts for the rest of a transaction; what follows waits for its own rows as long as it takes. */
async function waitForLocksAgain(client: Tx["client"]): Promise<void> {
  await client.query("SELECT set_config('lock_timeout', '0', true)");
}

/**
 * Drops the generations of a `replace` table but the current one. Where a reader still holds one it stays, and the next
 * import drops it: returns the names that are left.
 */
export async function dropOldGenerations(
  { client }: Tx,
  { view, current, lockTimeoutMs }: { view: ClientTable; current: ClientTable; lockTimeoutMs: number },
): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = $1 AND c.relkind = 'r' AND c.relname <> $3
       AND left(c.relname, length($2) + 3) = $2 || '__g' AND substr(c.relname, length($2) + 4) ~ '^[0-9]+$'`,
    [view.schema, view.name, current.name],
  );
  const left: string[] = [];
  await client.query("SELECT set_config('lock_timeout', $1, true)", [`${lockTimeoutMs}ms`]);
  for (const { name } of rows) {
    await client.query("SAVEPOINT drop_generation");
    try {
      await client.query(`DROP TABLE ${qualified({ schema: view.schema, name })}`);
      await client.query("RELEASE SAVEPOINT drop_generation");
    } catch {
      await client.query("ROLLBACK TO SAVEPOINT drop_generation");
      left.push(name);
    }
  }
  await waitForLocksAgain(client);
  return left;
}
