import { landingUrlSchema } from "@inlet/purl";
import { dataEnvSchema, keyEnvSchema, pipelineEnvSchema, readEnv } from "@inlet/runtime";

/** The purl-generator's environment. */
export const env = () =>
  readEnv(
    pipelineEnvSchema.extend(dataEnvSchema.shape).extend(keyEnvSchema.shape).extend({ LANDING_URL: landingUrlSchema }),
  );
