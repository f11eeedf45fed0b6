import { z } from "zod";
import { nextSchema, timeSchema } from "./pages.ts";

/**
 * How far the forgetting of a recipient is. `searching`: the project's batches are looked through. `found`: it was asked how much it
 * is, or it is more than one person may be in, and waits for a word, an hour at most. `removing`: it is being done. `done` and
 * `failed` are ends; `dropped`: nobody wanted it any more, and nothing was removed.
 */
export const forgettingStateSchema = z.enum(["searching", "found", "removing", "done", "failed", "dropped"]);
export type ForgettingState = z.infer<typeof forgettingStateSchema>;

/** Longer values are no cells that somebody is known by. */
const MOST_VALUE_CHARACTERS = 2_000;

const NO_NUL = /^[^\u0000]*$/;
const NO_NUL_WORDS = "no NUL, which no text file may hold";

/** Who is to be forgotten: one record of one batch; or whoever has a value in a column, in any batch of the project. */
export const forgetBodySchema = z
  .strictObject({
    batch: z.int().min(1).optional().describe("The batch's number; with `record`"),
    record: z.int().min(1).optional().describe("Record number in the client's file"),
    column: z
      .string()
      .trim()
      .min(1)
      .max(200)
      .regex(NO_NUL, NO_NUL_WORDS)
      .optional()
      .describe("A column of a table, or a label of the files; with `value`"),
    value: z
      .string()
      .trim()
      .min(1)
      .max(MOST_VALUE_CHARACTERS)
      .regex(NO_NUL, NO_NUL_WORDS)
      .optional()
      .describe("The whole cell, as the files or the tables have it. It is kept until the order ends, and no longer"),
    preview: z
      .boolean()
      .default(false)
      .describe(
        "Only look how much it is, and wait: POST …/confirmation does it, DELETE drops it, and so does an hour. An order by value " +
          "that finds more than 1,000 records waits in any case",
      ),
    reason: z
      .string()
      .trim()
      .min(1)
      .max(500)
      .regex(NO_NUL, NO_NUL_WORDS)
      .optional()
      .describe("For the audit. Do not name the recipient in it"),
  })
  .refine(
    ({ batch, record, column, value }) =>
      (batch !== undefined && record !== undefined && column === undefined && value === undefined) ||
      (batch === undefined && record === undefined && column !== undefined && value !== undefined),
    { message: "say either batch and record, or column and value" },
  )
  .meta({ example: { column: "email", value: "sarah@example.org", preview: true } });
export type ForgetBody = z.input<typeof forgetBodySchema>;

/** An order to forget a recipient, and how far it is. The value that was asked for is never told. */
export const forgettingSchema = z
  .object({
    id: z.int(),
    state: forgettingStateSchema,
    /** Of an order by record. */
    batch: z.int().nullable(),
    record: z.int().nullable(),
    /** Of an order by value. */
    column: z.string().nullable(),
    reason: z.string().nullable(),
    actor: z.string(),
    /** Batches that have the recipient, or their file as it was sent, and how many of them are done. */
    batches: z.int().min(0),
    batchesDone: z.int().min(0),
    records: z.int().min(0),
    /** Rows that are gone from the project's tables. */
    tableRows: z.int().min(0),
    /** Batches whose files could not be opened or read, so that nobody knows whether the recipient is in them. The first 100. */
    unsearched: z.array(z.int()),
    unsearchedCount: z.int().min(0),
    /** The batch under way whose end it waits for. */
    waitsFor: z.int().nullable(),
    /** Why it failed, or is tried again. */
    error: z.object({ code: z.string(), message: z.string() }).nullable(),
    createdAt: timeSchema,
    finishedAt: timeSchema.nullable(),
  })
  .meta({
    id: "Forgetting",
    example: {
      id: 3,
      state: "found",
      batch: null,
      record: null,
      column: "email",
      reason: null,
      actor: "iris",
      batches: 2,
      batchesDone: 0,
      records: 3,
      tableRows: 0,
      unsearched: [],
      unsearchedCount: 0,
      waitsFor: null,
      error: null,
      createdAt: "2026-11-20T09:00:00.000Z",
      finishedAt: null,
    },
  });
export type Forgetting = z.infer<typeof forgettingSchema>;

export const forgettingPageSchema = z.object({ forgettings: z.array(forgettingSchema), next: nextSchema });

/** Whose link is taken back: its address as the recipient has it (page, thumbnail or video), or the token in it. */
export const linkRevocationBodySchema = z
  .strictObject({ link: z.string().trim().min(1).max(2_000) })
  .meta({ example: { link: "https://go.example.org/p/AAAAACoAAAAAEe0Yv5W3tq0Xb1o5rX9cBfY" } });
export type LinkRevocationBody = z.input<typeof linkRevocationBodySchema>;
