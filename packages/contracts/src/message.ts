import { z } from "zod";
import { artifactKindSchema, batchStatusSchema, reasonSchema } from "./batch.ts";

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

/** One batch, as a message tells of it. */
const reportedBatchSchema = z.object({
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
  issueTotals: z.record(z.string(), z.int()),
  /** The batch of the ZIP that it came in with others. */
  partOf: z.int().nullable().optional(),
  /** What was pulled, where its rows came from another system. */
  pull: z
    .object({
      pullId: z.int(),
      /** By the system's own words; null: it was not asked, or does not say. */
      expected: z.int().nullable(),
      received: z.int(),
      duplicates: z.int(),
      pages: z.int(),
      failedPage: z.int().nullable(),
    })
    .optional(),
});
export type ReportedBatch = z.infer<typeof reportedBatchSchema>;

/** A run has ended: each table with its status, and what is missing. */
export const reportMessageSchema = sentFromSchema.extend({
  event: z.literal("completed"),
  /** What the files of the run share: a date, or the one file's name. */
  run: z.string(),
  /** 1 for the first report; a late file or a retry makes the next. */
  revision: z.int().min(1),
  at: z.string(),
  /** The run is a rehearsal: nothing of it went into a live table. */
  rehearsal: z.boolean().optional(),
  batches: z.array(reportedBatchSchema),
  /** Expected tables of which no file came. */
  missing: z.array(z.string()),
  /** Absent in messages that are older than this field. */
  runId: z.int().optional(),
});

/** A run has not ended by its deadline. Sent once for each run. */
export const overdueMessageSchema = sentFromSchema.extend({
  event: z.literal("run_overdue"),
  runId: z.int(),
  run: z.string(),
  /** When its trigger was due, or its first file came. */
  dueAt: z.string(),
  deadlineAt: z.string(),
  /** Its zone; UTC where it has none. */
  timezone: z.string(),
  /** Null: it has not started. */
  startedAt: z.string().nullable(),
  batches: z.array(reportedBatchSchema),
  /** Expected tables of which no file has come. */
  missing: z.array(z.string()),
  /** Earlier due times that passed while no scheduler ran. */
  skipped: z.array(z.string()),
  at: z.string(),
});

/** What an e-mail answers. Its subject and its Message-ID, as its sender's system wrote them. */
const answeredSchema = z.object({
  subject: z.string(),
  messageId: z.string().nullable(),
  /** The address of ours that it came to: who answers the answer writes there again. Null where nobody knows. */
  to: z.string().nullable().optional(),
});

/** A stored file of the batch, as it was when the batch ended. */
const storedFileSchema = z.object({
  kind: artifactKindSchema,
  blobKey: z.string(),
  name: z.string(),
  sizeBytes: z.int(),
  /** Hexadecimal. */
  sha256: z.string(),
});
export type StoredFile = z.infer<typeof storedFileSchema>;

/** The answer to a file that came by e-mail, when its batch has ended. What is attached is read when it is sent. */
export const replyMessageSchema = sentFromSchema.extend({
  event: z.literal("reply"),
  /** A file of a rehearsal: nothing of it went into a live table. */
  rehearsal: z.boolean(),
  batch: reportedBatchSchema,
  /** The first findings. No cell of the file is in them: an e-mail's text is open to read on its way. */
  findings: z.array(z.object({ line: z.int().nullable(), column: z.string().nullable(), message: z.string() })),
  /** What may go back: results and error files, as they are and as they are wrapped. */
  files: z.array(storedFileSchema),
  /** What lies in its place already. `destination` as in the deliveries: `downloads:<account>`, `sftp:<host>`. */
  placed: z.array(z.object({ kind: artifactKindSchema, destination: z.string(), path: z.string() })),
  /** More bytes than this are not attached. */
  replyBytes: z.int(),
  answered: answeredSchema,
  at: z.string(),
});

/** The answer to an e-mail of a known, authenticated sender that no file could be taken from. */
export const mailRefusalMessageSchema = sentFromSchema.extend({
  event: z.literal("mail_refused"),
  reason: reasonSchema,
  /** The e-mail may be for other projects as well: the one named here is one of them. */
  projectUnclear: z.boolean().optional(),
  answered: answeredSchema,
  at: z.string(),
});

/** An OpenPGP key of a project is about to expire, or has. */
export const keyExpiryMessageSchema = sentFromSchema.extend({
  event: z.literal("key_expires"),
  owner: z.enum(["ours", "theirs"]),
  fingerprint: z.string(),
  userId: z.string(),
  /** What the key is good for. Messages of before these fields say both. */
  canEncrypt: z.boolean().default(true),
  canSign: z.boolean().default(true),
  /** Another active key of the same owner outlives this one, and can encrypt. */
  hasOtherEncryptionKey: z.boolean().default(false),
  expiresAt: z.string(),
  at: z.string(),
});

/** A webhook was disabled, because its receiver wants no more or does not answer. */
export const webhookDisabledMessageSchema = sentFromSchema.extend({
  event: z.literal("webhook_disabled"),
  webhookId: z.int(),
  /** Without what may be secret in it: scheme, host and port. */
  receiver: z.string(),
  description: z.string(),
  /** `gone`: it answered 410. `failing`: every attempt failed for days. */
  cause: z.enum(["gone", "failing"]),
  /** Since when every attempt has failed. */
  failingSince: z.string(),
  /** What the last attempt came to, in words. */
  lastError: z.string(),
  at: z.string(),
});

/** Another system has taken nothing of a catalog's changes for a while. */
export const subscriptionFailingMessageSchema = sentFromSchema.extend({
  event: z.literal("subscription_failing"),
  subscriptionId: z.int(),
  /** As the profile calls it. */
  name: z.string(),
  /** Its catalog's. */
  table: z.string(),
  /** Since when nothing was taken. */
  failingSince: z.string(),
  /** What the last attempt came to, in words. */
  lastError: z.string(),
  at: z.string(),
});

/** What an e-mail tells: facts alone; the notifier words them. */
export const messagePayloadSchema = z.discriminatedUnion("event", [
  fileMessageSchema,
  reportMessageSchema,
  replyMessageSchema,
  mailRefusalMessageSchema,
  keyExpiryMessageSchema,
  overdueMessageSchema,
  webhookDisabledMessageSchema,
  subscriptionFailingMessageSchema,
]);
export type FileMessage = z.infer<typeof fileMessageSchema>;
export type ReportMessage = z.infer<typeof reportMessageSchema>;
export type ReplyMessage = z.infer<typeof replyMessageSchema>;
export type MailRefusalMessage = z.infer<typeof mailRefusalMessageSchema>;
export type OverdueMessage = z.infer<typeof overdueMessageSchema>;
export type KeyExpiryMessage = z.infer<typeof keyExpiryMessageSchema>;
export type WebhookDisabledMessage = z.infer<typeof webhookDisabledMessageSchema>;
export type SubscriptionFailingMessage = z.infer<typeof subscriptionFailingMessageSchema>;
export type MessagePayload = z.infer<typeof messagePayloadSchema>;
