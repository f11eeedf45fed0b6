import { availableParallelism } from "node:os";
import { z } from "zod";

/** What the drafts read from the environment. */
export const draftEnvSchema = z.object({
  /** Drafts that are checked at once, each in a thread of its own. Default: half of the processor's cores. */
  API_CHECK_THREADS: z.coerce
    .number()
    .int()
    .min(1)
    .max(64)
    .default(Math.max(1, Math.floor(availableParallelism() / 2))),
  /** Files that one user, or one key, may have uploaded and not submitted. */
  API_DRAFTS_PER_USER: z.coerce.number().int().min(1).default(50),
});
