import { z } from "zod";

const idSchema = z.int().min(1);
const fencedStepSchema = z.object({ stepId: idSchema, epoch: idSchema });

/**
 * The catalogue of queues: name → payload. Payloads carry ids, never rows or personal data. New fields are optional, for
 * the jobs that are under way during an upgrade.
 */
export const jobSchemas = {
  /** A file has arrived; the watcher turns it into a batch. */
  arrive: z.object({ arrivalId: idSchema }),
  /** A pull is due; the puller fetches its table's rows. */
  pull: z.object({ pullId: idSchema, epoch: idSchema }),
  validate: fencedStepSchema,
  personalise: fencedStepSchema,
  import: fencedStepSchema,
  deliver: fencedStepSchema,
  /** A film was asked for as a video; the renderer makes it. */
  render: z.object({ renderingId: idSchema, epoch: idSchema }),
  /** An e-mail of the outbox is due; the notifier sends it. */
  send: z.object({ messageId: idSchema, epoch: idSchema }),
  /** An event for a webhook is due; the notifier tells its receiver. */
  notify: z.object({ messageId: idSchema, epoch: idSchema, webhookId: idSchema }),
  /** A file was uploaded for storyboards; the renderer makes it anew. */
  remake: z.object({ assetId: idSchema, epoch: idSchema }),
} as const;

export type QueueName = keyof typeof jobSchemas;
export type JobPayload<Name extends QueueName> = z.infer<(typeof jobSchemas)[Name]>;
