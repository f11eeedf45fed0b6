import { crowdEnvSchema, dataEnvSchema, keyEnvSchema, pipelineEnvSchema, remoteEnvSchema } from "@inlet/runtime";
import { z } from "zod";

/** What the courier is told by its environment. */
export const courierEnvSchema = pipelineEnvSchema
  .extend(crowdEnvSchema.shape)
  .extend(dataEnvSchema.shape)
  .extend(keyEnvSchema.shape)
  .extend(remoteEnvSchema.shape)
  .extend({
    /** Sessions at once on one remote server. */
    REMOTE_SESSIONS: z.coerce.number().int().min(1).max(16).default(2),
  });
