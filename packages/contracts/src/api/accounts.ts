import { z } from "zod";
import { slugSchema } from "../names.ts";
import { timeSchema } from "./pages.ts";

/** A login's name on the gateway. */
export const usernameSchema = z
  .string()
  .max(32, "at most 32 characters")
  .regex(/^[a-z0-9][a-z0-9_.-]*$/, "lower-case letters, digits, dot, dash and underscore");

/** An address range such as `203.0.113.0/24`, or one address. */
const cidrSchema = z.string().min(2).max(50);

/** One line of an `authorized_keys` file. */
const publicKeySchema = z.string().min(20).max(16_384);

const passwordSchema = z.string().min(12, "at least 12 characters").max(200);

export const newAccountSchema = z
  .strictObject({
    client: slugSchema,
    username: usernameSchema,
    password: passwordSchema.optional(),
    generatePassword: z.boolean().default(false).describe("Makes a password, shown in this answer and never again"),
    publicKeys: z.array(publicKeySchema).max(20).default([]),
    cidrs: z.array(cidrSchema).max(100).default([]).describe("From where it may log in; empty: from anywhere"),
    projects: z.array(slugSchema).min(1).max(100).nullable().default(null).describe("What it sees; null: all"),
  })
  .superRefine((account, context) => {
    if (account.password !== undefined && account.generatePassword) {
      context.addIssue({ code: "custom", message: "a password is given or generated, not both", path: ["password"] });
    }
    if (account.password === undefined && !account.generatePassword && account.publicKeys.length === 0) {
      context.addIssue({ code: "custom", message: "a login needs a password or a public key", path: ["publicKeys"] });
    }
  })
  .meta({
    example: { client: "spring", username: "spring", generatePassword: true, cidrs: ["203.0.113.0/24"] },
  });
export type NewAccount = z.input<typeof newAccountSchema>;

export const accountChangeSchema = z
  .strictObject({
    enabled: z.boolean().optional(),
    password: passwordSchema.nullable().optional().describe("null: no password log-in any more"),
    generatePassword: z.boolean().default(false),
    publicKeys: z.array(publicKeySchema).max(20).optional(),
    cidrs: z.array(cidrSchema).max(100).optional(),
    projects: z.array(slugSchema).min(1).max(100).nullable().optional(),
  })
  .refine((change) => change.password === undefined || !change.generatePassword, {
    message: "a password is given or generated, not both",
    path: ["password"],
  })
  .meta({ example: { enabled: false } });
export type AccountChange = z.input<typeof accountChangeSchema>;

/** A login on the gateway. */
export const accountSchema = z
  .object({
    username: z.string(),
    client: z.string(),
    enabled: z.boolean(),
    hasPassword: z.boolean(),
    publicKeys: z.array(z.object({ type: z.string(), fingerprint: z.string(), comment: z.string() })),
    cidrs: z.array(z.string()),
    /** Null: all projects of its client. */
    projects: z.array(z.string()).nullable(),
    /** What it finds after logging in. */
    folders: z.array(z.object({ path: z.string(), use: z.enum(["uploads", "downloads"]), project: z.string() })),
    createdAt: timeSchema,
  })
  .meta({ id: "Account" });
export type Account = z.infer<typeof accountSchema>;

export const accountListSchema = z.object({ accounts: z.array(accountSchema) });

/** `password` is there only when one was generated: it is shown here and never again. */
export const changedAccountSchema = accountSchema
  .extend({ password: z.string().optional() })
  .meta({ id: "ChangedAccount" });
export type ChangedAccount = z.infer<typeof changedAccountSchema>;
