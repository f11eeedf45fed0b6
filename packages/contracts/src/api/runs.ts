import { z } from "zod";
import { batchStatusSchema } from "../batch.ts";
import { slugSchema } from "../names.ts";
import { batchSummarySchema } from "./batches.ts";
import { messageSchema } from "./messages.ts";
import { nextSchema, pageQuerySchema, timeSchema } from "./pages.ts";
import { waitsForSchema } from "./waits-for.ts";

export const runQuerySchema = pageQuerySchema.extend({
  client: slugSchema.optional(),
  project: slugSchema.optional(),
  state: z.enum(["open", "reported"]).optional(),
});
export type RunQuery = z.output<typeof runQuerySchema>;

/** What started a run. `arrival`: its first file. */
export const runTriggerSchema = z.object({
  by: z.enum(["schedule", "person", "arrival"]),
  /** The due time of its schedule; null where it has none. */
  dueAt: timeSchema.nullable(),
  /** Null: it has not started, and gathers the files for its trigger. */
  startedAt: timeSchema.nullable(),
  /** Who, where a person or a key did. */
  actor: z.string().nullable(),
  reason: z.string().nullable(),
});
export type RunTrigger = z.infer<typeof runTriggerSchema>;

/**
 * How a table stands in a run. `waiting`: its file has not come yet and may, or is here and waits, see `waitsFor`. `missing`:
 * no file came. `late`: its file came when the run had gone on without it, and is not in it.
 */
export const runTableStatusSchema = z.enum([
  "success",
  "partial",
  "failed",
  "running",
  "waiting",
  "missing",
  "late",
  "duplicate",
  "superseded",
  "cancelled",
]);
export type RunTableStatus = z.infer<typeof runTableStatusSchema>;

/** A table of a run: an expected one, or one of which a file came. */
export const runTableSchema = z.object({
  /** Null: files that belong to no table. */
  table: z.string().nullable(),
  expected: z.boolean(),
  status: runTableStatusSchema,
  /** Its file that counts; of several the newest. Null: none came. */
  batchId: z.int().nullable(),
  fileName: z.string().nullable(),
  /** How many files of it there are in the run. */
  files: z.int(),
  /** Its file came after the run had been reported, or had gone on without it. */
  late: z.boolean(),
  waitsFor: waitsForSchema.nullable(),
});
export type RunTable = z.infer<typeof runTableSchema>;

const runFields = {
  id: z.int(),
  client: z.string(),
  project: z.string(),
  /** What its batches share: a date, a trigger's local time (`2026-11-20 09:00 Europe/Berlin`), or an arrival. */
  key: z.string(),
  state: z.enum(["open", "reported"]),
  /** `upcoming`: its trigger has not come. `waiting`: for files that have not come. `running`: work is under way. */
  phase: z.enum(["upcoming", "waiting", "running", "ended"]),
  trigger: runTriggerSchema,
  /** How often it was reported. */
  revision: z.int(),
  /** When it is reported even though expected tables are missing. */
  settleAt: timeSchema.nullable(),
  /** Until when it waits for files that have not come. */
  waitsUntil: timeSchema.nullable(),
  /** When an alert is sent if it has not ended. */
  deadlineAt: timeSchema.nullable(),
  /** When that alert was sent. */
  overdueAt: timeSchema.nullable(),
  openedAt: timeSchema,
  reportedAt: timeSchema.nullable(),
  /** How many of its batches stand where. */
  statuses: z.partialRecord(batchStatusSchema, z.int()),
  /** The expected tables and those that came, by name. */
  tables: z.array(runTableSchema),
};

const EXAMPLE = {
  id: 40,
  client: "iris",
  project: "retail",
  key: "2026-11-20 09:00 Europe/Berlin",
  state: "open",
  phase: "running",
  trigger: {
    by: "schedule",
    dueAt: "2026-11-20T08:00:00.000Z",
    startedAt: "2026-11-20T08:00:00.412Z",
    actor: null,
    reason: null,
  },
  revision: 0,
  settleAt: null,
  waitsUntil: "2026-11-20T08:30:00.412Z",
  deadlineAt: "2026-11-20T09:00:00.000Z",
  overdueAt: null,
  openedAt: "2026-11-20T05:12:31.000Z",
  reportedAt: null,
  statuses: { running: 1, received: 1 },
  tables: [
    {
      table: "store",
      expected: true,
      status: "running",
      batchId: 42,
      fileName: "store-2026-11-20.tsv",
      files: 1,
      late: false,
      waitsFor: null,
    },
    {
      table: "storestock",
      expected: true,
      status: "waiting",
      batchId: 43,
      fileName: "storestock-2026-11-20.tsv",
      files: 1,
      late: false,
      waitsFor: { kind: "tables", tables: ["store"], until: null },
    },
  ],
};

