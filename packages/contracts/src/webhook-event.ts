import { z } from "zod";
import { batchStatusSchema, countsSchema, reasonSchema } from "./batch.ts";

/**
 * What a webhook may be told of. `batch.received`: a file has come. `batch.<status>`: a batch has ended so; a retry makes it end
 * once more. `run.reported`: the batches of a run have all ended, as in the run's e-mail. `run.overdue`: a run has not happened
 * by its deadline.
 */
export const webhookEventTypeSchema = z.enum([
  "batch.received",
  "batch.completed",
  "batch.partial",
  "batch.rejected",
  "batch.failed",
  "batch.duplicate",
  "batch.superseded",
  "batch.cancelled",
  "batch.unpacked",
  "run.reported",
  "run.overdue",
]);
export type WebhookEventType = z.infer<typeof webhookEventTypeSchema>;

/** What an event says of its batch: as the API names it, and no cell of the file. */
const eventBatchSchema = z.object({
  batchId: z.int(),
  /** Counts the batch's ends: 1, and one more for each retry. An event of a lower one came late. */
  revision: z.int().min(1),
  client: z.string(),
  project: z.string(),
  /** Null while the file's table is not known. */
  table: z.string().nullable(),
  runId: z.int(),
  /** `gateway`, `sftp`, `upload` or `email`. */
  source: z.string(),
  fileName: z.string(),
  sizeBytes: z.int(),
  /** Of the file as it came, hexadecimal. */
  sha256: z.string(),
  status: batchStatusSchema,
  /** Sent while its project rehearses: nothing of it is in the client's tables. */
  rehearsal: z.boolean(),
  reason: reasonSchema.nullable(),
  counts: countsSchema,
  /** How many findings of each code the check had. */
  issueTotals: z.record(z.string(), z.int()),
  /** The batch of the ZIP that it came in with others. */
  partOf: z.int().nullable(),
  /** ISO 8601, UTC. */
  receivedAt: z.string(),
  endedAt: z.string().nullable(),
});
export type EventBatch = z.infer<typeof eventBatchSchema>;

/** More batches than this of a run are not listed in its event; `GET /v1/runs/:id` has them. */
export const MOST_BATCHES_OF_EVENT = 200;

const eventRunSchema = z.object({
  runId: z.int(),
  client: z.string(),
  project: z.string(),
  /** What its batches share: a date, or an arrival. */
  key: z.string(),
  /** Counts its reports: 1, and one more for each late file or retry. */
  revision: z.int().min(1),
  rehearsal: z.boolean(),
  /** How many of its batches ended how. */
  statuses: z.partialRecord(batchStatusSchema, z.int()),
  /** In order of arrival; of more than 200 the first ones. */
  batches: z.array(
    z.object({
      batchId: z.int(),
      table: z.string().nullable(),
      fileName: z.string(),
      status: batchStatusSchema,
      reason: reasonSchema.nullable(),
      records: z.int().nullable(),
      valid: z.int().nullable(),
      rejected: z.int().nullable(),
      imported: z.int().nullable(),
      links: z.int().nullable(),
    }),
  ),
  /** Expected tables of which no file came. */
  missing: z.array(z.string()),
});
export type EventRun = z.infer<typeof eventRunSchema>;

const overdueRunSchema = z.object({
  runId: z.int(),
  client: z.string(),
  project: z.string(),
  key: z.string(),
  /** When its trigger was due, or its first file came. */
  dueAt: z.string(),
  deadlineAt: z.string(),
  /** Null: it has not started. */
  startedAt: z.string().nullable(),
  /** Expected tables of which no file has come. */
  missing: z.array(z.string()),
});
export type OverdueRun = z.infer<typeof overdueRunSchema>;

/** The body of what a webhook is sent: Standard Webhooks, https://www.standardwebhooks.com. `timestamp`: when it happened. */
export const webhookEventSchema = z.discriminatedUnion("type", [
  z.object({
    type: webhookEventTypeSchema.exclude(["run.reported", "run.overdue"]),
    timestamp: z.string(),
    data: eventBatchSchema,
  }),
  z.object({ type: z.literal("run.reported"), timestamp: z.string(), data: eventRunSchema }),
  z.object({ type: z.literal("run.overdue"), timestamp: z.string(), data: overdueRunSchema }),
  z.object({ type: z.literal("ping"), timestamp: z.string(), data: z.object({ client: z.string() }) }),
]);
export type WebhookEvent = z.infer<typeof webhookEventSchema>;
export type BatchEventType = Extract<WebhookEventType, `batch.${string}`>;
