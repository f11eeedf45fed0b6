import { z } from "zod";
import { slugSchema } from "../names.ts";
import { webhookEventTypeSchema } from "../webhook-event.ts";
import { durationMsSchema, nextSchema, pageQuerySchema, timeSchema } from "./pages.ts";

/** Standard Webhooks, "Signature scheme": 24 to 64 bytes in base64, after their prefix. */
const SECRET_BYTES = { least: 24, most: 64 } as const;

/** A signing secret as both sides know it: `whsec_` and base64. */
export const webhookSecretSchema = z
  .string()
  .max(100)
  .regex(/^whsec_[A-Za-z0-9+/]+={0,2}$/, "whsec_ and base64")
  .refine((text) => {
    const digits = text.slice("whsec_".length).replace(/=+$/, "").length;
    const bytes = Math.floor((digits * 3) / 4);
    return digits % 4 !== 1 && bytes >= SECRET_BYTES.least && bytes <= SECRET_BYTES.most;
  }, "24 to 64 bytes in base64, after whsec_");

const urlSchema = z
  .string()
  .trim()
  .max(2_000)
  .superRefine((text, context) => {
    const problem = problemOfUrl(text);
    if (problem !== undefined) context.addIssue({ code: "custom", message: problem });
  })
  .describe("https; http only to addresses that the platform's operator names (REMOTE_ALLOW)");

function problemOfUrl(text: string): string | undefined {
  if (!URL_SHAPE.safeParse(text).success) return "an address such as https://example.com/inlet";
  const { username, password } = new URL(text);
  if (username !== "" || password !== "") return "no user name or password in it: the signature proves who sends";
  if (text.includes("#")) return "no fragment (#…): it is not sent";
  return undefined;
}

const URL_SHAPE = z.url({ protocol: /^https?$/ });

const eventsSchema = z
  .array(webhookEventTypeSchema)
  .min(1)
  .transform((events) => [...new Set(events)]);

const descriptionSchema = z.string().trim().max(200);

const EXAMPLE = {
  id: 3,
  client: "spring",
  project: "video",
  url: "https://example.com/inlet",
  description: "Tells the warehouse",
  events: ["batch.completed", "batch.partial", "batch.rejected"],
  enabled: true,
  disabledReason: null,
  failingSince: null,
  lastAttemptAt: "2026-11-20T09:00:01.000Z",
  lastSuccessAt: "2026-11-20T09:00:01.000Z",
  secrets: [{ hint: "…9kQ=", createdAt: "2026-11-01T08:00:00.000Z", expiresAt: null }],
  createdAt: "2026-11-01T08:00:00.000Z",
};

const webhookFields = {
  id: z.int(),
  client: z.string(),
  /** Null: it is told of all projects of its client. */
  project: z.string().nullable(),
  url: z.string(),
  description: z.string(),
  events: z.array(webhookEventTypeSchema),
  enabled: z.boolean(),
  /** Why it was disabled, where nobody did it by hand: what it answered, or for how long it failed. */
  disabledReason: z.string().nullable(),
  /** Every attempt since then has failed; null while it is well. */
  failingSince: timeSchema.nullable(),
  lastAttemptAt: timeSchema.nullable(),
  lastSuccessAt: timeSchema.nullable(),
  /** What its events are signed with, newest first; several while a rotation is under way. Never the secrets themselves. */
  secrets: z.array(
    z.object({
      /** Its last characters, to tell one from another. */
      hint: z.string(),
      createdAt: timeSchema,
      /** It signs until then, beside the newer one; null: until the next rotation. */
      expiresAt: timeSchema.nullable(),
    }),
  ),
  createdAt: timeSchema,
};

/** An address that is told of events. */
export const webhookSchema = z.object(webhookFields).meta({ id: "Webhook", example: EXAMPLE });
export type Webhook = z.infer<typeof webhookSchema>;

export const webhookListSchema = z.object({ webhooks: z.array(webhookSchema) });
export type WebhookList = z.infer<typeof webhookListSchema>;

export const newWebhookSchema = z
  .strictObject({
    url: urlSchema,
    events: eventsSchema,
    project: slugSchema.optional().describe("The one project that it is told of; without: all of its client"),
    description: descriptionSchema.default(""),
    enabled: z.boolean().default(true),
    secret: webhookSecretSchema
      .optional()
      .describe("One that its receiver has already; without, one is made and shown once"),
  })
  .meta({
    id: "NewWebhook",
    example: { url: "https://example.com/inlet", events: ["batch.completed", "batch.rejected"], project: "video" },
  });
