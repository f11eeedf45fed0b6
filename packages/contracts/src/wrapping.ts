import { z } from "zod";
import { secretNameSchema } from "./names.ts";

/**
 * What a project's files may come wrapped in. What is wrapped is opened in any case, where we can: an OpenPGP message to one
 * of the project's keys, a ZIP, a ZIP in an OpenPGP message.
 */
export const incomingSchema = z
  .strictObject({
    /** `require` refuses a file that is not encrypted to us. */
    pgp: z.enum(["accept", "require"]).default("accept"),
    /** By one of the client's keys. `require` refuses a message without; a signature that does not hold is always refused. */
    signature: z.enum(["accept", "require"]).default("accept"),
    zip: z
      .strictObject({
        /** The secret that holds the password of the client's ZIP files. */
        password: secretNameSchema.optional(),
        /** `require` refuses a file that is not in a ZIP with this password. */
        encryption: z.enum(["accept", "require"]).default("accept"),
      })
      .prefault({}),
  })
  .superRefine(({ pgp, signature, zip }, context) => {
    if (signature === "require" && pgp !== "require") {
      context.addIssue({
        code: "custom",
        message: "a required signature comes with OpenPGP: set pgp to require, too",
        path: ["signature"],
      });
    }
    if (zip.encryption === "require" && zip.password === undefined) {
      context.addIssue({
        code: "custom",
        message: "name the secret that holds the password",
        path: ["zip", "password"],
      });
    }
  });
export type Incoming = z.infer<typeof incomingSchema>;

/** What the files that go back to the client are wrapped in. */
export const wrapSchema = z.discriminatedUnion("as", [
  z.strictObject({ as: z.literal("plain") }),
  z.strictObject({
    as: z.literal("zip"),
    /** The secret that holds the password; without one the ZIP is open. */
    password: secretNameSchema.optional(),
    /** ZipCrypto is weak, and all that Windows' Explorer and Info-ZIP's unzip can open. */
    encryption: z.enum(["aes256", "zipcrypto"]).default("aes256"),
  }),
  z.strictObject({
    /** Encrypted to the client's keys. */
    as: z.literal("pgp"),
    /** With the project's key. */
    sign: z.boolean().default(true),
    /** ASCII, named `.asc`; else binary, named `.gpg`. */
    armor: z.boolean().default(false),
  }),
]);
export type Wrap = z.infer<typeof wrapSchema>;
