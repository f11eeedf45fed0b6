import { dataEnvSchema, pipelineEnvSchema, readEnv } from "@inlet/runtime";

/** The importer's environment. */
export const env = () => readEnv(pipelineEnvSchema.extend(dataEnvSchema.shape));
