import { z } from "zod";
import {
  artifactKindSchema,
  batchStatusSchema,
  countsSchema,
  reasonSchema,
  stepKindSchema,
  stepStateSchema,
} from "../batch.ts";
import { issueSchema } from "../issue.ts";
import { slugSchema } from "../names.ts";
import { batchMarkSchema } from "./batch-marks.ts";
import { messageSchema } from "./messages.ts";
import { durationMsSchema, nextSchema, pageQuerySchema, timeSchema } from "./pages.ts";
import { waitsForSchema } from "./waits-for.ts";

/** A list in a query: a parameter that is repeated, or one with commas. */
const commaList = <Item extends z.ZodType<unknown, string>>(item: Item) =>
  z
    .union([z.string(), z.array(z.string())])
    .transform((given) => [given].flat().flatMap((part) => part.split(",")))
    .pipe(z.array(item).min(1).max(20));

const yesOrNo = z.enum(["true", "false"]).transform((word) => word === "true");

/** Which batches are asked for. All conditions hold together. */
export const batchConditionsSchema = z.object({
  client: slugSchema.optional(),
  project: slugSchema.optional(),
  table: slugSchema.optional(),
  status: commaList(batchStatusSchema).optional().describe("One or several: repeated, or with commas between"),
  source: commaList(z.string().regex(/^[a-z][a-z-]{0,30}$/, "a source such as gateway, sftp, upload or email"))
    .optional()
    .describe("How the file came, one or several: `gateway`, `sftp`, `upload`, `email`, `pull`"),
  text: z
    .string()
    .trim()
    .min(1)
    .max(200)
    .optional()
    .describe(
      "What is looked for: `#123` a batch's number; else part of the file's name, without regard to case, or the whole " +
        "name of the login that sent it, or the first 8 or more hexadecimal digits of the file's SHA-256",
    ),
  rehearsal: yesOrNo.optional().describe("Sent while its project rehearsed, or not"),
  findings: yesOrNo.optional().describe("Whether its check found anything"),
  run: z.coerce.number().int().min(1).optional(),
  from: z.iso.datetime({ offset: true }).optional().describe("Received at this time or later"),
  to: z.iso.datetime({ offset: true }).optional().describe("Received before this time"),
});
export type BatchConditions = z.output<typeof batchConditionsSchema>;

/** One page of the batches that meet the conditions. */
export const batchQuerySchema = pageQuerySchema.extend(batchConditionsSchema.shape);
export type BatchQuery = z.output<typeof batchQuerySchema>;

/** Where a batch that is under way is now. */
const stageSchema = z.object({
  kind: stepKindSchema,
  state: stepStateSchema,
  attempts: z.int(),
  /** Not tried again before this time. */
  notBefore: timeSchema,
});

const batchFields = {
  id: z.int(),
  client: z.string(),
  project: z.string(),
  /** Null when the file's name belongs to no table. */
  table: z.string().nullable(),
  runId: z.int(),
  /** `gateway`, `sftp` or `upload`. */
  source: z.string(),
  fileName: z.string(),
  sizeBytes: z.int(),
  status: batchStatusSchema,
  mark: batchMarkSchema,
  /** Sent while its project rehearses: nothing of it is in the client's tables. */
  rehearsal: z.boolean(),
  reason: reasonSchema.nullable(),
  counts: countsSchema,
  /** Findings of the check in all. */
  issueCount: z.int(),
  /** Null once the batch has ended, and while it is held for its run's trigger or for other tables. */
  stage: stageSchema.nullable(),
  receivedAt: timeSchema,
  startedAt: timeSchema.nullable(),
  endedAt: timeSchema.nullable(),
  /** From its receipt to its end, or until now. */
  durationMs: durationMsSchema,
};

const EXAMPLE = {
  id: 42,
  client: "spring",
  project: "video",
  table: "contacts",
  runId: 40,
  source: "gateway",
  fileName: "spring_video_20261120_090000_00.csv",
  sizeBytes: 20_480,
  status: "completed",
  mark: "tick",
  rehearsal: false,
  reason: null,
  counts: {
    declared: null,
    records: 200,
    valid: 200,
    rejected: 0,
    staged: 200,
    imported: 200,
    links: 200,
    withheld: 0,
  },
  issueCount: 0,
  stage: null,
  receivedAt: "2026-11-20T09:00:00.000Z",
  startedAt: "2026-11-20T09:00:00.040Z",
  endedAt: "2026-11-20T09:00:00.310Z",
  durationMs: 310,
};

