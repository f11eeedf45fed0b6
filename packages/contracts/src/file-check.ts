import { z } from "zod";
import { severitySchema } from "./rule.ts";
import { columnTypeSchema } from "./table.ts";

/** One finding, as `inlet check --json` prints it. */
export const fileCheckIssueSchema = z.object({
  severity: severitySchema,
  code: z.string(),
  /** Physical line, from 1; null where the finding concerns the whole file. */
  line: z.int().min(1).nullable(),
  /** From 0, in the plain file. */
  byteOffset: z.int().min(0).nullable(),
  /** From 1, header and preamble not counted. */
  record: z.int().min(1).nullable(),
  /** The column's place in the file, from 1. */
  column: z.int().min(1).nullable(),
  /** Its label in the file, or the table's column that is missing there. */
  label: z.string().nullable(),
  /** The offending text, cut to 100 characters. */
  value: z.string().nullable(),
  message: z.string(),
  fix: z.string().nullable(),
});
export type FileCheckIssue = z.infer<typeof fileCheckIssueSchema>;

const fileSchema = z.object({ name: z.string(), sizeBytes: z.int().min(0), sha256: z.string() });

/** What `inlet check --json` prints of a file that it could read. */
export const fileCheckSchema = z.object({
  file: fileSchema,
  /** null: not enough could be read to know. */
  dialect: z
    .object({
      encoding: z.enum(["utf-8", "windows-1252"]),
      bom: z.boolean(),
      delimiter: z.string(),
      quote: z.string().nullable(),
      escape: z.string().nullable(),
      lineEnding: z.enum(["\n", "\r\n", "\r", "mixed"]),
      header: z.boolean(),
      /** Lines before the column names. */
      preambleLines: z.int().min(0),
      /** From 0 to 1. */
      confidence: z.number().min(0).max(1),
    })
    .nullable(),
  columns: z.array(
    z.object({
      /** From 0. */
      index: z.int().min(0),
      label: z.string(),
      /** The table's column; null where it has none, or no table was given. */
      mappedTo: z.string().nullable(),
      confidence: z.number().min(0).max(1),
      /** The table's type, or the one that the cells show; null for a column that no table knows. */
      type: columnTypeSchema.nullable(),
    }),
  ),
  counts: z.object({
    records: z.int().min(0),
    valid: z.int().min(0),
    invalid: z.int().min(0),
    /** Exact, however few are listed. */
    issues: z.int().min(0),
    byCode: z.record(z.string(), z.int().min(1)),
  }),
  /** The first of them, at most `--max-issues`. */
  issues: z.array(fileCheckIssueSchema),
  verdict: z.enum(["pass", "fail"]),
});
export type FileCheck = z.infer<typeof fileCheckSchema>;

/** What it prints of a file that it could not read. */
export const unreadFileSchema = z.object({
  file: z.object({ name: z.string() }),
  error: z.object({ code: z.string(), message: z.string() }),
});
export type UnreadFile = z.infer<typeof unreadFileSchema>;
