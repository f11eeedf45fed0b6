import { z } from "zod";
import { filePatternSchema } from "./file-pattern.ts";
import { formatSchema, limitsSchema } from "./format.ts";
import { columnNameSchema, MAX_COLUMNS, slugSchema } from "./names.ts";
import { controlSchema, type Rule, ruleSchema, severitySchema } from "./rule.ts";

/** What a cell holds. `email` and `url` are stored as text; `enum` is text out of `values`. */
export const columnTypeSchema = z.enum([
  "string",
  "integer",
  "decimal",
  "boolean",
  "date",
  "timestamp",
  "email",
  "url",
  "enum",
]);
export type ColumnType = z.infer<typeof columnTypeSchema>;

/** One column of a table: its name in PostgreSQL, how it is found in the file's header, and what its cells may be. */
export const columnSchema = z
  .strictObject({
    name: columnNameSchema,
    /** The label in the file's header. Default: the name. */
    header: z.string().min(1).max(200).optional(),
    /** Further labels that mean this column. */
    aliases: z.array(z.string().min(1).max(200)).max(50).default([]),
    type: columnTypeSchema.default("string"),
    /** No cell of this column may be empty. */
    required: z.boolean().default(false),
    /** The whole column may be absent from a file; its cells are then NULL. Not together with `required`. */
    optional: z.boolean().default(false),
    /** No value may come twice in one file. Empty cells do not count. */
    unique: z.boolean().default(false),
    /**
     * For `date` and `timestamp`: how it is written, in Unicode's letters (`yyyy-MM-dd`, `dd.MM.yyyy`,
     * `yyyy-MM-dd HH:mm:ss`). Default: ISO 8601.
     */
    format: z.string().min(1).max(40).optional(),
    /** For `timestamp` without an offset in the text: the IANA zone it is meant in. */
    timezone: z.string().min(1).max(64).default("UTC"),
    /** For `integer` and `decimal`: which character parts the fraction. */
    decimalSeparator: z.enum([".", ","]).default("."),
    /** For `decimal`: digits in all, and digits after the separator. */
    precision: z.int().min(1).max(1000).optional(),
    scale: z.int().min(0).max(1000).optional(),
    /** For `boolean`: what counts as true and as false, without regard to case. */
    trueValues: z.array(z.string()).min(1).max(20).default(["true", "t", "yes", "y", "1"]),
    falseValues: z.array(z.string()).min(1).max(20).default(["false", "f", "no", "n", "0"]),
    /** For `enum`. */
    values: z.array(z.string().min(1)).min(1).max(10_000).optional(),
    /** A regular expression (RE2 syntax, linear time) that the whole cell must match. */
    pattern: z.string().min(1).max(1000).optional(),
    /** In characters. */
    minLength: z.int().min(0).optional(),
    maxLength: z.int().min(1).max(10_485_760).optional(),
    /** Least and greatest value, both allowed; for numbers, dates and timestamps, written as the type's canonical form. */
    min: z.union([z.number(), z.string()]).optional(),
    max: z.union([z.number(), z.string()]).optional(),
    /**
     * What a value does that breaks this column's `unique`, `values`, `pattern`, length or range. A cell that is empty though
     * required, or not of its type, is always an error.
     */
    severity: severitySchema.default("error"),
  })
  .refine((column) => !(column.required && column.optional), {
    message: "a column is either required or optional, not both",
    path: ["optional"],
  })
  .refine((column) => column.type !== "enum" || column.values !== undefined, {
    message: "an enum column lists its values",
    path: ["values"],
  })
  .refine((column) => column.scale === undefined || column.precision !== undefined, {
    message: "a scale needs a precision",
    path: ["scale"],
  });
export type Column = z.infer<typeof columnSchema>;

/** What happens to a file in which some rows are invalid. */
export const invalidRowsSchema = z.discriminatedUnion("policy", [
  /** The whole file is rejected. */
  z.strictObject({ policy: z.literal("reject") }),
  /** Invalid rows are left out, up to a limit; above it the file is rejected. */
  z.strictObject({
    policy: z.literal("skip"),
    maxRows: z.int().min(1).optional(),
    maxPercent: z.number().gt(0).max(100).optional(),
  }),
  /** All rows of an entity (all lines of one order) stand or fall together; the rest as with `skip`. */
  z.strictObject({
    policy: z.literal("group"),
    by: columnNameSchema,
    maxRows: z.int().min(1).optional(),
    maxPercent: z.number().gt(0).max(100).optional(),
  }),
]);
export type InvalidRows = z.infer<typeof invalidRowsSchema>;

/** How rows meet those that are in the table already. */
export const importModeSchema = z.enum(["append", "replace", "upsert"]);
export type ImportMode = z.infer<typeof importModeSchema>;

