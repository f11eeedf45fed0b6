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
import { messageSchema } from "./messages.ts";
import { durationMsSchema, nextSchema, pageQuerySchema, timeSchema } from "./pages.ts";

/** A list in a query: a parameter that is repeated, or one with commas. */
const commaList = z
  .union([z.string(), z.array(z.string())])
  .transform((given) => [given].flat().flatMap((part) => part.split(",")))
  .pipe(z.array(batchStatusSchema).min(1));

/** Which batches are asked for. All conditions hold together. */
export const batchQuerySchema = pageQuerySchema.extend({
  client: slugSchema.optional(),
  project: slugSchema.optional(),
  table: slugSchema.optional(),
  status: commaList.optional().describe("One or several: repeated, or with commas between"),
  text: z.string().min(1).max(200).optional().describe("Part of the file's name, without regard to case"),
  run: z.coerce.number().int().min(1).optional(),
  from: z.iso.datetime({ offset: true }).optional().describe("Received at this time or later"),
  to: z.iso.datetime({ offset: true }).optional().describe("Received before this time"),
});
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
  /** Sent while its project rehearses: nothing of it is in the client's tables. */
  rehearsal: z.boolean(),
  reason: reasonSchema.nullable(),
  counts: countsSchema,
  /** Findings of the check in all. */
  issueCount: z.int(),
  /** Null once the batch has ended. */
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
    /** Exact number of findings by code. */
    issueTotals: z.record(z.string(), z.int()),
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
      sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
      account: "spring",
      arrivalId: 40,
      importedAt: "2026-11-20T09:00:00.250Z",
      forcedReason: null,
      corrects: null,
      correctedBy: [],
      partOf: null,
      parts: [],
      linksExpireAt: "2027-11-20T09:00:00.120Z",
      revoked: { all: false, records: 0 },
      issueTotals: {},
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
