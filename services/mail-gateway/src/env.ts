import { isIP } from "node:net";
import { DEFAULT_MAIL_LIMITS } from "@inlet/mail-intake";
import { commonEnvSchema, dataEnvSchema, readEnv } from "@inlet/runtime";
import { z } from "zod";

/** With commas between; `-`: none, where a default would stand in for an empty text. */
const listOf = (entry: z.ZodType<string, string>, standard: string) =>
  z
    .string()
    .default(standard)
    .transform((text) =>
      text
        .toLowerCase()
        .split(",")
        .flatMap((part) => (part.trim() === "-" ? [] : part.trim() || [])),
    )
    .pipe(z.array(entry));
const domainSchema = z.string().regex(/^[a-z0-9-]+(\.[a-z0-9-]+)*$/, "a domain such as files.example.com");
const localPartSchema = z.string().regex(/^[a-z0-9]+([._-][a-z0-9]+)*$/, "the part of an address before the @");
const nameServerSchema = z
  .string()
  .refine((text) => isIP(text.replace(/^\[(.*)\](:\d+)?$/, "$1")) !== 0 || isIP(text.replace(/:\d+$/, "")) === 4, {
    message: "an address such as 192.0.2.53, 192.0.2.53:5353 or [2001:db8::53]:5353",
  });
const countSchema = z.coerce.number().int().min(1);
const secondsSchema = z.coerce.number().positive().max(86_400);
const flagSchema = z.enum(["true", "false"]).transform((text) => text === "true");
/** Compose passes on what is not set as an empty text. */
const optional = <Schema extends z.ZodType>(schema: Schema) =>
  z.preprocess((value) => (value === "" ? undefined : value), schema.optional());

const schema = commonEnvSchema
  .extend(dataEnvSchema.shape)
  .extend({
    DATABASE_URL: z.url(),
    REDIS_URL: z.url(),
    SMTP_IN_PORT: z.coerce.number().int().min(0).max(65_535).default(2525),
    /** Domains whose mail comes here. Mail for others is refused: nothing is ever passed on. */
    MAIL_DOMAINS: listOf(domainSchema, "localhost").pipe(z.array(z.string()).min(1)),
    /** The parts before the `@` that projects share: there the sender tells the project. `-`: none. */
    MAIL_SHARED_ADDRESSES: listOf(localPartSchema, "files"),
    /** The name in the greeting, which should be the MX record's. Default: the first of MAIL_DOMAINS. */
    MAIL_HOSTNAME: optional(domainSchema),
    /** Whether a sender that does not encrypt the connection is refused. */
    MAIL_REQUIRE_TLS: flagSchema.default(true),
    /** PEM files, read again when they change. Default: a certificate of our own, made once and kept in INLET_DATA/mail-tls. */
    MAIL_TLS_CERT_FILE: optional(z.string()),
    MAIL_TLS_KEY_FILE: optional(z.string()),
    /** Name servers for DKIM, SPF and DMARC. Default: the system's. */
    MAIL_DNS: listOf(nameServerSchema, ""),
    /** The sender of the hub's own mail, as the notifier has it: what comes back of it is not taken. */
    MAIL_FROM: optional(z.string()),
    MAIL_MAX_BYTES: countSchema.default(DEFAULT_MAIL_LIMITS.maxBytes),
    MAIL_MAX_HEADER_BYTES: countSchema.default(DEFAULT_MAIL_LIMITS.maxHeaderBytes),
    MAIL_MAX_ATTACHMENTS: countSchema.default(DEFAULT_MAIL_LIMITS.maxAttachments),
    MAIL_MAX_RECIPIENTS: countSchema.default(100),
    MAIL_MAX_CONNECTIONS: countSchema.default(200),
    MAIL_MAX_CONNECTIONS_PER_ADDRESS: countSchema.default(20),
    MAIL_MAX_MESSAGES_PER_MINUTE: countSchema.default(120),
    /** Mail is put off when less than this is free on the volume. */
    MAIL_MIN_FREE_BYTES: z.coerce
      .number()
      .int()
      .min(0)
      .default(256 * 2 ** 20),
    MAIL_IDLE_TIMEOUT_SECONDS: secondsSchema.default(300),
    /** For a whole message, from DATA to its end. */
    MAIL_DATA_TIMEOUT_SECONDS: secondsSchema.default(1800),
  })
  .refine((env) => (env.MAIL_TLS_CERT_FILE === undefined) === (env.MAIL_TLS_KEY_FILE === undefined), {
    message: "belongs together with MAIL_TLS_KEY_FILE: set both or none",
    path: ["MAIL_TLS_CERT_FILE"],
  });

export type MailGatewayEnv = z.infer<typeof schema>;

/** The mail gateway's environment. */
export const env = (source?: NodeJS.ProcessEnv): MailGatewayEnv => readEnv(schema, source);