/** A named file format inside a profile, and the PostgreSQL table that its rows land in. */
export const tableSchema = z
  .strictObject({
    name: slugSchema,
    description: z.string().max(500).optional(),
    /**
     * Patterns of the file names that belong to this table. `{table}`, `{client}`, `{project}` stand for the names,
     * `{date}` for YYYY-MM-DD, `{timestamp}` for YYYYMMDD_HHmmss with an optional `_` and fraction, `{ext}` for csv, tsv,
     * txt, dat (each may come as `.zip`), `*` for any run of characters.
     */
    files: z.array(filePatternSchema).min(1).max(20).default(["{table}-{date}.{ext}"]),
    format: formatSchema.prefault({}),
    limits: limitsSchema.prefault({}),
    columns: z
      .array(columnSchema)
      .min(1)
      .max(MAX_COLUMNS, `at most ${MAX_COLUMNS} columns: PostgreSQL has no room for more`),
    /** What a column that the file has and the table does not means: it is kept in the result file, but not imported. */
    extraColumns: z.enum(["ignore", "reject"]).default("ignore"),
    /** The columns that name a row. Needed for `upsert`; no key may come twice in one file. */
    key: z.array(columnNameSchema).max(32).default([]),
    mode: importModeSchema.default("append"),
    invalid: invalidRowsSchema.default({ policy: "reject" }),
    /** How many records a file has; another number means that it is cut off, or the wrong one. */
    records: z
      .strictObject({ min: z.int().min(1).default(1), max: z.int().min(1).optional() })
      .refine(({ min, max }) => max === undefined || max >= min, { message: "must not be below `min`", path: ["max"] })
      .prefault({}),
    /** What holds between the cells of a record, and between records. */
    rules: z.array(ruleSchema).max(100).default([]),
    /** What the sender says of the whole file. */
    controls: z.array(controlSchema).max(20).default([]),
    /**
     * Tables whose files of the same run are imported before this one's; those of its rules `references` are, in any case.
     * Which files come together, the project's `run` says.
     */
    after: z.array(slugSchema).max(50).default([]),
    /**
     * When one of these failed in the run, or was expected and did not come: `continue` works on this table's file all the
     * same, against the rows that are there; `fail` fails it, and nothing of it is imported.
     */
    afterFailed: z.enum(["continue", "fail"]).default("continue"),
  })
  .superRefine((table, context) => {
    const names = new Set<string>();
    table.columns.forEach((column, index) => {
      if (names.has(column.name)) {
        context.addIssue({
          code: "custom",
          message: `column ${column.name} is defined twice`,
          path: ["columns", index, "name"],
        });
      }
      names.add(column.name);
    });
    table.key.forEach((name, index) => {
      if (!names.has(name)) {
        context.addIssue({ code: "custom", message: `${name} is no column of this table`, path: ["key", index] });
      }
    });
    if (table.mode === "upsert" && table.key.length === 0) {
      context.addIssue({ code: "custom", message: "an upsert needs a key", path: ["key"] });
    }
    if (table.invalid.policy === "group" && !names.has(table.invalid.by)) {
      context.addIssue({
        code: "custom",
        message: `${table.invalid.by} is no column of this table`,
        path: ["invalid", "by"],
      });
    }
    const { comment, delimiter } = table.format;
    if (comment !== undefined && comment === delimiter) {
      context.addIssue({
        code: "custom",
        message: "a comment cannot begin with the delimiter",
        path: ["format", "comment"],
      });
    }
    const unknown = (name: string, path: (string | number)[]) => {
      if (names.has(name)) return;
      context.addIssue({ code: "custom", message: `${name} is no column of this table`, path });
    };
    table.rules.forEach((rule, index) => {
      for (const [field, name] of columnsOf(rule)) unknown(name, ["rules", index, ...field]);
      if (rule.rule === "references" && rule.to !== undefined && rule.to.length !== rule.columns.length) {
        context.addIssue({
          code: "custom",
          message: "`to` names as many columns as `columns`",
          path: ["rules", index, "to"],
        });
      }
    });
    table.controls.forEach(({ total, from }, index) => {
      if (typeof total === "object") unknown(total.sum, ["controls", index, "total", "sum"]);
      if (from.place === "trailer" && table.format.trailer === undefined) {
        context.addIssue({
          code: "custom",
          message: "a trailer's cell needs `format.trailer`: what the trailer line begins with",
          path: ["controls", index, "from"],
        });
      }
    });
  });
export type Table = z.infer<typeof tableSchema>;

/** The columns that a rule names, each with where it stands in the rule. */
function columnsOf(rule: Rule): [(string | number)[], string][] {
  const listed = (columns: readonly string[]) =>
    columns.map<[(string | number)[], string]>((name, index) => [["columns", index], name]);
  switch (rule.rule) {
    case "unique":
    case "references":
      return listed(rule.columns);
    case "compare":
      return [
        [["left"], rule.left],
        [["right"], rule.right],
      ];
    case "sum":
      return [...listed(rule.columns), [["equals"], rule.equals]];
    case "hook":
      return [];
  }
}