/** A batch as lists show it. */
export const batchSummarySchema = z.object(batchFields).meta({
  id: "BatchSummary",
  example: EXAMPLE,
});
export type BatchSummary = z.infer<typeof batchSummarySchema>;

export const batchPageSchema = z.object({ batches: z.array(batchSummarySchema), next: nextSchema });
export type BatchPage = z.infer<typeof batchPageSchema>;

/** How many batches meet the conditions, by status. */
export const batchCountsSchema = z
  .object({
    counts: z.partialRecord(batchStatusSchema, z.int()),
    total: z.int(),
    /** False: there are more; only the newest were counted, so each number is a lower bound. */
    isExact: z.boolean(),
  })
  .meta({ id: "BatchCounts", example: { counts: { completed: 812, failed: 3 }, total: 815, isExact: true } });
export type BatchCounts = z.infer<typeof batchCountsSchema>;

/** Findings of one code in one column. */
export const columnFindingsSchema = z.object({
  /** Null: about the whole file or record. */
  column: z.string().nullable(),
  code: z.string(),
  severity: z.enum(["error", "warning"]),
  findings: z.int(),
});
export type ColumnFindings = z.infer<typeof columnFindingsSchema>;

/** What can be done with a batch. */
export const batchActionNameSchema = z.enum(["retry", "cancel", "rerun", "download", "revoke", "log"]);
export type BatchActionName = z.infer<typeof batchActionNameSchema>;

/** Whether this caller may do something with a batch now. */
export const batchActionSchema = z
  .object({
    action: batchActionNameSchema,
    allowed: z.boolean(),
    /** Why not, in one sentence; null where it is allowed. */
    why: z.string().nullable(),
    /** What the request must say: `force` is to be true, and a reason is to be given. */
    needs: z.array(z.enum(["force", "reason"])),
    /** What the person should know before doing it; null where there is nothing. */
    caution: z.string().nullable(),
  })
  .meta({
    id: "BatchAction",
    example: {
      action: "retry",
      allowed: false,
      why: "Batch 42 is completed; only a failed batch can be retried.",
      needs: [],
      caution: null,
    },
  });
export type BatchAction = z.infer<typeof batchActionSchema>;

/** One stage of one batch. */
export const stepViewSchema = z
  .object({
    kind: stepKindSchema,
    state: stepStateSchema,
    attempts: z.int(),
    /** Attempts whose worker never answered again. */
    losses: z.int(),
    notBefore: timeSchema,
    /** Host and process; null to keys of one client. */
    worker: z.string().nullable(),
    /** The last failed attempt's. */
    error: z.object({ code: z.string(), message: z.string() }).nullable(),
    createdAt: timeSchema,
    readyAt: timeSchema.nullable(),
    startedAt: timeSchema.nullable(),
    finishedAt: timeSchema.nullable(),
    /** From its start to its end, of the last attempt; null while it has none. */
    durationMs: durationMsSchema.nullable(),
  })
  .meta({ id: "Step" });
export type StepView = z.infer<typeof stepViewSchema>;

/** One line of a batch's story, oldest first. */
export const timelineEntrySchema = z
  .object({
    at: timeSchema,
    /** For programs, such as `received`, `stage_done`, `attempt_failed`, `delivered`, `ended`. */
    event: z.string(),
    /** For people. */
    text: z.string(),
    stage: stepKindSchema.nullable(),
    /** Who did it, where a person or a key did. */
    actor: z.string().nullable(),
    durationMs: durationMsSchema.nullable(),
    /** How the line is to be read: as news, as a success, as something to look at, as a failure. */
    tone: z.enum(["info", "good", "warning", "bad"]),
  })
  .meta({ id: "TimelineEntry" });
export type TimelineEntry = z.infer<typeof timelineEntrySchema>;

export const artifactViewSchema = z
  .object({
    kind: artifactKindSchema,
    name: z.string(),
    sizeBytes: z.int(),
    /** Hexadecimal. */
    sha256: z.string(),
    createdAt: timeSchema,
  })
  .meta({ id: "Artifact" });
export type ArtifactView = z.infer<typeof artifactViewSchema>;

