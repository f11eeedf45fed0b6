import { crowdEnvSchema, dataEnvSchema, keyEnvSchema, pipelineEnvSchema, readEnv } from "@inlet/runtime";
import { z } from "zod";

const rulesEnvSchema = z.object({
  /** The platform team's own rules: a path to a TypeScript or JavaScript module (see docs/rules.md). */
  INLET_RULES_MODULE: z
    .string()
    .optional()
    .transform((path) => path || undefined),
});

/** The validator's environment. */
export const env = () =>
  readEnv(
    pipelineEnvSchema
      .extend(crowdEnvSchema.shape)
      .extend(dataEnvSchema.shape)
      .extend(keyEnvSchema.shape)
      .extend(rulesEnvSchema.shape),
  );
