import { dataEnvSchema, keyEnvSchema, pipelineEnvSchema, readEnv, remoteEnvSchema } from "@inlet/runtime";
import addressparser from "nodemailer/lib/addressparser";
import { z } from "zod";
import type { Sender } from "./mail.ts";
import { smtpOptions } from "./smtp-options.ts";

/** `Inlet <inlet@example.com>`, or the address alone. */
const senderSchema = z.string().transform((text, context): Sender => {
  const [sender, ...others] = addressparser(text, { flatten: true });
  const address = z.email({ pattern: z.regexes.html5Email }).safeParse(sender?.address);
  if (sender && others.length === 0 && address.success && !/[\r\n]/.test(text)) {
    return { name: sender.name, address: address.data };
  }
  context.addIssue({ code: "custom", message: "one address, such as: Inlet <inlet@example.com>" });
  return z.NEVER;
});

const smtpUrlSchema = z.string().superRefine((text, context) => {
  try {
    smtpOptions(text, 1);
  } catch (error) {
    // The URL itself may hold a password and is not repeated.
    const fault = error instanceof TypeError || error instanceof URIError ? "is no URL" : (error as Error).message;
    context.addIssue({ code: "custom", message: `SMTP_URL ${fault}, as in smtp://user:password@mail.example.com:587` });
  }
});

const envSchema = pipelineEnvSchema.extend({
  ...dataEnvSchema.shape,
  ...keyEnvSchema.shape,
  ...remoteEnvSchema.shape,
  /** See {@link smtpOptions}. */
  SMTP_URL: smtpUrlSchema,
  /** The sender of all mails; their Message-IDs are under its domain. */
  MAIL_FROM: senderSchema,
  /** Where people reach the console, such as https://inlet.example.com: mails link to it. Without it they have no links. */
  CONSOLE_URL: z.preprocess(
    (text) => (text === "" ? undefined : text),
    z
      .url({ protocol: /^https?$/ })
      .transform((url) => url.replace(/\/+$/, ""))
      .optional(),
  ),
  /** Connections to the mail server at once, at most. Many servers refuse more than a handful. */
  SMTP_CONNECTIONS: z.coerce.number().int().min(1).max(50).default(4),
  /** Webhooks' receivers that are told at once, at most, */
  WEBHOOK_CONNECTIONS: z.coerce.number().int().min(1).max(1_000).default(64),
  /** and of these on one host. */
  WEBHOOK_CONNECTIONS_PER_HOST: z.coerce.number().int().min(1).max(100).default(4),
});

/** The notifier's environment. */
export const env = (source?: NodeJS.ProcessEnv) => readEnv(envSchema, source);
