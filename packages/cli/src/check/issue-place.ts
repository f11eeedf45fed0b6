import type { Issue, Table } from "@inlet/contracts";
import type { Report } from "@inlet/delimited";

/** Which column of the file a finding means. */
export interface IssuePlace {
  /** From 1; null where none is meant, or where it is missing in the file. */
  column: number | null;
  /** As it stands in the file; of a column that is missing there, as the table has it. */
  label: string | null;
}

/** A finding names a column of the table, several of them with a comma between, or a label of the file. */
export function placeOf({ column }: Issue, columns: readonly Report["columns"][number][], table: Table): IssuePlace {
  if (column === null) return { column: null, label: null };
  const first = columns.some((label) => label.column === column) ? column : (column.split(",")[0] ?? column);
  const found =
    columns.find((label) => label.column === column) ??
    columns.find((label) => label.column === first) ??
    columns.find((label) => label.label === column);
  if (found !== undefined) return { column: found.index + 1, label: found.label };
  const missing = table.columns.find(({ name }) => name === column);
  return { column: null, label: missing?.header ?? column };
}
