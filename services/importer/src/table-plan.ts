import { Misconfigured, type Table } from "@inlet/contracts";
import { type ClientColumn, type ClientRelation, columnsOf, tableDifferences } from "@inlet/database";

/** What has to be done to a client's table before rows can land in it. */
export interface TablePlan {
  action: "create" | "add" | "none";
  /** The columns that the table lacks; all of them where it is created. */
  missing: ClientColumn[];
  /** Columns that a newer version of the profile added: they are there, and NULL in these rows. */
  unknown: ClientColumn[];
}

/**
 * Compares a profile's table with what is there. New columns are added; every other difference is refused.
 * @param laterColumns what newer versions of the profile have: a batch that is retried was received under an older one
 * @throws Misconfigured `table_changed`
 */
export function planTable(
  table: Pick<Table, "name" | "mode" | "key" | "columns">,
  existing: ClientRelation | undefined,
  laterColumns: ReadonlySet<string>,
): TablePlan {
  const wanted = columnsOf(table);
  if (existing === undefined) return { action: "create", missing: wanted, unknown: [] };
  const differences = tableDifferences(table, existing, laterColumns);
  if (differences.length > 0) {
    throw new Misconfigured({
      code: "table_changed",
      message: `Table ${table.name} does not fit the rows that are there: ${differences.map(({ message }) => message).join("; ")}. Columns may be added; for any other change use a new table name, or change the table in PostgreSQL first. Nothing was imported.`,
    });
  }
  const missing = without(wanted, existing.columns);
  return { action: missing.length === 0 ? "none" : "add", missing, unknown: without(existing.columns, wanted) };
}

function without(columns: readonly ClientColumn[], others: readonly ClientColumn[]): ClientColumn[] {
  const known = new Set(others.map(({ name }) => name));
  return columns.filter(({ name }) => !known.has(name));
}
