import type { Column, Table } from "@inlet/contracts";
import type { ClientColumn } from "./queries/client-tables/client-tables.ts";

/** A column's type in PostgreSQL, as `format_type` writes it. */
export function postgresType(column: Pick<Column, "type" | "precision" | "scale">): string {
  switch (column.type) {
    case "integer":
      return "bigint";
    case "decimal":
      return column.precision === undefined ? "numeric" : `numeric(${column.precision},${column.scale ?? 0})`;
    case "boolean":
      return "boolean";
    case "date":
      return "date";
    case "timestamp":
      return "timestamp with time zone";
    case "string":
    case "email":
    case "url":
    case "enum":
      return "text";
  }
}

/** The columns that a table of the profile has in PostgreSQL. */
export function columnsOf(table: Pick<Table, "columns">): ClientColumn[] {
  return table.columns.map((column) => ({ name: column.name, type: postgresType(column) }));
}
