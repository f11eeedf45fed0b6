import { z } from "zod";
import { batchStatusSchema, reasonSchema } from "../batch.ts";
import { slugSchema } from "../names.ts";
import { durationMsSchema, idParamSchema, nextSchema, pageQuerySchema, timeSchema } from "./pages.ts";

/** Which pull an address names. */
export const pullPathSchema = z.object({ pull: idParamSchema });

/**
 * How the fetching itself stands. `due`: nobody has taken it up yet. `received`: all of it is here and has become a batch.
 * `unchanged`: the system had nothing new, so that there is no batch. `stopped`: it did not bring what was expected.
 */
export const pullStateSchema = z.enum(["due", "running", "received", "unchanged", "stopped", "cancelled"]);
export type PullState = z.infer<typeof pullStateSchema>;

/** `probe`: only to see what the system has; nothing of it is imported. */
export const pullPurposeSchema = z.enum(["import", "probe"]);
export type PullPurpose = z.infer<typeof pullPurposeSchema>;

/**
 * What came of a pull, its batch included, in one word. `importing`: its batch is being checked and imported. `imported`: all
 * that came is in the table; of an import that is not monitored, all that was valid. `not_imported`: everything came, and its
 * batch was rejected, failed or was overtaken. `skipped`: it was due while another one was under way. `probed`: a probe that has its result.
 */
export const pullOutcomeSchema = z.enum([
  "waiting",
  "pulling",
  "importing",
  "imported",
  "unchanged",
  "stopped",
  "not_imported",
  "cancelled",
  "skipped",
  "probed",
]);
export type PullOutcome = z.infer<typeof pullOutcomeSchema>;

/** Why a pull stopped, or why its last attempt failed, and what to do. */
const pullErrorSchema = z.object({ code: z.string(), message: z.string() });

const pullFields = {
  id: z.int(),
  client: z.string(),
  project: z.string(),
  table: z.string(),
  purpose: pullPurposeSchema,
  /** Asked for while its project rehearsed: nothing of it is in the client's tables. */
  rehearsal: z.boolean(),
  state: pullStateSchema,
  outcome: pullOutcomeSchema,
  trigger: z.object({
    by: z.enum(["schedule", "person"]),
    /** The due time of the project's schedule; null where a person asked. */
    dueAt: timeSchema.nullable(),
    /** Who asked. Null for the schedule, and for callers who see one client alone. */
    actor: z.string().nullable(),
    reason: z.string().nullable(),
  }),
  /** Expected, received and imported must be the same. */
  monitored: z.boolean(),
  /** Everything is pulled; false: what has changed since `cursor.from`. */
  full: z.boolean(),
  /** The change time or key that an incremental pull asked from, and the one that the next one asks from once this is imported. */
  cursor: z.object({ from: z.string().nullable(), to: z.string().nullable() }),
  /** Pages that have come. */
  pages: z.int(),
  /** How many items there are, by the system's own words. Null: it was not asked yet, or does not say. */
  expected: z.int().nullable(),
  /** Different items that have come. */
  received: z.int(),
  /** Items whose key had come before in the same pull; they are not counted as received. */
  duplicates: z.int(),
  /** What has been put down here so far. */
  receivedBytes: z.int(),
  /** How often it was tried, the attempt under way included. */
  attempts: z.int(),
  /** What it became. Null: nothing yet, or nothing at all. */
  batch: z
    .object({
      id: z.int(),
      status: batchStatusSchema,
      reason: reasonSchema.nullable(),
      /** Records that passed the check. */
      valid: z.int().nullable(),
      imported: z.int().nullable(),
    })
    .nullable(),
  error: pullErrorSchema.nullable(),
  askedAt: timeSchema,
  /** It is not tried (again) before this time. */
  notBefore: timeSchema.nullable(),
  startedAt: timeSchema.nullable(),
  endedAt: timeSchema.nullable(),
  /** From its start to its end, or until now; null: it has not started. */
  durationMs: durationMsSchema.nullable(),
};

