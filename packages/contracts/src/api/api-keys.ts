import { z } from "zod";
import { slugSchema } from "../names.ts";
import { accessWordSchema, apiRoleSchema, clientProblem, permissionsOf } from "./access.ts";
import { timeSchema } from "./pages.ts";

/** An API key without its secret part. */
export const apiKeySchema = z
  .object({
    id: z.int(),
    name: z.string(),
    /** The public first part, by which logs and people name the key. Rotation keeps it. */
    prefix: z.string(),
    role: apiRoleSchema,
    /** The one client that the key sees; null: all. */
    client: z.string().nullable(),
    access: z.array(accessWordSchema).nullable().describe("What the key is narrowed to; null: all that its role may"),
    createdAt: timeSchema,
    expiresAt: timeSchema.nullable().describe("From then on it is answered with 401 `key_expired`; null: never"),
    rotatedAt: timeSchema.nullable(),
    previousUntil: timeSchema.nullable().describe("Until when the secret before the last rotation is taken as well"),
    /** To the minute. */
    lastUsedAt: timeSchema.nullable(),
    lastUsedFrom: z.string().nullable().describe("The address it was last used from"),
    revokedAt: timeSchema.nullable(),
  })
  .meta({ id: "ApiKey" });
export type ApiKey = z.infer<typeof apiKeySchema>;

const keyNameSchema = z.string().trim().min(1).max(60).describe("Stands as the actor in the audit");

/** When a key ends. Any offset is taken, and whole days are not: when they end depends on where one is. */
const expirySchema = z.iso
  .datetime({ offset: true })
  .describe("When the key ends, such as 2027-06-30T22:00:00Z; it has to lie ahead");

export const newApiKeySchema = z
  .strictObject({
    name: keyNameSchema,
    role: apiRoleSchema,
    client: slugSchema.optional().describe("The one client that the key sees"),
    access: z
      .array(accessWordSchema)
      .min(1)
      .max(accessWordSchema.options.length)
      .optional()
      .describe("Narrows what the role may; left out: all of it. `self` is always there"),
    expiresAt: expirySchema.optional(),
  })
  .superRefine((key, context) => {
    const problem = clientProblem(key.role, key.client, "key");
    if (problem !== undefined) return context.addIssue({ ...problem, path: [...problem.path] });
    const may = permissionsOf({ role: key.role, client: key.client });
    for (const [index, word] of (key.access ?? []).entries()) {
      if (may.includes(word)) continue;
      const whose = key.client === undefined ? `${key.role}` : `${key.role} of one client`;
      const message = `${word} is nothing that a key of role ${whose} may; it may ${may.join(", ")}`;
      context.addIssue({ code: "custom", message, path: ["access", index] });
    }
  })
  .meta({
    example: {
      name: "Nightly export",
      role: "client",
      client: "spring",
      access: ["read", "files"],
      expiresAt: "2027-06-30T22:00:00Z",
    },
  });
export type NewApiKey = z.input<typeof newApiKeySchema>;

/** What of a key may be changed. Its role, client and access stay: make another key. */
export const apiKeyChangeSchema = z
  .strictObject({
    name: keyNameSchema.optional(),
    expiresAt: expirySchema.nullable().optional().describe("null: it does not end by itself"),
  })
  .meta({ example: { name: "Nightly export", expiresAt: "2027-12-31T23:00:00Z" } });
export type ApiKeyChange = z.input<typeof apiKeyChangeSchema>;

export const apiKeyRotationSchema = z
  .strictObject({
    graceHours: z
      .int()
      .min(0)
      .max(30 * 24)
      .default(24)
      .describe("How long the secret until now is taken as well; 0: it ends at once"),
  })
  .meta({ example: { graceHours: 24 } });
export type ApiKeyRotation = z.input<typeof apiKeyRotationSchema>;

/** A key that was just made or rotated. `key` is shown here and never again. */
export const createdApiKeySchema = apiKeySchema.extend({ key: z.string() }).meta({ id: "CreatedApiKey" });
export type CreatedApiKey = z.infer<typeof createdApiKeySchema>;

export const apiKeyListSchema = z.object({ apiKeys: z.array(apiKeySchema) });

/** Whom the API takes the caller for: an API key, or a user who signed in. */
export const identitySchema = z
  .object({
    kind: z.enum(["key", "user"]).default("key"),
    name: z.string().describe("The key's name, or the user's login: what stands as the actor in the audit"),
    prefix: z.string().describe("The key's prefix; empty for users"),
    role: apiRoleSchema,
    client: z.string().nullable(),
    permissions: z.array(accessWordSchema).default([]),
  })
  .meta({ id: "Identity" });
export type Identity = z.infer<typeof identitySchema>;
