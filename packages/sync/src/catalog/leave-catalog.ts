import { Misconfigured } from "@inlet/contracts";
import {
  type ClientTable,
  catalogBase,
  dependentViews,
  findCatalog,
  giveGrants,
  grantsOn,
  greatestVersion,
  lockCatalog,
  noteCatalogLeft,
  plainTableAgain,
  type Tx,
  unguardCatalog,
  waitForLocks,
} from "@inlet/database";

/** Readers wait no longer than this for the table's change; then it gives way, and is tried again. */
const LOCK_TIMEOUT_MS = 3_000;

interface Leaving {
  projectId: number;
  tableName: string;
  view: ClientTable;
}

/**
 * Makes a catalog that the profile has no more a plain table again, with the live items as its rows and the rights on it as they
 * are.
 * @throws Misconfigured `catalog_is_read`; SQLSTATE 55P03 when somebody holds the table: try again
 */
export async function leaveCatalog(tx: Tx, { projectId, tableName, view }: Leaving): Promise<void> {
  await lockCatalog(tx, view, "alone");
  const base = catalogBase(view);
  const readers = await dependentViews(tx, view);
  if (readers.length > 0) throw isRead(view, readers);
  await noteLeft(tx, { projectId, tableName, view });
  await waitForLocks(tx, LOCK_TIMEOUT_MS);
  const grants = await grantsOn(tx, view);
  await plainTableAgain(tx, { base, view });
  await giveGrants(tx, view, grants);
  await waitForLocks(tx, 0);
}

/**
 * The same for a table of mode `replace`, whose view stays and is pointed at a file's rows next; then drop what `base` names with
 * `dropCatalogBase` of packages/database.
 */
export async function leaveForReplacement(tx: Tx, leaving: Leaving): Promise<{ base: ClientTable }> {
  await lockCatalog(tx, leaving.view, "alone");
  await noteLeft(tx, leaving);
  await waitForLocks(tx, LOCK_TIMEOUT_MS);
  await unguardCatalog(tx, leaving.view);
  await waitForLocks(tx, 0);
  return { base: catalogBase(leaving.view) };
}

async function noteLeft(tx: Tx, { projectId, tableName, view }: Leaving): Promise<void> {
  const row = await findCatalog(tx, { projectId, tableName });
  if (row === undefined) return;
  await noteCatalogLeft(tx, { catalogId: row.id, versionFloor: await greatestVersion(tx, catalogBase(view)) });
}

const isRead = ({ name }: ClientTable, readers: readonly string[]) =>
  new Misconfigured({
    code: "catalog_is_read",
    message: `Table ${name} is a catalog no more, and a table takes the place of its view; but ${readers.join(", ")} reads that view. Drop ${readers.length === 1 ? "it" : "them"}, retry, and create ${readers.length === 1 ? "it" : "them"} again; or make the table a catalog again. Nothing was imported.`,
  });
