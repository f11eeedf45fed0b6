import {
  headersSchema,
  incrementalSchema,
  jsonPathSchema,
  restAuthSchema,
  restReadingSchema,
  systemUrlSchema,
} from "@inlet/contracts";
import { z } from "zod";

/** What of an item may stand in a path: `{id}`, `{key}`, and fields as `{fields.address.city}`. */
const PLACEHOLDER = /\{([^{}]*)\}/g;
const pathSchema = z
  .string()
  .min(1)
  .max(1000)
  .refine(
    (path) => [...path.matchAll(PLACEHOLDER)].every(([, name]) => /^(id|key|fields\..+)$/.test(name!)),
    "{id}, {key} and {fields.…} may stand in a path",
  );

const askSchema = z.strictObject({
  method: z.enum(["POST", "PUT", "PATCH", "DELETE"]),
  /** Below the system's `url`. */
  path: pathSchema,
  /** Sent instead of the item's fields, such as `active: false`. */
  body: z.record(z.string(), z.json()).optional(),
});
export type Ask = z.infer<typeof askSchema>;

/** How the system knows us: as with pulls, but that the secret is named in `secrets`, by the word `secret`. */
const authSchema = z.preprocess((auth, context) => {
  if (typeof auth !== "object" || auth === null || (auth as { by?: unknown }).by === "none") return auth;
  if ("secret" in auth)
    context.addIssue({
      code: "custom",
      message: "name the secret in the subscriber's `secrets`, by the word `secret`",
      path: ["secret"],
      input: auth,
    });
  return { ...auth, secret: "secret" };
}, restAuthSchema);

/** What a profile says of a REST system that takes changes, tells them, or both. */
export const restSettingsSchema = z
  .strictObject({
    url: systemUrlSchema,
    auth: authSchema.default({ by: "none" }),
    headers: headersSchema.default({}),
    /** How an item that the system does not know is made. Absent: `update` does both. */
    create: askSchema.optional(),
    /** How one that it knows is changed. Absent: `create` does both. */
    update: askSchema.optional(),
    /** What is done for an item that is gone here; `keep`: nothing. */
    remove: z.union([askSchema, z.literal("keep")]).optional(),
    /** How the system is asked, before an item is made, whether it has it already: for those that heed no idempotency key. */
    find: z
      .strictObject({
        path: pathSchema,
        /** Where the items that were found lie. Absent: the answer is the list, or the item. */
        items: jsonPathSchema.optional(),
        id: jsonPathSchema.default("id"),
      })
      .optional(),
    /** Where an item's fields lie in what is sent, such as `product`. Absent: they are the body. */
    wrap: jsonPathSchema.optional(),
    /** Fields that have no value: sent as null, or left out. */
    nulls: z.enum(["send", "omit"]).default("send"),
    /** Where these lie in an answer. */
    answer: z.strictObject({ id: jsonPathSchema.default("id"), version: jsonPathSchema.optional() }).prefault({}),
    idempotencyHeader: z
      .string()
      .regex(/^[A-Za-z0-9-]{1,100}$/)
      .default("Idempotency-Key"),
    /** How its items are read, for polling and comparing. */
    inward: z
      .strictObject({
        /** Below the system's `url`. */
        resource: z.string().min(1).max(1000),
        reading: restReadingSchema.prefault({}),
        pageSize: z.int().min(1).max(10_000).default(100),
        /** These lie in an item. */
        id: jsonPathSchema.default("id"),
        key: jsonPathSchema.optional(),
        version: jsonPathSchema.optional(),
        changedAt: jsonPathSchema.optional(),
        fields: jsonPathSchema.optional(),
        /** An item is gone when it has one of these values there, such as `true` or `archived`. */
        removed: z
          .strictObject({ path: jsonPathSchema, values: z.array(z.string()).min(1).default(["true"]) })
          .optional(),
        /** Only what has changed is asked for: by this in an item, with `reading.since`. Absent: everything, each time. */
        incremental: incrementalSchema.optional(),
      })
      .optional(),
  })
  .superRefine((settings, context) => {
    const { create, update, remove, find, inward } = settings;
    const problem = (path: string[], message: string) => context.addIssue({ code: "custom", path, message });
    if ((create ?? update) && remove === undefined)
      problem(["remove"], "say what is done for an item that is gone, or `keep`");
    if (remove && !create && !update) problem(["create"], "say how an item is made, or changed");
    for (const [name, ask] of Object.entries({ create, find })) {
      if (ask?.path.includes("{id}")) problem([name, "path"], "{id} is not known yet");
    }
    if (update?.path.includes("{id}") && !create)
      problem(["create"], "`update` needs to know the {id}: say how an item is made");
    if (inward?.incremental && !inward.reading.since)
      problem(["inward", "reading", "since"], "say how the system is asked for what has changed");
  });
export type RestSettings = z.infer<typeof restSettingsSchema>;

/** Puts an item into a path; undefined when it has no value for what stands there. */
export function filledPath(path: string, textOf: (name: string) => string | undefined): string | undefined {
  let isWhole = true;
  const filled = path.replaceAll(PLACEHOLDER, (_, name: string) => {
    const value = textOf(name);
    if (value === undefined || value === "") isWhole = false;
    return encodeURIComponent(value ?? "");
  });
  return isWhole ? filled : undefined;
}
