import { z } from "zod";
import { batchStatusSchema, countsSchema, stepKindSchema, stepStateSchema } from "../batch.ts";
import { slugSchema } from "../names.ts";
import { batchMarkSchema } from "./batch-marks.ts";
import { idParamSchema, timeSchema } from "./pages.ts";

/** Of which batches and runs a stream tells. All conditions hold together. */
export const changeQuerySchema = z.object({
  client: slugSchema.optional(),
  project: slugSchema.optional(),
  batch: idParamSchema.optional().describe("This batch alone; its run is told of, too"),
  run: idParamSchema.optional().describe("This run and its batches alone"),
});
export type ChangeQuery = z.output<typeof changeQuerySchema>;

/**
 * Where a batch stands now: what a list shows of it, less what never changes a row's look. Read after the change was
 * committed, so it may be newer than the change that it is sent for.
 */
export const batchChangeSchema = z
  .object({
    id: z.int(),
    client: z.string(),
    project: z.string(),
    table: z.string().nullable(),
    runId: z.int(),
    source: z.string(),
    fileName: z.string(),
    sizeBytes: z.int(),
    status: batchStatusSchema,
    mark: batchMarkSchema,
    rehearsal: z.boolean(),
    reasonCode: z.string().nullable(),
    /** The step that is not over; null once the batch has ended. */
    stage: z.object({ kind: stepKindSchema, state: stepStateSchema, attempts: z.int() }).nullable(),
    /** Those that are known by now. */
    counts: countsSchema.partial(),
    issueCount: z.int(),
    receivedAt: timeSchema,
    startedAt: timeSchema.nullable(),
    endedAt: timeSchema.nullable(),
  })
  .meta({ id: "BatchChange" });
export type BatchChange = z.infer<typeof batchChangeSchema>;

/** Where a run stands now. Its page has more: ask for the run when one of these names it. */
export const runChangeSchema = z
  .object({
    id: z.int(),
    client: z.string(),
    project: z.string(),
    key: z.string(),
    state: z.string(),
    revision: z.int(),
    statuses: z.partialRecord(batchStatusSchema, z.int()),
    openedAt: timeSchema,
    reportedAt: timeSchema.nullable(),
  })
  .meta({ id: "RunChange" });
export type RunChange = z.infer<typeof runChangeSchema>;

/** Why a stream says `reset`. Whatever it is: what is shown is to be asked for again. */
export const resetReasonSchema = z.enum(["resumed", "behind", "interrupted"]).meta({
  description:
    "`resumed`: the stream was connected before, and changes may have passed meanwhile. `behind`: the caller read too " +
    "slowly. `interrupted`: the hub itself was cut off from news.",
});
export type ResetReason = z.infer<typeof resetReasonSchema>;

/**
 * The events of `GET /v1/events`, by name. `ready` comes first: what is fetched from then on and kept up with `batches` and
 * `runs` is never stale for longer than the stream's delay. Heartbeats are comments.
 */
export const changeEventSchemas = {
  ready: z.object({ heartbeatMs: z.int() }),
  batches: z.array(batchChangeSchema),
  runs: z.array(runChangeSchema),
  reset: z.object({ reason: resetReasonSchema }),
} as const;

/** One event of the stream, as the typed client hands it on. */
export type ChangeEvent = {
  [Name in keyof typeof changeEventSchemas]: { event: Name; data: z.infer<(typeof changeEventSchemas)[Name]> };
}[keyof typeof changeEventSchemas];
