import { z } from "zod";
import { stepKindSchema } from "../batch.ts";
import { slugSchema } from "../names.ts";
import { durationMsSchema, nextSchema, pageQuerySchema, timeSchema } from "./pages.ts";

/** How much work went through within a length of time. */
const throughputSchema = z.object({
  /** Minutes looked at: 5 or 60. */
  minutes: z.int(),
  done: z.int(),
  donePerMinute: z.number(),
  /** Given up: steps whose batch failed, messages that became dead letters. Files that were rejected are `done`. */
  failed: z.int(),
  /** Attempts that failed and are tried again. */
  retried: z.int(),
});

/** One queue, as PostgreSQL knows it: what Redis lost on the way is in it, too. */
export const queueStateSchema = z
  .object({
    /** `arrive`, one of the stages `validate`, `personalise`, `import`, `deliver`, or `send`. */
    queue: z.string(),
    /** Due, and nobody works on it yet. */
    waiting: z.int(),
    /** Being worked on. */
    active: z.int(),
    /** Tried before, or not due yet: its time comes by itself. */
    delayed: z.int(),
    /** Not admitted yet; `heldBack` says why. */
    held: z.int(),
    /** Failed for good, and not retried. */
    failed: z.int(),
    /** Since when the one has been due that waits the longest; null: nothing waits. */
    oldestWaitingAt: timeSchema.nullable(),
    oldestWaitingMs: durationMsSchema.nullable(),
    throughput: z.object({ last5: throughputSchema, last60: throughputSchema }),
    /** The same queue's jobs in Redis; null when Redis does not answer. */
    jobs: z.object({ waiting: z.int(), active: z.int(), delayed: z.int() }).nullable(),
  })
  .meta({ id: "QueueState" });
export type QueueState = z.infer<typeof queueStateSchema>;

/**
 * Why steps are not admitted yet. `limits`: their client has as many under way as it may. `order`: an older import of the
 * same table goes first.
 */
export const heldReasonSchema = z.enum(["limits", "order"]);
export type HeldReason = z.infer<typeof heldReasonSchema>;

const heldBackSchema = z.object({
  queue: stepKindSchema,
  reason: heldReasonSchema,
  client: z.string(),
  steps: z.int(),
  oldestAt: timeSchema,
});

/** One process of a service. */
export const workerSchema = z
  .object({
    id: z.string(),
    service: z.string(),
    host: z.string(),
    pid: z.int(),
    version: z.string(),
    startedAt: timeSchema,
    heardAt: timeSchema,
    /** `alive`; `silent`: not heard of for 30 s, its leases run out; `stopped`: it ended in order. */
    state: z.enum(["alive", "silent", "stopped"]),
    memoryBytes: z.int(),
    /** Steps that it works on now; the first 20. */
    working: z.array(
      z.object({
        queue: stepKindSchema,
        batchId: z.int(),
        client: z.string(),
        project: z.string(),
        fileName: z.string(),
        since: timeSchema,
      }),
    ),
    /** How many it works on now. */
    active: z.int(),
  })
  .meta({ id: "Worker" });
export type WorkerView = z.infer<typeof workerSchema>;

/** A place that is asked again and again: a client's own SFTP server, a mailbox, or a system that rows are pulled from. */
export const sourceStateSchema = z
  .object({
    kind: z.enum(["sftp", "mailbox", "pull"]),
    client: z.string(),
    project: z.string(),
    /** The server's name, as the profile says. */
    host: z.string().nullable(),
    lookedAt: timeSchema.nullable(),
    succeededAt: timeSchema.nullable(),
    nextLookAt: timeSchema.nullable(),
    /** Looks in a row that failed. Of a system: tables whose newest pull was stopped. */
    failures: z.int(),
    error: z.object({ code: z.string(), message: z.string() }).nullable(),
  })
  .meta({ id: "SourceState" });
export type SourceState = z.infer<typeof sourceStateSchema>;

const partSchema = z.object({
  ok: z.boolean(),
  /** How long it took to answer; null when it did not. */
  latencyMs: z.number().nullable(),
  version: z.string().nullable(),
});

