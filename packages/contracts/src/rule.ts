import { z } from "zod";
import { columnNameSchema, slugSchema } from "./names.ts";

/** An error makes the record invalid; a warning is reported and the record is kept. */
export const severitySchema = z.enum(["error", "warning"]);
export type Severity = z.infer<typeof severitySchema>;

const common = {
  severity: severitySchema.default("error"),
  /** What the client reads instead of Inlet's own sentence. */
  message: z.string().min(1).max(300).optional(),
};

/** A rule about several cells of a record, or about a record among the others. */
export const ruleSchema = z.discriminatedUnion("rule", [
  /** No two records have the same values in all of these columns. A record with an empty one does not count. */
  z.strictObject({ rule: z.literal("unique"), columns: z.array(columnNameSchema).min(1).max(32), ...common }),
  /**
   * The values of these columns are those of a row of another table of the project (or of this one: then of the table as
   * it was before the file). A record with an empty one does not count.
   */
  z.strictObject({
    rule: z.literal("references"),
    columns: z.array(columnNameSchema).min(1).max(32),
    table: slugSchema,
    /** The other table's columns, in the same order. Default: the same names. */
    to: z.array(columnNameSchema).min(1).max(32).optional(),
    ...common,
  }),
  /** Numbers, dates and timestamps by value, text by its characters. A record with an empty one does not count. */
  z.strictObject({
    rule: z.literal("compare"),
    left: columnNameSchema,
    operator: z.enum(["<", "<=", "=", "!=", ">=", ">"]),
    right: columnNameSchema,
    ...common,
  }),
  /** The numbers of `columns` add up to the one in `equals`, exactly or within `tolerance`. Empty counts as 0. */
  z.strictObject({
    rule: z.literal("sum"),
    columns: z.array(columnNameSchema).min(1).max(100),
    equals: columnNameSchema,
    tolerance: z
      .string()
      .regex(/^\d{1,20}(\.\d{1,20})?$/, "a number that is not negative, such as 0.01")
      .default("0"),
    ...common,
  }),
  /** A function of the platform team's own, by its name. */
  z.strictObject({ rule: z.literal("hook"), name: slugSchema, ...common }),
]);
export type Rule = z.infer<typeof ruleSchema>;

/** A pattern whose first group is the value: `records=(\d+)`. RE2 syntax. */
const valuePatternSchema = z.string().min(1).max(200);

/**
 * Something that the sender says of the whole file, and that must be true: or the file fails. A sum over a column in which
 * a cell could not be read fails as well.
 */
export const controlSchema = z.strictObject({
  total: z.union([z.enum(["records", "bytes", "sha256"]), z.strictObject({ sum: columnNameSchema })]),
  from: z.discriminatedUnion("place", [
    /** A cell of the trailer line (see `format.trailer`), from 1. */
    z.strictObject({ place: z.literal("trailer"), cell: z.int().min(1).max(1000) }),
    /** The file's own name. */
    z.strictObject({ place: z.literal("name"), pattern: valuePatternSchema }),
    /** The flag file that came with it. */
    z.strictObject({ place: z.literal("flag"), pattern: valuePatternSchema.default("^\\s*(\\S+)\\s*$") }),
    /** What was declared when it was uploaded through the API, under this name: so far the number of `records`. */
    z.strictObject({ place: z.literal("declared"), name: slugSchema }),
  ]),
  /** Whether a file for which nothing was said fails. */
  required: z.boolean().default(true),
});
export type Control = z.infer<typeof controlSchema>;