export const runSummarySchema = z.object(runFields).meta({ id: "RunSummary", example: EXAMPLE });
export type RunSummary = z.infer<typeof runSummarySchema>;

export const runPageSchema = z.object({ runs: z.array(runSummarySchema), next: nextSchema });
export type RunPage = z.infer<typeof runPageSchema>;

export const runDetailSchema = z
  .object({
    ...runFields,
    batches: z.array(batchSummarySchema.extend({ waitsFor: waitsForSchema.nullable() }).meta({ id: "RunBatch" })),
    messages: z.array(messageSchema),
  })
  .meta({ id: "Run", example: { ...EXAMPLE, batches: [], messages: [] } });
export type RunDetail = z.infer<typeof runDetailSchema>;

export const startRunBodySchema = z
  .strictObject({
    reason: z.string().trim().min(1).max(500).optional().describe("Kept with the run and in the audit"),
  })
  .meta({ example: { reason: "The stock file came early; the shops wait for it" } });
export type StartRunBody = z.input<typeof startRunBodySchema>;

/** A trigger time of a project that has passed, or a run that a person started. */
export const triggerSchema = z
  .object({
    dueAt: timeSchema,
    /** In the project's zone, such as `2026-11-20 09:00`. */
    local: z.string(),
    by: z.enum(["schedule", "person"]),
    actor: z.string().nullable(),
    reason: z.string().nullable(),
    /** `skipped`: it passed while no scheduler ran, and a later one was taken up in its place. */
    outcome: z.enum(["started", "skipped"]),
    startedAt: timeSchema.nullable(),
    run: z
      .object({
        id: z.int(),
        key: z.string(),
        state: z.enum(["open", "reported"]),
        /** The worst of its tables; null: none came and none was expected. */
        status: runTableStatusSchema.nullable(),
      })
      .nullable(),
  })
  .meta({ id: "Trigger" });
export type TriggerView = z.infer<typeof triggerSchema>;

/** When a project runs, ran, and what waits for its next trigger. */
export const scheduleSchema = z
  .object({
    client: z.string(),
    project: z.string(),
    /** As the profile has it; null: the project's files are worked on as they come. */
    at: z.string().nullable(),
    timezone: z.string().nullable(),
    /** Says why no trigger is due although there is a schedule. */
    paused: z.enum(["rehearsal"]).nullable(),
    /** A trigger was due a minute ago or more and has not started: no scheduler is running. */
    behind: z.boolean(),
    /** The next five due times. */
    next: z.array(z.object({ at: timeSchema, local: z.string() })),
    /** The newest 20, newest first. */
    triggers: z.array(triggerSchema),
    /** Files that wait for a trigger or for other tables, oldest first, 200 at most. */
    held: z.array(
      z.object({
        batchId: z.int(),
        runId: z.int(),
        table: z.string().nullable(),
        fileName: z.string(),
        sizeBytes: z.int(),
        receivedAt: timeSchema,
        waitsFor: waitsForSchema.nullable(),
      }),
    ),
    /** The run that is under way; null: none, so that one may be started now. */
    underWay: z.int().nullable(),
  })
  .meta({
    id: "Schedule",
    example: {
      client: "iris",
      project: "retail",
      at: "daily 09:00",
      timezone: "Europe/Berlin",
      paused: null,
      behind: false,
      next: [{ at: "2026-11-21T08:00:00.000Z", local: "2026-11-21 09:00" }],
      triggers: [
        {
          dueAt: "2026-11-20T08:00:00.000Z",
          local: "2026-11-20 09:00",
          by: "schedule",
          actor: null,
          reason: null,
          outcome: "started",
          startedAt: "2026-11-20T08:00:00.412Z",
          run: { id: 40, key: "2026-11-20 09:00 Europe/Berlin", state: "reported", status: "success" },
        },
      ],
      held: [],
      underWay: null,
    },
  });
export type Schedule = z.infer<typeof scheduleSchema>;