/** How the whole hub stands. */
export const operationsSchema = z
  .object({
    at: timeSchema,
    queues: z.array(queueStateSchema),
    /** Worst first; at most 50 lines. */
    heldBack: z.array(heldBackSchema),
    workers: z.array(workerSchema),
    sources: z.array(sourceStateSchema),
    disk: z.object({ totalBytes: z.int(), freeBytes: z.int() }),
    database: partSchema.extend({
      /** All of the database, clients' tables included; null when it does not answer. */
      sizeBytes: z.int().nullable(),
      connections: z.int().nullable(),
      mostConnections: z.int().nullable(),
    }),
    redis: partSchema.extend({ memoryBytes: z.int().nullable() }),
  })
  .meta({
    id: "Operations",
    example: {
      at: "2026-11-20T09:00:00.000Z",
      queues: [
        {
          queue: "validate",
          waiting: 2,
          active: 8,
          delayed: 0,
          held: 120,
          failed: 1,
          oldestWaitingAt: "2026-11-20T08:59:58.500Z",
          oldestWaitingMs: 1500,
          throughput: {
            last5: { minutes: 5, done: 600, donePerMinute: 120, failed: 0, retried: 1 },
            last60: { minutes: 60, done: 4800, donePerMinute: 80, failed: 1, retried: 3 },
          },
          jobs: { waiting: 2, active: 8, delayed: 0 },
        },
      ],
      heldBack: [
        { queue: "validate", reason: "limits", client: "spring", steps: 120, oldestAt: "2026-11-20T08:59:40.000Z" },
      ],
      workers: [
        {
          id: "hub-1:4711:1763629200000",
          service: "validator",
          host: "hub-1",
          pid: 4711,
          version: "0.1.0",
          startedAt: "2026-11-20T07:00:00.000Z",
          heardAt: "2026-11-20T08:59:55.000Z",
          state: "alive",
          memoryBytes: 150_000_000,
          working: [
            {
              queue: "validate",
              batchId: 42,
              client: "spring",
              project: "video",
              fileName: "contacts-2026-11-20.csv",
              since: "2026-11-20T08:59:59.000Z",
            },
          ],
          active: 1,
        },
      ],
      sources: [
        {
          kind: "sftp",
          client: "iris",
          project: "retail",
          host: "sftp.iris.example",
          lookedAt: "2026-11-20T08:59:30.000Z",
          succeededAt: "2026-11-20T08:59:30.000Z",
          nextLookAt: "2026-11-20T09:00:30.000Z",
          failures: 0,
          error: null,
        },
      ],
      disk: { totalBytes: 500_000_000_000, freeBytes: 320_000_000_000 },
      database: {
        ok: true,
        latencyMs: 1.2,
        version: "18.1",
        sizeBytes: 4_200_000_000,
        connections: 41,
        mostConnections: 200,
      },
      redis: { ok: true, latencyMs: 0.6, version: "7.4.1", memoryBytes: 3_500_000 },
    },
  });
export type Operations = z.infer<typeof operationsSchema>;

export const failedStepQuerySchema = pageQuerySchema.extend({
  queue: stepKindSchema.optional(),
  code: z.string().min(1).max(100).optional().describe("The error's code, as in `reasons`"),
  client: slugSchema.optional(),
  project: slugSchema.optional(),
});
export type FailedStepQuery = z.output<typeof failedStepQuerySchema>;

/** A step that failed for good: its batch waits for an operator. */
export const failedStepSchema = z
  .object({
    stepId: z.int(),
    batchId: z.int(),
    queue: stepKindSchema,
    client: z.string(),
    project: z.string(),
    table: z.string().nullable(),
    fileName: z.string(),
    error: z.object({ code: z.string(), message: z.string() }),
    attempts: z.int(),
    failedAt: timeSchema.nullable(),
  })
  .meta({ id: "FailedStep" });
export type FailedStep = z.infer<typeof failedStepSchema>;

/** Failed steps of one reason together. */
const failureReasonSchema = z.object({
  queue: stepKindSchema,
  code: z.string(),
  /** The newest one's. */
  message: z.string(),
  steps: z.int(),
  lastAt: timeSchema.nullable(),
  /** The first 100 batches, newest first: for a retry of many. */
  batchIds: z.array(z.int()),
});

export const failedStepPageSchema = z
  .object({
    steps: z.array(failedStepSchema),
    next: nextSchema,
    /** Of all that the query asks for (of the newest 10,000), most frequent first. */
    reasons: z.array(failureReasonSchema),
  })
  .meta({
    id: "FailedSteps",
    example: {
      steps: [
        {
          stepId: 991,
          batchId: 42,
          queue: "deliver",
          client: "iris",
          project: "retail",
          table: "store",
          fileName: "store-2026-11-20.tsv",
          error: { code: "remote_unreachable", message: "sftp.iris.example did not answer." },
          attempts: 12,
          failedAt: "2026-11-20T08:00:00.000Z",
        },
      ],
      next: null,
      reasons: [
        {
          queue: "deliver",
          code: "remote_unreachable",
          message: "sftp.iris.example did not answer.",
          steps: 1,
          lastAt: "2026-11-20T08:00:00.000Z",
          batchIds: [42],
        },
      ],
    },
  });
export type FailedStepPage = z.infer<typeof failedStepPageSchema>;

/** Which dead letters are sent again: those named, or the newest that fit. */
export const retryMessagesSchema = z
  .strictObject({
    ids: z.array(z.int().min(1)).min(1).max(1_000).optional(),
    client: slugSchema.optional(),
    project: slugSchema.optional(),
    code: z.string().min(1).max(100).optional().describe("The error's code"),
    limit: z.int().min(1).max(1_000).default(1_000).describe("So many at most; oldest first"),
  })
  .meta({ id: "RetryMessages", example: { client: "spring", code: "mail_refused", limit: 100 } });
export type RetryMessages = z.input<typeof retryMessagesSchema>;

export const retriedMessagesSchema = z
  .object({
    /** Messages that are due again. */
    retried: z.int(),
    /** Dead letters that fit and are left, because of `limit`; ids that are no dead letters are passed over. */
    left: z.int(),
  })
  .meta({ id: "RetriedMessages", example: { retried: 12, left: 0 } });
export type RetriedMessages = z.infer<typeof retriedMessagesSchema>;

export const retriedMessageSchema = z
  .object({ id: z.int(), state: z.literal("ready") })
  .meta({ id: "RetriedMessage", example: { id: 17, state: "ready" } });
export type RetriedMessage = z.infer<typeof retriedMessageSchema>;
