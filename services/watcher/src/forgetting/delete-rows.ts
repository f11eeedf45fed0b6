import type { Blobs } from "@inlet/blobs";
import type { Table } from "@inlet/contracts";
import {
  blankRemovedItems,
  catalogKeysOf,
  clientTable,
  deleteRowsByKey,
  deleteRowsByValue,
  deleteRowsOfRecords,
  describeClientTable,
  describeImportedTable,
  type ForgetfulBatch,
  type LiveProject,
  type Tx,
} from "@inlet/database";
import { readRecord } from "@inlet/delimited";
import { type ConflictFunctions, openCatalog, writeItems } from "@inlet/sync/catalogs";
import { withFile } from "./stored-files.ts";

/** The project whose tables hold the rows. */
interface Place extends Pick<LiveProject, "projectId" | "profile"> {
  client: string;
  project: string;
  functions: ConflictFunctions;
  /** For the history of catalogs. */
  cause: string;
}

/** What is gone from tables. */
export interface DeletedRows {
  rows: number;
  /** Catalogs in which items were removed: to be hinted at after the commit. */
  catalogIds: number[];
}

const NOTHING: DeletedRows = { rows: 0, catalogIds: [] };

/**
 * The values of records in their table's key columns, as they were imported. To be read before the files are blanked. A record that
 * was rejected has none, and neither has a table without a key.
 */
export async function keysOf(
  blobs: Blobs,
  batch: ForgetfulBatch,
  { table, key, records }: { table: Table; key: readonly string[]; records: readonly number[] },
): Promise<string[][]> {
  const places = key.map((name) => table.columns.findIndex((column) => column.name === name));
  if (places.length === 0 || places.includes(-1)) return [];
  const keys: string[][] = [];
  await withFile(blobs, batch, "canonical", (canonical) =>
    withFile(blobs, batch, "index", async (index) => {
      for (const record of records) {
        const cells = await readRecord(canonical.read, index, record);
        const values = places.map((place) => cells?.[place] ?? null);
        if (!values.includes(null)) keys.push(values as string[]);
      }
    }),
  );
  return keys;
}

/** Removes what records of a batch brought into its table, and whatever has their keys there. */
export async function deleteRecordRows(
  tx: Tx,
  place: Place,
  {
    batchId,
    tableName,
    records,
    keys,
  }: { batchId: number; tableName: string; records: readonly number[]; keys: string[][] },
): Promise<DeletedRows> {
  const found = await look(tx, place, tableName);
  if (found === undefined) return NOTHING;
  const { table, relation } = found;
  if (relation.kind === "catalog") {
    return await removeItems(tx, place, table, [
      { batchId, records },
      ...(keys.length === 0 ? [] : [{ keyColumns: table.key, keys }]),
    ]);
  }
  let rows = await deleteRowsOfRecords(tx, found.source, { batchId, records });
  const columns = table.key.map((name) => relation.columns.find((column) => column.name === name));
  if (keys.length > 0 && columns.every((column) => column !== undefined)) {
    rows += await deleteRowsByKey(tx, found.source, { columns, keys });
  }
  return { rows, catalogIds: [] };
}

/** Removes the rows that have a value in a column, from every table of the project that has it. */
export async function deleteValueRows(
  tx: Tx,
  place: Place,
  { column: name, value }: { column: string; value: string },
): Promise<DeletedRows> {
  const all: DeletedRows = { rows: 0, catalogIds: [] };
  for (const { name: tableName } of place.profile.tables) {
    const found = await look(tx, place, tableName);
    const column = found?.relation.columns.find((each) => each.name === name);
    if (found === undefined || column === undefined) continue;
    const { rows, catalogIds } =
      found.relation.kind === "catalog"
        ? await removeItems(tx, place, found.table, [{ column: name, value }])
        : { rows: await deleteRowsByValue(tx, found.source, { column, value }), catalogIds: [] };
    all.rows += rows;
    all.catalogIds.push(...catalogIds);
  }
  return all;
}

/** What stands under a table's name today. A table that the profile has no more has no key that we know. */
async function look(tx: Tx, { client, project, profile }: Place, tableName: string) {
  const named = clientTable(client, project, tableName);
  const relation = await describeClientTable(tx, named);
  const table = profile.tables.find(({ name }) => name === tableName);
  if (relation === undefined) return undefined;
  const imported = relation.kind === "view" ? await describeImportedTable(tx, named) : undefined;
  return { table: table ?? { name: tableName, key: [] as string[] }, relation, source: imported?.source ?? named };
}

type Who = Parameters<typeof catalogKeysOf>[2];

/** Through the catalog's own way, so that other systems are told; then what the catalog remembers of the items goes. */
async function removeItems(
  tx: Tx,
  { projectId, client, project, profile, functions, cause }: Place,
  { name }: Pick<Table, "name">,
  whos: readonly Who[],
): Promise<DeletedRows> {
  const table = profile.tables.find((each) => each.name === name);
  const catalog = profile.catalogs.find((each) => each.table === name);
  if (table === undefined || catalog === undefined) return NOTHING;
  const open = await openCatalog(tx, { projectId, client, project, table, catalog }, functions);
  const keys = new Set<string>();
  for (const who of whos) for (const key of await catalogKeysOf(tx, open, who)) keys.add(key);
  if (keys.size === 0) return NOTHING;
  // Held in the order of their keys, as every writer holds them.
  const rising = [...keys].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  const written = await writeItems(
    tx,
    open,
    rising.map((key) => ({ operation: "remove", key })),
    { origin: "api", cause },
  );
  await blankRemovedItems(tx, open, rising);
  return { rows: written.filter(({ change }) => change !== null).length, catalogIds: [open.catalogId] };
}
