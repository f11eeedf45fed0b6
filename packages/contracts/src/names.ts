import { z } from "zod";

/**
 * A short name for a client, project, table or column: lower-case letters, digits and single underscores, starting
 * with a letter. It goes into folders, addresses and SQL identifiers as it stands; without a double underscore, so that
 * `<project>__<table>` is unambiguous, and at most 24 characters, so that such a name with a generation's number stays
 * under PostgreSQL's 63 bytes.
 */
export const slugSchema = z
  .string()
  .max(24, "at most 24 characters")
  .regex(/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/, "lower-case letters, digits and single underscores, starting with a letter");

/** PostgreSQL's 1,600 columns of a table, less Inlet's own two. */
export const MAX_COLUMNS = 1598;

/** Columns that every PostgreSQL table has already: https://www.postgresql.org/docs/18/ddl-system-columns.html */
export const SYSTEM_COLUMNS: readonly string[] = ["tableoid", "xmin", "cmin", "xmax", "cmax", "ctid"];

/** A column's name in PostgreSQL. Names that begin with an underscore are Inlet's own (`_batch`, `_record`). */
export const columnNameSchema = z
  .string()
  .max(63, "at most 63 characters")
  .regex(/^[a-z][a-z0-9_]*$/, "lower-case letters, digits and underscores, starting with a letter")
  .refine((name) => !SYSTEM_COLUMNS.includes(name), {
    error: ({ input }) => `${input} is a column that PostgreSQL gives every table; use another name and set \`header\``,
  });

/** An absolute folder as an SFTP client sees it, such as `/spring/Uploads`: no `.` or `..`, no trailing slash. */
export const folderSchema = z
  .string()
  .max(255)
  .regex(/^(\/[A-Za-z0-9_-][A-Za-z0-9._ -]*)+$/, "an absolute folder such as /spring/Uploads");

/** The name of a secret that is stored encrypted per client; profiles name secrets and never hold them. */
export const secretNameSchema = slugSchema.meta({ description: "the name of a secret" });
