import { z } from "zod";
import { MAX_COLUMNS } from "./names.ts";

/**
 * One character that parts cells or begins a comment: any ASCII one but letters, digits, quotes, the backslash, line ends
 * and NUL. Systems that write `\u0001` or `\u001f` between cells are served, too.
 */
const markSchema = z
  .string()
  .regex(
    /^[\x01-\x09\x0b\x0c\x0e-\x21\x23-\x26\x28-\x2f\x3a-\x40\x5b\x5d-\x60\x7b-\x7f]$/,
    "one ASCII character that is no letter, digit, quote, backslash or line end",
  );

/** How the file is written. `auto` finds it in the file itself. */
export const formatSchema = z.strictObject({
  /** `auto` looks for `,` `;` `|` and the tab. */
  delimiter: z.union([z.literal("auto"), markSchema]).default("auto"),
  quote: z.enum(["auto", '"', "'", "none"]).default("auto"),
  /** How a quote inside a quoted cell is written: twice, or after a backslash. */
  escape: z.enum(["auto", "doubled", "backslash"]).default("auto"),
  encoding: z.enum(["auto", "utf-8", "windows-1252"]).default("auto"),
  /**
   * `strict`: what breaks the rules of the dialect is an error. `tolerant`: read on as a spreadsheet would, and report what
   * was forgiven as a warning.
   */
  reading: z.enum(["strict", "tolerant"]).default("strict"),
  /** Lines that begin with this character are no records. */
  comment: markSchema.optional(),
  /** Lines before the column names. `auto` looks for the names in the first lines. */
  preambleLines: z.union([z.literal("auto"), z.int().min(0).max(1000)]).default("auto"),
  /** Lines that together name the columns; with 0 the file has none, and its cells are the table's columns in order. */
  headerLines: z.int().min(0).max(5).default(1),
  /** Spaces round a cell, and round its quotes, are no part of its value. */
  trimSpaces: z.boolean().default(false),
  /** What the last line begins with, where it is no record but says what the file holds (see `controls`). */
  trailer: z
    .string()
    .min(1)
    .max(50)
    .regex(/^[^\r\n\0]*$/, "a trailer is one line")
    .optional(),
});
export type Format = z.infer<typeof formatSchema>;

/** Bounds that turn a hostile or broken file into an issue instead of a crash. */
export const limitsSchema = z.strictObject({
  recordBytes: z.int().min(100).max(67_108_864).default(1_048_576),
  fieldBytes: z.int().min(10).max(67_108_864).default(262_144),
  columns: z.int().min(1).max(MAX_COLUMNS).default(1000),
  linesInField: z.int().min(1).max(1_000_000).default(1000),
  records: z.int().min(1).max(1_000_000_000).default(100_000_000),
  totalBytes: z
    .int()
    .min(1)
    .default(50 * 1024 ** 3),
});
export type Limits = z.infer<typeof limitsSchema>;
