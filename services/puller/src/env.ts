import { dataEnvSchema, keyEnvSchema, pipelineEnvSchema, remoteEnvSchema } from "@inlet/runtime";
import { z } from "zod";

const milliseconds = (most: number) => z.coerce.number().int().min(1).max(most);

/** What the puller is told by its environment. */
export const pullerEnvSchema = pipelineEnvSchema
  .extend(dataEnvSchema.shape)
  .extend(keyEnvSchema.shape)
  .extend(remoteEnvSchema.shape)
  .extend({
    /** Pulls at once in one process; of one system as many over all processes as its `concurrency` says. */
    CONCURRENCY: z.coerce.number().int().min(1).max(64).default(4),
    /** Before the first retry of a pull that failed; each further one waits twice as long, up to five minutes. */
    RETRY_MS: milliseconds(60_000).default(5_000),
    /** Before the first retry of a request; each further one waits twice as long, up to a minute. */
    REQUEST_RETRY_MS: milliseconds(60_000).default(1_000),
    /** How often it is kept how far a pull is: what came since then is pulled again after a crash. */
    KEEP_MS: milliseconds(60_000).default(2_000),
    /** A longer answer of a system is given up, unpacked. */
    PULL_PAGE_BYTES: z.coerce
      .number()
      .int()
      .min(1024)
      .max(1024 ** 3)
      .default(128 * 1024 ** 2),
  });