export type NewWebhook = z.input<typeof newWebhookSchema>;

/** A webhook that was just made, or its secret rotated. `secret` is shown here and never again. */
export const createdWebhookSchema = z
  .object({ ...webhookFields, secret: z.string() })
  .meta({ id: "CreatedWebhook", example: { ...EXAMPLE, secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw" } });
export type CreatedWebhook = z.infer<typeof createdWebhookSchema>;

/** What is not given stays as it is. */
export const webhookChangeSchema = z
  .strictObject({
    url: urlSchema.optional(),
    events: eventsSchema.optional(),
    description: descriptionSchema.optional(),
    enabled: z.boolean().optional().describe("true also forgets why it was disabled"),
  })
  .meta({ id: "WebhookChange", example: { enabled: true } });
export type WebhookChange = z.input<typeof webhookChangeSchema>;

export const webhookRotationSchema = z
  .strictObject({
    graceHours: z.int().min(0).max(168).default(24).describe("So long the old secret signs, too"),
    secret: webhookSecretSchema.optional().describe("The new one; without, one is made and shown once"),
  })
  .meta({ id: "WebhookRotation", example: { graceHours: 24 } });
export type WebhookRotation = z.input<typeof webhookRotationSchema>;

export const removedWebhookSchema = z.object({ id: z.int(), removed: z.literal(true) });
export type RemovedWebhook = z.infer<typeof removedWebhookSchema>;

/** `waiting`: for its first or its next attempt. `failed`: all attempts failed, or the webhook is disabled. */
export const webhookDeliveryStateSchema = z.enum(["waiting", "sending", "delivered", "failed"]);
export type WebhookDeliveryState = z.infer<typeof webhookDeliveryStateSchema>;

/** One attempt to tell a webhook of an event. */
const webhookAttemptSchema = z.object({
  at: timeSchema,
  durationMs: durationMsSchema,
  /** HTTP's; null when there was no answer. */
  status: z.int().nullable(),
  /** Why it counts as failed; null where it does not. */
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
  /** The beginning of the answer's body: 2 KB at most. */
  answer: z.string(),
});
export type WebhookAttempt = z.infer<typeof webhookAttemptSchema>;

const DELIVERY_EXAMPLE = {
  id: 812,
  webhook: 3,
  eventId: "msg_0c8e1f0f1d5b4f0aa8d1c2e3f4a5b6c7",
  event: "batch.completed",
  state: "delivered",
  batchId: 42,
  runId: 40,
  attempts: 1,
  nextAttemptAt: null,
  createdAt: "2026-11-20T09:00:00.310Z",
  finishedAt: "2026-11-20T09:00:00.420Z",
  error: null,
  lastAttempt: { at: "2026-11-20T09:00:00.330Z", durationMs: 85, status: 204, error: null, answer: "" },
};

const deliveryFields = {
  id: z.int(),
  webhook: z.int(),
  /** The header `webhook-id`: the same on every attempt and re-send. */
  eventId: z.string(),
  /** An event's type, or `ping`. */
  event: z.string(),
  state: webhookDeliveryStateSchema,
  batchId: z.int().nullable(),
  runId: z.int().nullable(),
  /** Since it was made or sent again by hand. */
  attempts: z.int(),
  nextAttemptAt: timeSchema.nullable(),
  createdAt: timeSchema,
  finishedAt: timeSchema.nullable(),
  /** Why it failed for good; null where it did not. */
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
  lastAttempt: webhookAttemptSchema.nullable(),
};

/** One event on its way to one webhook. */
export const webhookDeliverySchema = z
  .object(deliveryFields)
  .meta({ id: "WebhookDelivery", example: DELIVERY_EXAMPLE });
export type WebhookDelivery = z.infer<typeof webhookDeliverySchema>;

/** With its body and all attempts that are kept, newest first. */
export const webhookDeliveryDetailSchema = z
  .object({ ...deliveryFields, body: z.record(z.string(), z.unknown()), log: z.array(webhookAttemptSchema) })
  .meta({ id: "WebhookDeliveryDetail" });
export type WebhookDeliveryDetail = z.infer<typeof webhookDeliveryDetailSchema>;

export const webhookDeliveryQuerySchema = pageQuerySchema.extend({ state: webhookDeliveryStateSchema.optional() });
export type WebhookDeliveryQuery = z.output<typeof webhookDeliveryQuerySchema>;

export const webhookDeliveryPageSchema = z.object({ deliveries: z.array(webhookDeliverySchema), next: nextSchema });
export type WebhookDeliveryPage = z.infer<typeof webhookDeliveryPageSchema>;
