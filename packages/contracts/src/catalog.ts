import { z } from "zod";
import { jsonValueSchema } from "./json-value.ts";
import { columnNameSchema, secretNameSchema, slugSchema } from "./names.ts";
import { jsonPathSchema } from "./pull.ts";
import { scheduleAtSchema, timeZoneSchema } from "./schedule.ts";

/** What a change says of where it came from, when it came from no subscriber. */
export const OWN_ORIGINS = ["import", "api"] as const;

/** Which of two values of a field stays, when two sides have changed it. What lost is kept in the history. */
export const conflictRuleSchema = z.discriminatedUnion("rule", [
  z.strictObject({ rule: z.literal("newest") }),
  /** One side is right: `import`, `api`, or a subscriber's name. What others say of the field is not taken. */
  z.strictObject({ rule: z.literal("source"), origin: slugSchema }),
  /** A function of the platform team's own, by its name. */
  z.strictObject({ rule: z.literal("function"), name: slugSchema }),
]);
export type ConflictRule = z.infer<typeof conflictRuleSchema>;

/** The name of a subscriber's module: `webhook`, `rest`, `postgres`, `sftp_file`, `stripe`, or one of the platform team's. */
const moduleNameSchema = slugSchema;

/** One outside system that a catalog is kept in step with. */
export const subscriptionSchema = z.strictObject({
  name: slugSchema.refine((name) => !OWN_ORIGINS.some((own) => own === name), {
    message: "`import` and `api` are origins of their own",
  }),
  /** Which subscriber does it. */
  use: moduleNameSchema,
  /** What that subscriber asks for; it says so itself. */
  settings: z.record(z.string(), jsonValueSchema).default({}),
  /** The secrets that it asks for: its word for each → the secret's name. */
  secrets: z.record(z.string().max(50), secretNameSchema).default({}),
  /** Our columns → where they lie in the outside system's items. Absent: all columns under their own names. */
  fields: z.record(columnNameSchema, jsonPathSchema).optional(),
  /** Whether our changes go there. */
  outward: z.boolean().default(true),
  /** How its changes come to us. Absent: they do not. */
  inward: z
    .discriminatedUnion("by", [
      z.strictObject({ by: z.literal("poll"), everySeconds: z.int().min(1).max(86_400).default(60) }),
      z.strictObject({ by: z.literal("webhook") }),
    ])
    .optional(),
  /** Both sides are compared then, and what has drifted apart is reported and, unless told otherwise, mended. */
  reconcile: z
    .strictObject({
      at: scheduleAtSchema,
      timezone: timeZoneSchema.default("UTC"),
      mend: z.boolean().default(true),
    })
    .optional(),
  /** Keys worked on at a time. Changes of one key always go one after the other. */
  concurrency: z.int().min(1).max(64).default(8),
});
export type Subscription = z.infer<typeof subscriptionSchema>;

/** A table of the project that is kept in step with other systems. */
export const catalogSchema = z.strictObject({
  /** The table: its columns are the catalog's, its key names an item. */
  table: slugSchema,
  conflicts: z
    .strictObject({
      default: conflictRuleSchema.default({ rule: "newest" }),
      fields: z.record(columnNameSchema, conflictRuleSchema).default({}),
    })
    .prefault({}),
  /** How long the history of each key is kept. */
  historyDays: z.int().min(1).max(3650).default(90),
  subscribers: z.array(subscriptionSchema).max(50).default([]),
});
export type Catalog = z.infer<typeof catalogSchema>;
