import { type Table, tableSchema } from "@inlet/contracts";

/** The countries that the enum column knows. */
export const COUNTRIES = ["DE", "FR", "GB", "IT", "PL", "US"] as const;

/** Ten columns: six with a type that is checked, one of them unique, one enum, three of text. */
export const CHECK_COLUMNS = [
  { name: "customer_id", type: "integer", required: true, unique: true },
  { name: "name", type: "string", required: true },
  { name: "city", type: "string" },
  { name: "country", type: "enum", values: [...COUNTRIES] },
  { name: "signed_up", type: "date", required: true },
  { name: "amount", type: "decimal", precision: 12, scale: 2 },
  { name: "orders", type: "integer" },
  { name: "active", type: "boolean" },
  { name: "updated_at", type: "timestamp" },
  { name: "note", type: "string" },
] as const;

/** The types that a check file's columns may have, in DuckDB's words and ours. */
export type CheckType = (typeof CHECK_COLUMNS)[number]["type"];

/** A thousand columns: the ten kinds, a hundred times; only the very first is unique. */
export const WIDE_COLUMNS = Array.from({ length: 100 }, (_, block) =>
  CHECK_COLUMNS.map((column) => ({
    ...column,
    name: `${column.name}_${block + 1}`,
    ...("unique" in column && { unique: block === 0 }),
  })),
).flat();

/** The columns of both tables by the name that a side is told them by. */
export const COLUMNS = { check: CHECK_COLUMNS, wide: WIDE_COLUMNS } as const;
export type TableName = keyof typeof COLUMNS;

/** The table. Faulty rows are left out, so that a dirty file is read in every respect as a clean one is. */
export function tableOf(name: TableName): Table {
  return tableSchema.parse({ name: "rows", columns: COLUMNS[name], invalid: { policy: "skip" } });
}
