import { z } from "zod";
import { timeSchema } from "./pages.ts";
import { projectPathSchema } from "./projects.ts";

/** Whose key it is: the hub's own, or the client's. */
export const pgpKeyOwnerSchema = z.enum(["ours", "theirs"]);
export type PgpKeyOwner = z.infer<typeof pgpKeyOwnerSchema>;

const FINGERPRINT_EXAMPLE = "8F3B2A6C1D4E5F60718293A4B5C6D7E8F9012345";

/** A key's fingerprint: 40 hexadecimal digits (version 4, RFC 4880) or 64 (version 6, RFC 9580). */
export const fingerprintSchema = z
  .string()
  .regex(/^([0-9A-Fa-f]{40}|[0-9A-Fa-f]{64})$/, "a fingerprint is 40 or 64 hexadecimal digits, without spaces")
  .transform((fingerprint) => fingerprint.toUpperCase())
  .meta({ example: FINGERPRINT_EXAMPLE });

/** An OpenPGP key of a project. Never a private one. */
export const pgpKeySchema = z
  .object({
    owner: pgpKeyOwnerSchema,
    /** Upper-case hexadecimal. */
    fingerprint: z.string().meta({ example: FINGERPRINT_EXAMPLE }),
    /** Whose it says it is. */
    userId: z.string(),
    algorithm: z.string(),
    canEncrypt: z.boolean(),
    canSign: z.boolean(),
    /** A retired key of ours still opens what was encrypted to it; a retired one of the client's is not used. */
    state: z.enum(["active", "retired"]),
    /** When the key itself was made, as it says. */
    createdAt: timeSchema,
    /** Null: never. */
    expiresAt: timeSchema.nullable(),
    addedAt: timeSchema,
    addedBy: z.string(),
    retiredAt: timeSchema.nullable(),
    /** What asks for attention, such as an expiry that is near. */
    warnings: z.array(z.string()),
  })
  .meta({ id: "PgpKey" });
export type PgpKey = z.infer<typeof pgpKeySchema>;

export const pgpKeyListSchema = z.object({
  keys: z.array(pgpKeySchema),
  /** Keys that the live profile needs and that are not there. */
  warnings: z.array(z.string()),
});
export type PgpKeyList = z.infer<typeof pgpKeyListSchema>;

export const pgpKeyPathSchema = projectPathSchema.extend({ fingerprint: fingerprintSchema });

/** A key of ours that is to be made. */
export const newPgpKeySchema = z
  .strictObject({
    expiresInDays: z.int().min(1).max(3650).default(730),
    name: z
      .string()
      .trim()
      .min(1)
      .max(100)
      .regex(/^[^<>\p{Cc}\p{Cf}]*$/u, "no < > and no control characters")
      .optional()
      .describe("Whose it says it is; default: Inlet, client and project"),
    email: z.email().max(200).optional(),
  })
  .meta({ example: { expiresInDays: 730, name: "Meadow Ltd file exchange", email: "files@example.com" } });
export type NewPgpKey = z.input<typeof newPgpKeySchema>;

/** A key that is there already. */
export const pgpKeyImportSchema = z
  .strictObject({
    owner: pgpKeyOwnerSchema,
    key: z.string().min(1).max(400_000).describe("Armoured, or its bytes in base64"),
    passphrase: z.string().min(1).max(1_000).optional().describe("Opens a private key of ours; it is not kept"),
    replace: z
      .boolean()
      .default(false)
      .describe("Of ours: the active key is retired, as by a rotation, and this one is active instead"),
  })
  .meta({ example: { owner: "theirs", key: "-----BEGIN PGP PUBLIC KEY BLOCK-----\n…" } });
export type PgpKeyImport = z.input<typeof pgpKeyImportSchema>;

/** A key that was stored, and which one of ours it took the place of. */
export const storedPgpKeySchema = pgpKeySchema
  .extend({ retired: z.string().nullable().describe("Fingerprint of the key of ours that was active before") })
  .meta({ id: "StoredPgpKey" });
export type StoredPgpKey = z.infer<typeof storedPgpKeySchema>;

export const pgpKeyRemovalSchema = z.object({
  reason: z.string().trim().min(1).max(500).optional().describe("Goes into the audit; needed to delete a key of ours"),
});
export type PgpKeyRemoval = z.input<typeof pgpKeyRemovalSchema>;

/** `retired`: it is not used any more. `deleted`: it is gone, and what was encrypted to it cannot be opened. */
export const removedPgpKeySchema = z
  .object({ owner: pgpKeyOwnerSchema, fingerprint: z.string(), removed: z.enum(["retired", "deleted"]) })
  .meta({ id: "RemovedPgpKey" });
export type RemovedPgpKey = z.infer<typeof removedPgpKeySchema>;
