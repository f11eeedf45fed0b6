import { z } from "zod";

/** One thing that is wrong in a request: where, and what to do. */
export const problemSchema = z
  .object({
    /** Keys and indexes from the body's (or query's) root. */
    path: z.array(z.union([z.string(), z.int()])),
    message: z.string(),
  })
  .meta({ id: "Problem", example: { path: ["tables", 0, "columns", 2, "type"], message: "must be one of string, …" } });
export type Problem = z.infer<typeof problemSchema>;

/** The one shape of every error that the API answers. */
export const apiErrorSchema = z
  .object({
    error: z.object({
      /** Stable, for programs, in snake_case. */
      code: z.string(),
      /** For people: what was wrong, and what to do. */
      message: z.string(),
      details: z.array(problemSchema).optional(),
      /** Names this request in the service's log. */
      requestId: z.string(),
    }),
  })
  .meta({
    id: "Error",
    example: {
      error: {
        code: "batch_not_found",
        message: "There is no batch 4711. `GET /v1/batches` lists those that you may see.",
        requestId: "0b6d5c1e-7f0a-4f7c-8d5e-1f2a3b4c5d6e",
      },
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
