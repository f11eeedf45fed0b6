import type { FastifySchemaCompiler } from "fastify";
import { z } from "zod";
import { unstorableText } from "./unstorable-text.ts";

/** A body, query, path or header that does not meet its schema. Fastify adds which of them it was. */
export class RequestInvalid extends Error {
  readonly issues: z.core.$ZodIssue[];
  validationContext?: string;

  constructor(issues: z.core.$ZodIssue[]) {
    super("the request does not meet its schema");
    this.issues = issues;
  }
}

/**
 * Checks requests with zod and keeps its findings whole: the type provider's own compiler flattens their paths. What no
 * statement could take is refused here for all routes, so that none has to think of it.
 */
export const validatorCompiler: FastifySchemaCompiler<z.ZodType> =
  ({ schema }) =>
  (data: unknown) => {
    const parsed = z.safeParse(schema, data);
    if (!parsed.success) return { error: new RequestInvalid(parsed.error.issues) };
    const path = unstorableText(data);
    if (path === undefined) return { value: parsed.data };
    const message = "holds U+0000 or half of a surrogate pair, which no text here may hold";
    return { error: new RequestInvalid([{ code: "custom", path, message, input: data }]) };
  };
