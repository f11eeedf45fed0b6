import type { FastifySchemaCompiler } from "fastify";
import { z } from "zod";

/** A body, query, path or header that does not meet its schema. Fastify adds which of them it was. */
export class RequestInvalid extends Error {
  readonly issues: z.core.$ZodIssue[];
  validationContext?: string;

  constructor(issues: z.core.$ZodIssue[]) {
    super("the request does not meet its schema");
    this.issues = issues;
  }
}

/** Checks requests with zod and keeps its findings whole: the type provider's own compiler flattens their paths. */
export const validatorCompiler: FastifySchemaCompiler<z.ZodType> =
  ({ schema }) =>
  (data: unknown) => {
    const parsed = z.safeParse(schema, data);
    return parsed.success ? { value: parsed.data } : { error: new RequestInvalid(parsed.error.issues) };
  };
