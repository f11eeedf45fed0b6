import { landingUrlSchema } from "@inlet/purl";
import { crowdEnvSchema, dataEnvSchema, keyEnvSchema, pipelineEnvSchema, readEnv } from "@inlet/runtime";

/** The purl-generator's environment. */
export const env = () =>
  readEnv(
    pipelineEnvSchema
      .extend(crowdEnvSchema.shape)
      .extend(dataEnvSchema.shape)
      .extend(keyEnvSchema.shape)
      .extend({ LANDING_URL: landingUrlSchema }),
  );