export const deliveryViewSchema = z
  .object({
    artifact: artifactKindSchema,
    /** `downloads:<username>` or `sftp:<host>`. */
    destination: z.string(),
    path: z.string(),
    sizeBytes: z.int(),
    sha256: z.string(),
    deliveredAt: timeSchema,
  })
  .meta({ id: "Delivery" });
export type DeliveryView = z.infer<typeof deliveryViewSchema>;

/** Everything that is known of a batch. */
export const batchDetailSchema = z
  .object({
    ...batchFields,
    /** Under which version of its project's profile it was received. */
    profileVersion: z.int(),
    /** What it is held for before its first stage; null: nothing. */
    waitsFor: waitsForSchema.nullable(),
    sha256: z.string(),
    /** The SFTP login that sent it. */
    account: z.string().nullable(),
    arrivalId: z.int().nullable(),
    importedAt: timeSchema.nullable(),
    forcedReason: z.string().nullable(),
    /** The batch whose error file this one is, mended and sent back. */
    corrects: z.int().nullable(),
    /** The batches that came of its own error file. */
    correctedBy: z.array(z.int()),
    /** The batch of the ZIP that the file came in with others. */
    partOf: z.int().nullable(),
    /** Of a ZIP of several data files: the batches of its files. */
    parts: z.array(z.int()),
    linksExpireAt: timeSchema.nullable(),
    /** Links that were taken back: all of them, or how many records. */
    revoked: z.object({ all: z.boolean(), records: z.int() }),
    /** When its stored files are deleted, as its project's newest profile says; null: not by itself, it has not ended, or they are. */
    filesKeptUntil: timeSchema.nullable(),
    /** When they were. */
    filesDeletedAt: timeSchema.nullable(),
    /** When a recipient in its files was forgotten; since then it cannot be run again. */
    forgottenAt: timeSchema.nullable(),
    /** The batch whose stored file this one is, received again under a newer profile. */
    rerunOf: z.int().nullable(),
    /** The pull that brought it; null: it came in another way. */
    pull: z.int().nullable(),
    /** The batches that its own stored file was received again as. */
    reruns: z.array(z.int()),
    /** Exact number of findings by code. */
    issueTotals: z.record(z.string(), z.int()),
    /** Of the kept findings, how many each column has, most first. */
    findingsByColumn: z.array(columnFindingsSchema),
    /** Findings that are kept to be listed; the `errors` artifact holds all. */
    issuesKept: z.int(),
    /** The batches of the same table before and after it. */
    neighbours: z.object({ older: z.int().nullable(), newer: z.int().nullable() }),
    /** What this caller may do with it now. */
    actions: z.array(batchActionSchema),
    steps: z.array(stepViewSchema),
    timeline: z.array(timelineEntrySchema),
    artifacts: z.array(artifactViewSchema),
    deliveries: z.array(deliveryViewSchema),
    /** E-mails about this batch and about its run. */
    messages: z.array(messageSchema),
  })
  .meta({
    id: "Batch",
    example: {
      ...EXAMPLE,
      profileVersion: 3,
      waitsFor: null,
      sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
      account: "spring",
      arrivalId: 40,
      importedAt: "2026-11-20T09:00:00.250Z",
      forcedReason: null,
      filesKeptUntil: null,
      filesDeletedAt: null,
      forgottenAt: null,
      corrects: null,
      correctedBy: [],
      partOf: null,
      parts: [],
      linksExpireAt: "2027-11-20T09:00:00.120Z",
      revoked: { all: false, records: 0 },
      rerunOf: null,
      pull: null,
      reruns: [],
      issueTotals: {},
      findingsByColumn: [],
      issuesKept: 0,
      neighbours: { older: 41, newer: null },
      actions: [{ action: "cancel", allowed: false, why: "Batch 42 is completed.", needs: [], caution: null }],
      steps: [],
      timeline: [
        {
          at: "2026-11-20T09:00:00.000Z",
          event: "received",
          text: "Received by SFTP from spring: spring_video_20261120_090000_00.csv, 20.5 KB",
          stage: null,
          actor: null,
          durationMs: null,
          tone: "info",
        },
      ],
      artifacts: [],
      deliveries: [],
      messages: [],
    },
  });
export type BatchDetail = z.infer<typeof batchDetailSchema>;

