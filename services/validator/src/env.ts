import { dataEnvSchema, pipelineEnvSchema, readEnv } from "@inlet/runtime";

/** The validator's environment. */
export const env = () => readEnv(pipelineEnvSchema.extend(dataEnvSchema.shape));
