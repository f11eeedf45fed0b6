import { Misconfigured, Unavailable } from "@inlet/contracts";
import {
  addClientColumns,
  adoptTable,
  adoptViewRows,
  beginCatalogWork,
  type CatalogRow,
  type CatalogTable,
  type ClientColumn,
  type ClientRelation,
  catalogBase,
  clientTable,
  columnsOf,
  countKeyless,
  createCatalogBase,
  type Database,
  dependentViews,
  describeClientTable,
  dropOldGenerations,
  ensureClientSchema,
  findCatalog,
  giveGrants,
  grantsOn,
  hasRowSecurity,
  indexCatalogBase,
  keepCatalog,
  lockCatalog,
  noteFirstVersions,
  noteUnsaid,
  SQLSTATE,
  showCatalog,
  sqlstateOf,
  type Tx,
  tableDifferences,
  takeGrants,
  transaction,
  waitForLocks,
} from "@inlet/database";
import { type ConflictFunctions, mergeRules } from "../merge/rules.ts";
import type { CatalogPlace, OpenCatalog } from "./catalog.ts";

/** Readers wait no longer than this for a table's change; then it gives way, and is tried again. */
const LOCK_TIMEOUT_MS = 3_000;
/** An old generation of a replaced table that somebody still reads is left for the next import. */
const DROP_LOCK_TIMEOUT_MS = 200;

/** What is there of a catalog. */
interface Found {
  row: CatalogRow | undefined;
  relation: ClientRelation | undefined;
}

/**
 * Holds a catalog for the rest of the transaction, as whoever writes to it must, and makes its table what the profile asks for: a
 * new one, a plain table's rows taken over as first versions, columns added. Whoever comes first does it: an import, a write of
 * the API, or the syncer.
 * @throws Misconfigured `table_changed`, `key_not_unique`, `catalog_key_empty`, `table_is_read`, `table_is_secured`,
 *   `conflict_function_missing`; Unavailable `catalog_changing`; SQLSTATE 55P03 when somebody holds the table: try again
 */
export async function openCatalog(tx: Tx, place: CatalogPlace, functions: ConflictFunctions): Promise<OpenCatalog> {
  const view = viewOf(place);
  await beginCatalogWork(tx);
  // Looked at before it is held: who holds it with others cannot ask for it alone any more.
  if (isReady(place, await look(tx, place))) {
    await lockCatalog(tx, view, "shared");
    const found = await look(tx, place);
    if (isReady(place, found)) return opened(place, found, functions);
    throw new Unavailable({
      code: "catalog_changing",
      message: `Table ${place.table.name} is just being changed; try again.`,
    });
  }
  await ensureClientSchema(tx, view);
  await lockCatalog(tx, view, "alone");
  const before = await look(tx, place);
  if (!isReady(place, before)) {
    await waitForLocks(tx, LOCK_TIMEOUT_MS);
    await bringUp(tx, place, before);
    await waitForLocks(tx, 0);
  }
  return opened(place, await look(tx, place), functions);
}

/**
 * Reads from a catalog in a transaction of its own, which sees one state of it in one statement each and changes nothing. Undefined
 * where it is not made yet.
 */
export async function readingCatalog<T>(
  database: Database,
  place: CatalogPlace,
  read: (tx: Tx, table: CatalogTable) => Promise<T>,
): Promise<T | undefined> {
  return await transaction(database, async (tx) => {
    await beginCatalogWork(tx);
    const found = await look(tx, place);
    if (found.row?.state !== "live" || found.relation?.kind !== "catalog") return undefined;
    return await read(tx, tableOf(place, { row: found.row, columns: found.relation.columns }));
  });
}

const viewOf = ({ client, project, table }: CatalogPlace) => clientTable(client, project, table.name);

async function look(tx: Tx, place: CatalogPlace): Promise<Found> {
  const row = await findCatalog(tx, { projectId: place.projectId, tableName: place.table.name });
  return { row, relation: await describeClientTable(tx, viewOf(place)) };
}

function isReady(place: CatalogPlace, { row, relation }: Found): boolean {
  if (row?.state !== "live" || relation?.kind !== "catalog") return false;
  return missingColumns(place, relation).length === 0;
}

const missingColumns = ({ table }: CatalogPlace, relation: ClientRelation) =>
  columnsOf(table).filter(({ name }) => !relation.columns.some((column) => column.name === name));

function tableOf(
  place: CatalogPlace,
  { row, columns }: { row: CatalogRow; columns: readonly ClientColumn[] },
): CatalogTable {
  const view = viewOf(place);
  return { catalogId: row.id, view, base: catalogBase(view), columns, key: place.table.key };
}

function opened(place: CatalogPlace, { row, relation }: Found, functions: ConflictFunctions): OpenCatalog {
  const table = tableOf(place, { row: row!, columns: relation!.columns });
  assertFits(place, relation!);
  const columns = table.columns.map(({ name }) => name);
  const rules = mergeRules(place.catalog, { columns, key: table.key }, functions);
  return { ...table, place, rules, versionFloor: row!.versionFloor };
}

