import type { Column, Profile, Table, TableColumn, TableSummary } from "@inlet/contracts";
import {
  type CellKind,
  type ClientColumn,
  type ClientTable,
  cellKind,
  clientTable,
  columnsOf,
  countImportedRows,
  type Database,
  describeImportedTable,
  findProject,
  type ImportedTable,
  type LastImport,
  type Scope,
  type Tx,
} from "@inlet/database";
import { notFound } from "../requests/errors.ts";
import { iso } from "../views.ts";

/** Counted exactly up to here. */
const COUNTED_ROWS = 10_000;

/** Inlet's own columns, as a table that is not there yet would have them. */
const OWN_COLUMNS: readonly ClientColumn[] = [
  { name: "_batch", type: "bigint" },
  { name: "_record", type: "bigint" },
];

/** A project's table of the live profile, and where it is in PostgreSQL. */
export interface ProfileTable {
  projectId: number;
  table: Table;
  relation: ClientTable;
}

/** The tables of a project that the caller may see. @throws Refusal `project_not_found` */
export async function projectTables(
  database: Database,
  { client, project, scope }: { client: string; project: string; scope: Scope },
): Promise<ProfileTable[]> {
  const found = await findProject(database, { client, project, scope });
  if (found === undefined) {
    throw notFound(
      "project_not_found",
      `There is no project ${client}/${project}. GET /v1/projects lists those that you may see.`,
    );
  }
  const { projectId, profile }: { projectId: number; profile: Profile } = found;
  return profile.tables.map((table) => ({ projectId, table, relation: clientTable(client, project, table.name) }));
}

/** One of them. @throws Refusal `project_not_found`, `table_not_found` */
export async function projectTable(
  database: Database,
  { table: name, ...place }: { client: string; project: string; table: string; scope: Scope },
): Promise<ProfileTable> {
  const found = (await projectTables(database, place)).find(({ table }) => table.name === name);
  if (found !== undefined) return found;
  const path = `${place.client}/${place.project}`;
  throw notFound(
    "table_not_found",
    `The profile of ${path} has no table ${name}. GET /v1/clients/${place.client}/projects/${place.project}/tables lists them.`,
  );
}

/** The columns that PostgreSQL keeps unique. */
export const uniqueKeyOf = ({ mode, key }: Table): readonly string[] => (mode === "append" ? [] : key);

/** The columns of a table: as PostgreSQL has it, or as the profile says while nothing was imported. */
export function tableColumns(table: Table, stored: ImportedTable | undefined): TableColumn[] {
  const columns = stored?.columns ?? [...OWN_COLUMNS, ...columnsOf(table)];
  return columns.map(({ name, type }) => {
    const own = name.startsWith("_");
    const live = table.columns.find((column) => column.name === name);
    return {
      name,
      type: live?.type ?? COLUMN_TYPES[cellKind(type)],
      postgresType: type,
      key: table.key.includes(name),
      own,
      live: own || live !== undefined,
    };
  });
}

const COLUMN_TYPES: Readonly<Record<CellKind, Column["type"]>> = {
  integer: "integer",
  decimal: "decimal",
  boolean: "boolean",
  date: "date",
  timestamp: "timestamp",
  text: "string",
  other: "string",
};

/** What a list says of a table. */
export async function tableSummary(
  tx: Pick<Tx, "client">,
  { table, relation }: ProfileTable,
  lastImport: LastImport | undefined,
): Promise<{ summary: TableSummary; stored: ImportedTable | undefined }> {
  const stored = await describeImportedTable(tx, relation);
  const summary = {
    name: table.name,
    description: table.description ?? null,
    mode: table.mode,
    postgres: relation,
    exists: stored !== undefined,
    rows: stored === undefined ? null : await rowsOf(tx, stored),
    lastImport:
      lastImport === undefined
        ? null
        : {
            batchId: lastImport.batchId,
            fileName: lastImport.fileName,
            importedAt: iso(lastImport.importedAt),
            rows: lastImport.rows,
          },
  };
  return { summary, stored };
}

async function rowsOf(tx: Pick<Tx, "client">, stored: ImportedTable) {
  const counted = await countImportedRows(tx, stored, { most: COUNTED_ROWS + 1 });
  if (counted <= COUNTED_ROWS) return { count: counted, exact: true };
  return { count: Math.max(stored.estimatedRows ?? 0, counted), exact: false };
}
