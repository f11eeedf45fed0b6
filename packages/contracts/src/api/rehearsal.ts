import { z } from "zod";
import { timeSchema } from "./pages.ts";

/** `rehearsal`: its files go through every stage, and nothing of them reaches the client's tables. */
export const projectStateSchema = z.enum(["rehearsal", "live"]);

/**
 * What was seen of one thing that was agreed on. `warning` asks for attention and holds nothing up, `waiting` was not seen
 * yet, `not_needed` the profile does not ask for.
 */
export const rehearsalStateSchema = z.enum(["green", "warning", "red", "waiting", "not_needed"]);
export type RehearsalState = z.infer<typeof rehearsalStateSchema>;

/** What a rehearsal looks at, in the order of a file's way. Programs read these. */
export const rehearsalLineIdSchema = z.enum([
  "login",
  "address",
  "folder",
  "file_name",
  "profile",
  "encryption",
  "signature",
  "zip_password",
  "encoding",
  "delimiter",
  "header",
  "types",
  "counts",
  "references",
  "import",
  "result",
  "result_fetched",
  "flag_file",
  "error_file",
  "link_opened",
  "email",
  "reply",
]);
export type RehearsalLineId = z.infer<typeof rehearsalLineIdSchema>;

/** One line of the checklist. */
export const rehearsalLineSchema = z.object({
  id: rehearsalLineIdSchema,
  /** The table that it is about; null for what is about the project, or about its only table. */
  table: z.string().nullable(),
  title: z.string(),
  state: rehearsalStateSchema,
  /** What was seen, in words; null: nothing yet. */
  found: z.string().nullable(),
  /** What was agreed on, in words. */
  expected: z.string().nullable(),
  /** What to do about a line that is not green; null where nothing is. */
  whatToDo: z.string().nullable(),
});
export type RehearsalLine = z.infer<typeof rehearsalLineSchema>;

/** A project's rehearsal: where it stands, and what was seen of it. */
export const rehearsalSchema = z
  .object({
    client: z.string(),
    project: z.string(),
    state: projectStateSchema,
    /** When the rehearsal began that it is in, or was in last; null: it was never rehearsed. */
    since: timeSchema.nullable(),
    liveAt: timeSchema.nullable(),
    /** Every line is green, a warning, or not needed: the project may go live. */
    passed: z.boolean(),
    lines: z.array(rehearsalLineSchema),
    /** The files that the lines are about. */
    batches: z.array(z.object({ id: z.int(), table: z.string().nullable(), fileName: z.string() })),
  })
  .meta({
    id: "Rehearsal",
    example: {
      client: "spring",
      project: "video",
      state: "rehearsal",
      since: "2026-11-20T09:00:00.000Z",
      liveAt: null,
      passed: false,
      lines: [
        {
          id: "header",
          table: null,
          title: "Column names",
          state: "red",
          found: "The column email is missing.",
          expected: "id, email",
          whatToDo: "Mend the file and send it again; the same name is welcome.",
        },
      ],
      batches: [{ id: 42, table: "contacts", fileName: "contacts-2026-11-20.csv" }],
    },
  });
export type Rehearsal = z.infer<typeof rehearsalSchema>;

const reasonSchema = z.string().trim().min(1).max(500);

/** A project that is live is put into rehearsal for a reason only: its files do not reach its tables from then on. */
export const beginRehearsalBodySchema = z
  .strictObject({ reason: reasonSchema.optional() })
  .meta({ example: { reason: "The client moves to a new system" } });

/** With a reason a project goes live whatever its checklist says. */
export const goLiveBodySchema = z
  .strictObject({ reason: reasonSchema.optional() })
  .meta({ example: { reason: "Rehearsed by hand on 20 November" } });

export const applyQuerySchema = z.object({
  live: reasonSchema
    .optional()
    .describe("Makes the project live without a rehearsal, for this reason; it goes into the audit"),
});
