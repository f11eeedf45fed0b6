import { type Paging, part, projectPath } from "../address.ts";
import { type StoredFile, storedFileOf } from "../stored-file.ts";
import type { Send } from "../transport.ts";

/** Which rows of an imported table are asked for. */
export interface RowConditions {
  /** Such as `["price", "gte:10"]`; all hold together, also several on one column. */
  filters?: readonly (readonly [column: string, condition: string])[] | undefined;
  columns?: readonly string[] | undefined;
  /** `-` before a column: descending. */
  order?: readonly string[] | undefined;
}

const tablePath = (client: string, project: string, table: string) =>
  `${projectPath(client, project)}/tables/${part(table)}`;

/** Filters by the name that is never anything else's, so that a column may be called `limit`. */
function rowsPath(
  at: readonly [client: string, project: string, table: string],
  { filters = [], columns, order }: RowConditions,
  more: Readonly<Record<string, string | number | undefined>>,
): string {
  const query = new URLSearchParams(
    filters.map(([column, condition]): [string, string] => [`where.${column}`, condition]),
  );
  if (columns !== undefined) query.set("columns", columns.join(","));
  if (order !== undefined && order.length > 0) query.set("order", order.join(","));
  for (const [name, value] of Object.entries(more)) if (value !== undefined) query.set(name, String(value));
  return `${tablePath(...at)}/rows${query.size === 0 ? "" : `?${query}`}`;
}

export const tableCalls = (send: Send) => ({
  tables: async (client: string, project: string) =>
    (await send("tableListSchema", "GET", `${projectPath(client, project)}/tables`)).tables,
  table: (client: string, project: string, table: string) =>
    send("tableDetailSchema", "GET", tablePath(client, project, table)),
  rows: (
    client: string,
    project: string,
    table: string,
    { cursor, limit, ...conditions }: RowConditions & Paging = {},
  ) => send("rowPageSchema", "GET", rowsPath([client, project, table], conditions, { cursor, limit })),
  /** All rows that fit, as CSV. `raw`: cells as they are, also those that a spreadsheet takes for a formula. */
  rowsFile: async (
    client: string,
    project: string,
    table: string,
    { raw = false, ...conditions }: RowConditions & { raw?: boolean | undefined } = {},
  ): Promise<StoredFile> => {
    const path = rowsPath([client, project, table], conditions, { format: "csv", raw: raw ? "true" : undefined });
    return storedFileOf(await send.raw(path, { timed: false }), `${table}.csv`);
  },
  /** The address of that file, for a link. */
  rowsFileUrl: (client: string, project: string, table: string, conditions: RowConditions = {}) =>
    rowsPath([client, project, table], conditions, { format: "csv" }),
});