const EXAMPLE = {
  id: 311,
  client: "iris",
  project: "shop",
  table: "items",
  purpose: "import",
  rehearsal: false,
  state: "stopped",
  outcome: "stopped",
  trigger: { by: "schedule", dueAt: "2026-11-20T09:00:00.000Z", actor: null, reason: null },
  monitored: true,
  full: true,
  cursor: { from: null, to: null },
  pages: 11,
  expected: 12_000,
  received: 11_000,
  duplicates: 0,
  receivedBytes: 1_320_000,
  attempts: 3,
  batch: {
    id: 815,
    status: "rejected",
    reason: {
      code: "pull_incomplete",
      message: "12,000 items were expected and 11,000 came, so nothing was imported. Page 12 failed.",
    },
    valid: null,
    imported: null,
  },
  error: {
    code: "pull_incomplete",
    message: "12,000 items were expected and 11,000 came, so nothing was imported. Page 12 failed.",
  },
  askedAt: "2026-11-20T09:00:00.000Z",
  notBefore: null,
  startedAt: "2026-11-20T09:00:00.310Z",
  endedAt: "2026-11-20T09:04:10.000Z",
  durationMs: 249_690,
} as const;

export const pullSummarySchema = z.object(pullFields).meta({ id: "PullSummary", example: EXAMPLE });
export type PullSummary = z.infer<typeof pullSummarySchema>;

export const pullQuerySchema = pageQuerySchema.extend({
  table: slugSchema.optional(),
  state: pullStateSchema.optional(),
  purpose: pullPurposeSchema.default("import"),
});
export type PullQuery = z.output<typeof pullQuerySchema>;

export const pullPageSchema = z.object({ pulls: z.array(pullSummarySchema), next: nextSchema });
export type PullPage = z.infer<typeof pullPageSchema>;

/** A field as a resource has it. */
export const fieldShapeSchema = z
  .object({
    /** The names on the way to it, with dots between, as a profile's `fields` take it. */
    path: z.string(),
    type: z.enum(["text", "number", "boolean", "time", "object", "list"]),
    /** It was missing or null in some items. */
    isOptional: z.boolean(),
    /** Up to three values, as text, cut to 100 characters; none for callers who may not read files. */
    samples: z.array(z.string()),
  })
  .meta({ id: "FieldShape" });
export type FieldShapeView = z.infer<typeof fieldShapeSchema>;

/** What a probe found. */
export const probeResultSchema = z
  .object({
    /** How many items there are, by the system's own words; null: it does not say. */
    count: z.int().nullable(),
    /** What an item looks like. */
    shape: z.array(fieldShapeSchema),
    /**
     * The first items as rows of the table: the names of its columns, and the cells as text; null is an empty one. Null for
     * callers who may not read files.
     */
    rows: z.object({ columns: z.array(z.string()), cells: z.array(z.array(z.string().nullable())) }).nullable(),
  })
  .meta({ id: "ProbeResult" });
export type ProbeResult = z.infer<typeof probeResultSchema>;

export const pullDetailSchema = z
  .object({
    ...pullFields,
    profileVersion: z.int(),
    /** Whose API: the connector, and the system's host. */
    system: z.object({ connector: z.string(), host: z.string() }),
    /** The entity, service or path that was pulled. */
    resource: z.string(),
    runId: z.int().nullable(),
    /** The page that failed; null: none did. */
    failedPage: z.int().nullable(),
    /** How often it was begun anew, because the number of items changed while it was pulled. */
    rounds: z.int(),
    /** Keys that came more than once, the first few. `same`: with the same content. */
    duplicateSamples: z.array(z.object({ key: z.string(), same: z.boolean(), page: z.int() })),
    /** Of a probe that has ended; null: of none. */
    probe: probeResultSchema.nullable(),
    /** It can be cancelled now. */
    cancellable: z.boolean(),
  })
  .meta({
    id: "Pull",
    example: {
      ...EXAMPLE,
      profileVersion: 3,
      system: { connector: "sap_business_one", host: "erp.iris.example" },
      resource: "Items",
      runId: 77,
      failedPage: 12,
      rounds: 0,
      duplicateSamples: [],
      probe: null,
      cancellable: false,
    },
  });
