import { conflictsEnvSchema, dataEnvSchema, pipelineEnvSchema, readEnv } from "@inlet/runtime";
import { z } from "zod";

const importerEnvSchema = pipelineEnvSchema
  .extend(dataEnvSchema.shape)
  .extend(conflictsEnvSchema.shape)
  .extend({
    /** PostgreSQL ends an import that takes longer. Default four hours: a hundred million rows; 0: never. */
    IMPORT_TIMEOUT_MS: z.coerce.number().int().min(0).max(2_147_483_647).default(14_400_000),
  });

/** The importer's environment. */
export const env = () => readEnv(importerEnvSchema);
