import { remoteServerSchema } from "@inlet/contracts";
import { z } from "zod";

/** What a profile says of files that a catalog is written to. */
export const sftpFileSettingsSchema = z.strictObject({
  server: remoteServerSchema.omit({ secret: true }),
  /** It is there already. */
  folder: z.string().min(1).max(1024),
  /**
   * `snapshot`: one file, always the whole catalog, put into the place of the last one. `changes`: a new file for each lot of changes.
   * `both`: the changes, and then the whole.
   */
  write: z.enum(["snapshot", "changes", "both"]).default("snapshot"),
  /** The files' name before `.csv`; files of changes have time and number behind it: `catalog_20261120T090000000Z_1234.csv`. */
  name: z
    .string()
    .max(100)
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, "letters, digits, dots, dashes and underscores")
    .default("catalog"),
  delimiter: z.enum([",", ";", "\t", "|"]).default(","),
  lineEnd: z.enum(["lf", "crlf"]).default("lf"),
  /** A snapshot is not written more often. Changes that come in between are in the next one. */
  everySeconds: z.int().min(1).max(86_400).default(60),
});
export type SftpFileSettings = z.infer<typeof sftpFileSettingsSchema>;
