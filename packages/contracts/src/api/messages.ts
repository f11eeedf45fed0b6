import { z } from "zod";
import { nextSchema, pageQuerySchema, timeSchema } from "./pages.ts";

export const messageStateSchema = z.enum(["ready", "running", "sent", "failed"]);
export type MessageState = z.infer<typeof messageStateSchema>;

/** One thing that is sent outside. */
export const messageSchema = z
  .object({
    id: z.int(),
    kind: z.string(),
    /** What it tells: `received`, `started` or `completed`. */
    event: z.string().nullable(),
    recipient: z.string(),
    state: messageStateSchema,
    attempts: z.int(),
    notBefore: timeSchema,
    /** The receiving server's answer. */
    response: z.string().nullable(),
    error: z.object({ code: z.string(), message: z.string() }).nullable(),
    createdAt: timeSchema,
    finishedAt: timeSchema.nullable(),
  })
  .meta({ id: "Message" });
export type MessageView = z.infer<typeof messageSchema>;

export const messageQuerySchema = pageQuerySchema.extend({
  state: messageStateSchema.default("failed"),
});
export type MessageQuery = z.output<typeof messageQuerySchema>;

/** A message with where it belongs. */
export const listedMessageSchema = messageSchema
  .extend({
    client: z.string(),
    project: z.string(),
    runId: z.int().nullable(),
    batchId: z.int().nullable(),
  })
  .meta({ id: "ListedMessage" });
export type ListedMessage = z.infer<typeof listedMessageSchema>;

export const messagePageSchema = z.object({ messages: z.array(listedMessageSchema), next: nextSchema });
export type MessagePage = z.infer<typeof messagePageSchema>;

/** How many jobs of each queue are where. */
export const queueListSchema = z.object({
  queues: z.array(z.object({ queue: z.string(), waiting: z.int(), active: z.int(), delayed: z.int() })),
});
export type QueueList = z.infer<typeof queueListSchema>;
