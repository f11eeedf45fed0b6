import { z } from "zod";

/** One thing that is wrong in a request: where, and what to do. */
export const problemSchema = z.object({
  /** Keys and indexes from the body's (or query's) root. */
  path: z.array(z.union([z.string(), z.int()])),
  message: z.string(),
});
export type Problem = z.infer<typeof problemSchema>;

/** One mistake as an answer names it. */
export const mistakeSchema = problemSchema
  .extend({
    /** The path as a JSON Pointer in a URI's fragment (RFC 6901, section 6). */
    pointer: z.string(),
  })
  .meta({
    id: "Mistake",
    example: {
      path: ["tables", 0, "columns", 2, "type"],
      message: "must be one of string, integer, decimal, date",
      pointer: "#/tables/0/columns/2/type",
    },
  });

/** The one shape of every error that the API answers: problem details (RFC 9457), as `application/problem+json`. */
export const apiErrorSchema = z
  .object({
    /** `urn:inlet:problem:` and the code. */
    type: z.string(),
    /** The code in words. The same for every problem of this code. */
    title: z.string(),
    /** The HTTP status. */
    status: z.int(),
    /** For people: what was wrong, and what to do. */
    detail: z.string(),
    /** Stable, for programs, in snake_case. */
    code: z.string(),
    /** Names this request in the service's log. */
    requestId: z.string(),
    /** Each mistake of the request by itself. */
    errors: z.array(mistakeSchema).optional(),
  })
  .meta({
    id: "Problem",
    example: {
      type: "urn:inlet:problem:batch_not_found",
      title: "Batch not found",
      status: 404,
      detail: "There is no batch 4711. GET /v1/batches lists those that you may see.",
      code: "batch_not_found",
      requestId: "0b6d5c1e-7f0a-4f7c-8d5e-1f2a3b4c5d6e",
    },
  });
export type ApiErrorBody = z.infer<typeof apiErrorSchema>;

/** A problem's path as people write it: `tables[0].columns[2].type`. The root is the empty string. */
export function formatPath(path: Problem["path"]): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === "number") return `${text}[${key}]`;
    return text === "" ? key : `${text}.${key}`;
  }, "");
}

/** A problem's path as a JSON Pointer in a URI's fragment (RFC 6901, section 6): `#/tables/0/type`. The root is `#`. */
export function pointerOf(path: Problem["path"]): string {
  const parts = path.map((key) => encodeURIComponent(String(key).replaceAll("~", "~0").replaceAll("/", "~1")));
  return ["#", ...parts].join("/");
}
