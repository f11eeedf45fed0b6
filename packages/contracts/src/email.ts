import { z } from "zod";
import { secretNameSchema } from "./names.ts";

/** `spring@example.com`, or `@example.com` for all of a domain. */
const senderSchema = z.union(
  [z.email(), z.string().regex(/^@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$/)],
  "an address such as data@example.com, or @example.com for all of a domain",
);

/** A mailbox that is read by IMAP. */
export const mailboxSchema = z.strictObject({
  host: z.string().min(1).max(255),
  port: z.int().min(1).max(65_535).default(993),
  /** `implicit`: TLS from the first byte. `starttls`: demanded before the login. */
  tls: z.enum(["implicit", "starttls", "none"]).default("implicit"),
  username: z.string().min(1).max(255),
  /** The secret that holds the password. */
  secret: secretNameSchema,
  folder: z.string().min(1).max(255).default("INBOX"),
  pollSeconds: z.int().min(1).max(86_400).default(60),
  /**
   * The name that the mailbox's own server signs its `Authentication-Results` header with (RFC 8601). What it says of the
   * sender's DKIM and DMARC is believed; a header of another name, which anyone can write, is not.
   */
  trustedServer: z.string().min(1).max(255),
});
export type Mailbox = z.infer<typeof mailboxSchema>;

/** Files by e-mail, beside the project's source: each comes attached, and its result goes back to who sent it. */
export const emailSchema = z.strictObject({
  /** Who may send. Others get no answer. */
  senders: z.array(senderSchema).min(1).max(100),
  /** The part before the `@` of an address that is the project's alone; without, the sender tells the project. */
  address: z
    .string()
    .max(64)
    .regex(/^[a-z0-9]+([._-][a-z0-9]+)*$/, "lower-case letters, digits and single . _ -")
    .optional(),
  mailbox: mailboxSchema.optional(),
  /** A reply with more than this is not mailed: it says where the result can be fetched. */
  replyBytes: z.int().min(100_000).max(100_000_000).default(10_000_000),
});
export type EmailIntake = z.infer<typeof emailSchema>;