/** Which findings of a batch are asked for; in the order of the file. */
export const issueQuerySchema = pageQuerySchema.extend({
  code: z.string().min(1).max(100).optional(),
  column: z.string().min(1).max(200).optional(),
  severity: z.enum(["error", "warning"]).optional(),
});
export type IssueQuery = z.output<typeof issueQuerySchema>;

export const issuePageSchema = z
  .object({
    issues: z.array(issueSchema),
    /** Exact number of findings in the whole file, by code. */
    totals: z.record(z.string(), z.int()),
    /** Exact number of findings in the whole file. */
    total: z.int(),
    /** How many of them are kept to be listed here; the `errors` artifact holds all. */
    kept: z.int(),
    /** How many of the kept ones meet the conditions. */
    matching: z.int(),
    next: nextSchema,
  })
  .meta({ id: "IssuePage" });
export type IssuePage = z.infer<typeof issuePageSchema>;

export const retryBodySchema = z
  .strictObject({
    force: z.boolean().default(false).describe("Also an ended batch, and one that a newer one has overtaken"),
    reason: z.string().trim().min(1).max(500).optional().describe("Needed with force; kept with the batch"),
  })
  .refine((body) => !body.force || body.reason !== undefined, {
    message: "a forced retry says why",
    path: ["reason"],
  })
  .meta({ example: { force: true, reason: "The newer file was withdrawn by the client" } });
export type RetryBody = z.input<typeof retryBodySchema>;

const whySchema = z.string().trim().min(1).max(500);

/** A stored file is received again, under its project's present profile. */
export const rerunBodySchema = z
  .strictObject({
    reason: whySchema
      .optional()
      .describe("Kept with both batches. Needed where the file was imported, or counts as a duplicate"),
    force: z.boolean().default(false).describe("Although a newer file of its table is imported; needs a reason"),
  })
  .refine((body) => !body.force || body.reason !== undefined, {
    message: "a forced re-run says why",
    path: ["reason"],
  })
  .meta({ example: { reason: "The profile now knows the new column" } });
export type RerunBody = z.input<typeof rerunBodySchema>;

/** Batches that can be retried in one request. */
export const MOST_RETRIES = 500;

/** Which batches are retried: some by their numbers, or the failed ones that meet conditions, oldest first. */
export const bulkRetryBodySchema = z
  .strictObject({
    ids: z.array(z.int().min(1)).min(1).max(MOST_RETRIES).optional(),
    filter: batchConditionsSchema
      .omit({ status: true })
      .optional()
      .describe("Of the failed batches, those that meet it"),
    reason: whySchema.optional().describe("Goes into each batch's history and the audit"),
  })
  .refine((body) => (body.ids === undefined) !== (body.filter === undefined), {
    message: "say either ids or filter",
  })
  .meta({ example: { filter: { client: "spring" }, reason: "The client's server is back" } });
export type BulkRetryBody = z.input<typeof bulkRetryBodySchema>;

export const bulkRetrySchema = z
  .object({
    outcomes: z.array(
      z.object({
        id: z.int(),
        retried: z.boolean(),
        /** Why it was not: for programs, and in words. Null where it was. */
        code: z.string().nullable(),
        message: z.string().nullable(),
      }),
    ),
    retried: z.int(),
    /** True: more failed batches meet the filter than one request retries. Ask again. */
    more: z.boolean(),
  })
  .meta({
    id: "BulkRetry",
    example: { outcomes: [{ id: 42, retried: true, code: null, message: null }], retried: 1, more: false },
  });
export type BulkRetry = z.infer<typeof bulkRetrySchema>;

/** Which links are taken back: one record's, or, said in so many words, all. */
export const revocationBodySchema = z
  .strictObject({
    record: z.int().min(1).optional().describe("Record number in the client's file"),
    all: z.literal(true).optional().describe("Every link of the batch"),
  })
  .refine((body) => (body.record === undefined) !== (body.all === undefined), {
    message: "say either record (a number) or all (true)",
  })
  .meta({ example: { record: 17 } });
export type RevocationBody = z.input<typeof revocationBodySchema>;

export const revocationSchema = z.object({
  batchId: z.int(),
  record: z.int().nullable(),
  /** False: it was revoked before. */
  changed: z.boolean(),
});
export type Revocation = z.infer<typeof revocationSchema>;
