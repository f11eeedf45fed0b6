import { z } from "zod";
import { batchStatusSchema } from "./batch.ts";

const sentFromSchema = z.object({
  client: z.string(),
  project: z.string(),
  /** What the profile calls the project; its name where it has no title. */
  title: z.string(),
});

/** One file was received, or work on it has begun. */
export const fileMessageSchema = sentFromSchema.extend({
  event: z.enum(["received", "started"]),
  batchId: z.int(),
  table: z.string().nullable(),
  fileName: z.string(),
  sizeBytes: z.int(),
  /** ISO 8601, UTC. */
  at: z.string(),
});

/** A run has ended: each table with its status, and what is missing. */
export const reportMessageSchema = sentFromSchema.extend({
  event: z.literal("completed"),
  /** What the files of the run share: a date, or the one file's name. */
  run: z.string(),
  /** 1 for the first report; a late file or a retry makes the next. */
  revision: z.int().min(1),
  at: z.string(),
  batches: z.array(
    z.object({
      batchId: z.int(),
      table: z.string().nullable(),
      fileName: z.string(),
      status: batchStatusSchema,
      reason: z.object({ code: z.string(), message: z.string() }).nullable(),
      records: z.int().nullable(),
      valid: z.int().nullable(),
      rejected: z.int().nullable(),
      imported: z.int().nullable(),
      links: z.int().nullable(),
      issueTotals: z.record(z.string(), z.int()),
    }),
  ),
  /** Expected tables of which no file came. */
  missing: z.array(z.string()),
});

/** What an e-mail tells: facts alone; the notifier words them. */
export const messagePayloadSchema = z.discriminatedUnion("event", [fileMessageSchema, reportMessageSchema]);
export type FileMessage = z.infer<typeof fileMessageSchema>;
export type ReportMessage = z.infer<typeof reportMessageSchema>;
export type MessagePayload = z.infer<typeof messagePayloadSchema>;