function assertFits({ table, laterColumns }: CatalogPlace, relation: ClientRelation): void {
  const differences = tableDifferences(table, relation, laterColumns);
  if (differences.length === 0) return;
  throw new Misconfigured({
    code: "table_changed",
    message: `Table ${table.name} does not fit the rows that are there: ${differences.map(({ message }) => message).join("; ")}. Columns may be added; for any other change use a new table name, or change the table in PostgreSQL first. Nothing was changed.`,
  });
}

/** Makes what is there the catalog that the profile asks for. The catalog is held alone. */
async function bringUp(tx: Tx, place: CatalogPlace, { relation }: Found): Promise<void> {
  if (relation !== undefined) assertFits(place, relation);
  const row = await keepCatalog(tx, { projectId: place.projectId, tableName: place.table.name });
  const added = relation === undefined ? columnsOf(place.table) : missingColumns(place, relation);
  // A view's columns keep their order; new ones come last.
  const columns = [...(relation?.columns ?? []), ...added];
  const table = tableOf(place, { row, columns });
  const names = columns.map(({ name }) => name);
  switch (relation?.kind) {
    case undefined:
      await createCatalogBase(tx, table);
      await indexCatalogBase(tx, table);
      await showCatalog(tx, table, names);
      return;
    case "catalog":
      if (added.length > 0) {
        // First what takes long, while readers read on.
        await noteUnsaid(tx, table, added);
        await addClientColumns(tx, table.base, added);
      }
      await showCatalog(tx, table, names);
      return;
    case "table":
      return await fromTable(tx, table, { added, version: row.versionFloor + 1 });
    case "view":
      return await fromView(tx, table, { relation, version: row.versionFloor + 1 });
  }
}

async function fromTable(
  tx: Tx,
  table: CatalogTable,
  { added, version }: { added: readonly ClientColumn[]; version: number },
): Promise<void> {
  await assertKeys(tx, table);
  const readers = await dependentViews(tx, table.view);
  if (readers.length > 0) throw isRead(table, readers);
  if (await hasRowSecurity(tx, table.view)) throw isSecured(table);
  const grants = await grantsOn(tx, table.view);
  await adoptTable(tx, table, { added, version });
  await uniquely(table, () => indexCatalogBase(tx, table));
  await showCatalog(
    tx,
    table,
    table.columns.map(({ name }) => name),
  );
  await giveGrants(tx, table.view, grants);
  await takeGrants(tx, table.base, grants);
  await noteFirstVersions(tx, table);
}

async function fromView(
  tx: Tx,
  table: CatalogTable,
  { relation, version }: { relation: ClientRelation; version: number },
): Promise<void> {
  await assertKeys(tx, table);
  await createCatalogBase(tx, table);
  await adoptViewRows(tx, table, { columns: relation.columns.map(({ name }) => name), version });
  await uniquely(table, () => indexCatalogBase(tx, table));
  await noteFirstVersions(tx, table);
  // Last: from here to the commit nobody reads the view.
  await showCatalog(
    tx,
    table,
    table.columns.map(({ name }) => name),
  );
  await dropOldGenerations(tx, { view: table.view, current: table.base, lockTimeoutMs: DROP_LOCK_TIMEOUT_MS });
}

async function assertKeys(tx: Tx, { view, key }: CatalogTable): Promise<void> {
  const keyless = await countKeyless(tx, view, key);
  if (keyless === 0) return;
  throw new Misconfigured({
    code: "catalog_key_empty",
    message: `Table ${view.name} holds ${keyless} rows without a key (${key.join(", ")}), so it cannot become a catalog. Remove them in PostgreSQL, or give them a key; then retry. Nothing was changed.`,
  });
}

async function uniquely(table: CatalogTable, index: () => Promise<void>): Promise<void> {
  try {
    await index();
  } catch (cause) {
    if (sqlstateOf(cause) !== SQLSTATE.uniqueViolation) throw cause;
    throw new Misconfigured({
      code: "key_not_unique",
      message: `Table ${table.view.name} already holds rows that share a key (${table.key.join(", ")}), so it cannot become a catalog. Remove the double rows in PostgreSQL, then retry. Nothing was changed.`,
      cause,
    });
  }
}

const isRead = ({ view }: CatalogTable, readers: readonly string[]) =>
  new Misconfigured({
    code: "table_is_read",
    message: `Table ${view.name} becomes a catalog, and a view takes its name; but ${readers.join(", ")} would go on reading what is behind it. Drop ${readers.length === 1 ? "that view" : "those views"}, retry, and create ${readers.length === 1 ? "it" : "them"} again. Nothing was changed.`,
  });

const isSecured = ({ view }: CatalogTable) =>
  new Misconfigured({
    code: "table_is_secured",
    message: `Table ${view.name} has row level security, which a view of it would pass by: it cannot become a catalog. Use a new table name, or switch it off and give rights on views of your own. Nothing was changed.`,
  });
