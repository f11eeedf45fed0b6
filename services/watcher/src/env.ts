import { DEFAULT_MAIL_LIMITS } from "@inlet/mail-intake";
import { conflictsEnvSchema, dataEnvSchema, keyEnvSchema, pipelineEnvSchema, remoteEnvSchema } from "@inlet/runtime";
import { z } from "zod";

const milliseconds = z.coerce.number().int().min(10).max(3_600_000);

/** What the watcher is told by its environment. */
export const watcherEnvSchema = pipelineEnvSchema
  .extend(dataEnvSchema.shape)
  .extend(keyEnvSchema.shape)
  .extend(remoteEnvSchema.shape)
  .extend(conflictsEnvSchema.shape)
  .extend({
    /** How often PostgreSQL is looked at for arrivals whose jobs are lost. */
    WATCH_MS: milliseconds.default(2_000),
    /** How long a project's oldest arrival may fail to be taken before the audit and the log say that it is stuck. */
    STUCK_MS: milliseconds.default(60_000),
    /** How often leases, waiting steps and runs are looked at. */
    RECONCILE_MS: milliseconds.default(1_000),
    /** After this long what is due and was not claimed is published again: Redis may have lost it. */
    RECONCILE_STALE_MS: milliseconds.default(3_000),
    /** How often it is asked which runs are due by their schedules, and which have not ended by their deadlines. */
    SCHEDULE_MS: milliseconds.default(1_000),
    /** How often left-over files are looked for. */
    SWEEP_MS: milliseconds.default(600_000),
    /** For how many days the audit is kept: 30 at least, 0 for ever. Compose passes on what is not set as an empty text. */
    AUDIT_KEEP_DAYS: z.preprocess(
      (value) => (value === "" ? undefined : value),
      z.coerce
        .number()
        .int()
        .min(0)
        .max(36_500)
        .refine((days) => days === 0 || days >= 30, "30 days at least, or 0 for ever")
        .default(400),
    ),
    /** How often it is looked for recipients who are to be forgotten. */
    FORGET_MS: milliseconds.default(1_000),
    /** How often it is looked for batches whose files are kept no longer by their projects' profiles. */
    RETENTION_MS: milliseconds.default(600_000),
    /** How often it is asked which OpenPGP keys expire soon. */
    KEY_EXPIRY_MS: milliseconds.default(3_600_000),
    /** How often it is asked which remote servers are due; each has its own interval in its profile. */
    REMOTE_MS: milliseconds.default(1_000),
    /** Remote servers looked at at once. */
    REMOTE_CONCURRENCY: z.coerce.number().int().min(1).max(8).default(4),
    /** A remote file that is larger is not fetched. Default 50 GiB. */
    REMOTE_MAX_BYTES: z.coerce
      .number()
      .int()
      .min(1)
      .default(50 * 1024 ** 3),
    /** How often it is asked which mailboxes are due; each has its own interval in its profile. */
    MAILBOX_MS: milliseconds.default(1_000),
    /** Mailboxes looked at at once. */
    MAILBOX_CONCURRENCY: z.coerce.number().int().min(1).max(4).default(2),
    /** How long one mailbox that is full of messages is read before others have their turn. */
    MAILBOX_TURN_MS: z.coerce.number().int().min(1).max(3_600_000).default(60_000),
    /** No files are taken from a larger e-mail; its sender is told. */
    MAIL_MAX_BYTES: z.coerce.number().int().min(1_000).max(1_000_000_000).default(DEFAULT_MAIL_LIMITS.maxBytes),
  });
