import {
  crowdEnvSchema,
  dataEnvSchema,
  keyEnvSchema,
  pipelineEnvSchema,
  readEnv,
  rulesEnvSchema,
} from "@inlet/runtime";

/** The validator's environment. */
export const env = () =>
  readEnv(
    pipelineEnvSchema
      .extend(crowdEnvSchema.shape)
      .extend(dataEnvSchema.shape)
      .extend(keyEnvSchema.shape)
      .extend(rulesEnvSchema.shape),
  );
