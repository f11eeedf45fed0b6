import { z } from "zod";
import { slugSchema } from "../names.ts";
import { timeSchema } from "./pages.ts";

/**
 * What a key may do. `viewer` reads; `operator` also retries, cancels, uploads, downloads and revokes links; `client`
 * reads, uploads, downloads and revokes links within its own client; `admin` does everything.
 */
export const apiRoleSchema = z.enum(["admin", "operator", "client", "viewer"]);
export type ApiRole = z.infer<typeof apiRoleSchema>;

/** An API key without its secret part. */
export const apiKeySchema = z
  .object({
    id: z.int(),
    name: z.string(),
    /** The public first part, by which logs and people name the key. */
    prefix: z.string(),
    role: apiRoleSchema,
    /** The one client that the key sees; null: all. */
    client: z.string().nullable(),
    createdAt: timeSchema,
    /** To the minute. */
    lastUsedAt: timeSchema.nullable(),
    revokedAt: timeSchema.nullable(),
  })
  .meta({ id: "ApiKey" });
export type ApiKey = z.infer<typeof apiKeySchema>;

export const newApiKeySchema = z
  .strictObject({
    name: z.string().trim().min(1).max(60).describe("Stands as the actor in the audit"),
    role: apiRoleSchema,
    client: slugSchema.optional().describe("The one client that the key sees"),
  })
  .superRefine((key, context) => {
    if (key.role === "client" && key.client === undefined) {
      context.addIssue({ code: "custom", message: "a key of role client names its client", path: ["client"] });
    }
    if (key.role === "admin" && key.client !== undefined) {
      context.addIssue({
        code: "custom",
        message: "an admin key sees all clients; leave client out",
        path: ["client"],
      });
    }
  })
  .meta({ example: { name: "Nightly export", role: "client", client: "spring" } });
export type NewApiKey = z.input<typeof newApiKeySchema>;

/** A key that was just made. `key` is shown here and never again. */
export const createdApiKeySchema = apiKeySchema.extend({ key: z.string() }).meta({ id: "CreatedApiKey" });
export type CreatedApiKey = z.infer<typeof createdApiKeySchema>;

export const apiKeyListSchema = z.object({ apiKeys: z.array(apiKeySchema) });

/** Whom the API takes the caller for. */
export const identitySchema = z
  .object({ name: z.string(), prefix: z.string(), role: apiRoleSchema, client: z.string().nullable() })
  .meta({ id: "Identity" });
export type Identity = z.infer<typeof identitySchema>;
