import { z } from "zod";

/** One finding of the structural check. */
export const issueSchema = z.object({
  /** Physical line in the client's file, from 1; null where the finding concerns the whole file. */
  line: z.int().min(1).nullable(),
  /** Record number in the client's file, from 1, header and preamble not counted. */
  record: z.int().min(1).nullable(),
  /** Byte offset of the cell or record in the plain file, from 0. */
  offset: z.int().min(0).nullable(),
  /** The column's name, or the header's label where no column is meant. */
  column: z.string().nullable(),
  code: z.string(),
  /** One sentence for the client: what is wrong and what to do. */
  message: z.string(),
  /** The offending text, cut to 100 characters. */
  value: z.string().nullable(),
  severity: z.enum(["error", "warning"]),
  /** A replacement that is certain to be right, where there is one. */
  fix: z.string().nullable(),
});
/** One finding of the structural check. */
export type Issue = z.infer<typeof issueSchema>;