export type PullDetail = z.infer<typeof pullDetailSchema>;

export const startPullsBodySchema = z
  .strictObject({
    tables: z
      .array(slugSchema)
      .min(1)
      .max(200)
      .optional()
      .describe("Which of the project's pulled tables; left out: all"),
    full: z
      .boolean()
      .default(false)
      .describe("Everything anew, also where only what has changed would be pulled; the cursor begins anew with it"),
    reason: z.string().trim().min(1).max(500).optional().describe("Kept with the pulls and in the audit"),
  })
  .meta({ id: "StartPulls", example: { tables: ["items"], full: true, reason: "Prices were mended in the ERP" } });
export type StartPullsBody = z.input<typeof startPullsBodySchema>;

export const startedPullsSchema = z
  .object({
    pulls: z.array(pullSummarySchema),
    /** Tables of which a pull is under way already: its number is here instead. */
    underWay: z.array(z.object({ table: z.string(), pull: z.int() })),
  })
  .meta({ id: "StartedPulls" });
export type StartedPulls = z.infer<typeof startedPullsSchema>;

export const cancelPullBodySchema = z
  .strictObject({
    reason: z.string().trim().min(1).max(500).optional().describe("Kept with the pull and in the audit"),
  })
  .meta({ id: "CancelPull", example: { reason: "The ERP is being updated" } });
export type CancelPullBody = z.input<typeof cancelPullBodySchema>;

export const probeBodySchema = z
  .strictObject({ table: slugSchema.optional().describe("Left out: the project's only or first pulled table") })
  .meta({ id: "StartProbe", example: { table: "items" } });
export type ProbeBody = z.input<typeof probeBodySchema>;

/** How one pulled table stands. */
export const pulledTableSchema = z.object({
  table: z.string(),
  resource: z.string(),
  mode: z.enum(["full", "incremental"]),
  /** The change time or key that the next incremental pull asks from; null: everything. */
  cursor: z.string().nullable(),
  /** The newest pull; null: there was none. */
  last: pullSummarySchema.nullable(),
  /** The newest that was imported, or that found nothing new. */
  lastGood: z.object({ pull: z.int(), at: timeSchema }).nullable(),
});
export type PulledTable = z.infer<typeof pulledTableSchema>;

/** How a project's pulls stand. */
export const pullStatesSchema = z
  .object({
    client: z.string(),
    project: z.string(),
    system: z.object({ connector: z.string(), host: z.string() }),
    monitored: z.boolean(),
    /** Who is told of an import that was stopped: the project's recipients and those of its monitoring. */
    recipients: z.array(z.string()),
    schedule: z.object({
      /** In words: `every 15 minutes`, `daily 06:00`; null: only when a person asks. */
      words: z.string().nullable(),
      timezone: z.string().nullable(),
      nextDueAt: timeSchema.nullable(),
      /** Says why no pull is due although there is a schedule. */
      paused: z.enum(["rehearsal"]).nullable(),
    }),
    /** Open: the system failed again and again, and is left alone until then. */
    circuit: z.object({
      state: z.enum(["closed", "open"]),
      failures: z.int(),
      until: timeSchema.nullable(),
      error: pullErrorSchema.nullable(),
    }),
    tables: z.array(pulledTableSchema),
  })
  .meta({
    id: "PullStates",
    example: {
      client: "iris",
      project: "shop",
      system: { connector: "sap_business_one", host: "erp.iris.example" },
      monitored: true,
      recipients: ["it@iris.example"],
      schedule: {
        words: "daily 06:00",
        timezone: "Europe/Berlin",
        nextDueAt: "2026-11-21T05:00:00.000Z",
        paused: null,
      },
      circuit: { state: "closed", failures: 0, until: null, error: null },
      tables: [
        {
          table: "items",
          resource: "Items",
          mode: "full",
          cursor: null,
          last: EXAMPLE,
          lastGood: { pull: 310, at: "2026-11-19T05:02:12.000Z" },
        },
      ],
    },
  });
export type PullStates = z.infer<typeof pullStatesSchema>;
