import { z } from "zod";
import { slugSchema } from "../names.ts";
import { columnTypeSchema, importModeSchema } from "../table.ts";
import { nextSchema, timeSchema } from "./pages.ts";
import { projectPathSchema } from "./projects.ts";

export const tablePathSchema = projectPathSchema.extend({ table: slugSchema });

/**
 * A column of an imported table. `integer` cells are numbers, beyond 2^53 strings; `decimal` cells are strings; `boolean`
 * true or false; `date` YYYY-MM-DD; `timestamp` ISO 8601 in UTC; all others strings. An empty cell is null.
 */
export const tableColumnSchema = z
  .object({
    name: z.string(),
    type: columnTypeSchema,
    /** As PostgreSQL writes it. */
    postgresType: z.string(),
    /** Part of the table's key. */
    key: z.boolean(),
    /** Inlet's own: `_batch` and `_record`, from where a row came. */
    own: z.boolean(),
    /** In the live profile; false for one that an older version had. */
    live: z.boolean(),
  })
  .meta({ id: "TableColumn" });
export type TableColumn = z.infer<typeof tableColumnSchema>;

const tableFields = {
  name: z.string(),
  description: z.string().nullable(),
  mode: importModeSchema,
  /** Where it is in PostgreSQL, for those who read it there. */
  postgres: z.object({ schema: z.string(), name: z.string() }),
  /** False: nothing was imported yet. */
  exists: z.boolean(),
  /** How many rows it has: counted up to 10,000, beyond that PostgreSQL's own estimate. Null while there is none. */
  rows: z.object({ count: z.int(), exact: z.boolean() }).nullable(),
  /** The newest batch that is in it. */
  lastImport: z
    .object({ batchId: z.int(), fileName: z.string(), importedAt: timeSchema, rows: z.int().nullable() })
    .nullable(),
};

export const tableSummarySchema = z.object(tableFields).meta({ id: "TableSummary" });
export type TableSummary = z.infer<typeof tableSummarySchema>;

export const tableListSchema = z.object({ tables: z.array(tableSummarySchema) });
export type TableList = z.infer<typeof tableListSchema>;

/** An imported table with its columns. */
export const tableDetailSchema = z
  .object({ ...tableFields, key: z.array(z.string()), columns: z.array(tableColumnSchema) })
  .meta({
    id: "Table",
    example: {
      name: "contacts",
      description: null,
      mode: "upsert",
      postgres: { schema: "client_spring", name: "video__contacts" },
      exists: true,
      rows: { count: 200, exact: true },
      lastImport: {
        batchId: 42,
        fileName: "contacts-2026-11-20.csv",
        importedAt: "2026-11-20T09:00:04.000Z",
        rows: 200,
      },
      key: ["id"],
      columns: [
        { name: "_batch", type: "integer", postgresType: "bigint", key: false, own: true, live: true },
        { name: "_record", type: "integer", postgresType: "bigint", key: false, own: true, live: true },
        { name: "id", type: "integer", postgresType: "bigint", key: true, own: false, live: true },
        { name: "email", type: "email", postgresType: "text", key: false, own: false, live: true },
      ],
    },
  });
export type TableDetail = z.infer<typeof tableDetailSchema>;

/** What a filter does. All but `null` are followed by a value: `eq:42`. `ne` takes rows without a value, too. */
export const filterOperatorSchema = z.enum(["eq", "ne", "lt", "lte", "gt", "gte", "in", "null", "prefix"]);
export type FilterOperator = z.infer<typeof filterOperatorSchema>;

/** Names in the query that are no columns. A column of such a name is filtered as `where.<column>=…`. */
export const ROW_PARAMETERS = ["cursor", "limit", "columns", "order", "format", "raw"] as const;

/**
 * Which rows are asked for. Every other parameter is a filter, `<column>=<operator>:<value>`: `price=gte:10`,
 * `country=in:DE,FR,"a,b"`, `note=null:true`. A repeated one holds as well; all hold together.
 */
export const rowQuerySchema = z
  .object({
    cursor: z
      .string()
      .max(8_192)
      .regex(/^[A-Za-z0-9_-]+$/, "a cursor is the `next` of the page before")
      .optional()
      .describe("`next` of the page before, with the same filters and order"),
    limit: z.coerce.number().int().min(1).max(1_000).default(50).describe("Rows of one page at most"),
    columns: z.string().min(1).max(100_000).optional().describe("Which columns, with commas between. Default: all"),
    order: z
      .string()
      .min(1)
      .max(500)
      .optional()
      .describe(
        "Up to five columns with commas between, `-` before one for descending. Default: the key, or as imported",
      ),
    format: z
      .enum(["json", "csv"])
      .optional()
      .describe("`csv`: all rows that fit, not a page, as a file; the same as `Accept: text/csv`"),
    raw: z
      .enum(["true", "false"])
      .default("false")
      .transform((text) => text === "true")
      .describe("For CSV. `true`: cells as they are; else one that a spreadsheet would run as a formula begins with '"),
  })
  .catchall(z.union([z.string().max(16_384), z.array(z.string().max(16_384)).max(50)]));
export type RowQuery = z.output<typeof rowQuerySchema>;

/** A cell as JSON. */
export const cellSchema = z.union([z.string(), z.number(), z.boolean(), z.null()]);
export type Cell = z.infer<typeof cellSchema>;

export const rowPageSchema = z
  .object({
    /** The columns of the rows, in order. */
    columns: z.array(tableColumnSchema),
    /** Each an object by column; `_batch` and `_record` among them, unless `columns` leaves them out. */
    rows: z.array(z.record(z.string(), cellSchema)),
    next: nextSchema,
  })
  .meta({
    id: "RowPage",
    example: {
      columns: [{ name: "id", type: "integer", postgresType: "bigint", key: true, own: false, live: true }],
      rows: [{ id: 1 }, { id: "9007199254740993" }],
      next: null,
    },
  });
export type RowPage = z.infer<typeof rowPageSchema>;
