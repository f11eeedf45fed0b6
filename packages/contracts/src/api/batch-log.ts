import { z } from "zod";
import { cursorSchema, nextSchema, timeSchema } from "./pages.ts";

/** Which part of a batch's log is asked for; oldest first. */
export const batchLogQuerySchema = z.object({
  cursor: cursorSchema.optional().describe("`next` of the page before"),
  limit: z.coerce.number().int().min(1).max(1_000).default(200).describe("Lines of one page at most"),
  level: z
    .enum(["debug", "info", "warn", "error"])
    .optional()
    .describe("Lines of this level and above; default: all that were written"),
});
export type BatchLogQuery = z.output<typeof batchLogQuerySchema>;

/** A line that a service wrote about a batch. */
export const batchLogLineSchema = z
  .object({
    time: timeSchema,
    level: z.enum(["trace", "debug", "info", "warn", "error", "fatal"]),
    service: z.string(),
    message: z.string(),
    /** Everything else that the line says. */
    facts: z.record(z.string(), z.unknown()),
  })
  .meta({
    id: "BatchLogLine",
    example: {
      time: "2026-11-20T09:00:00.310Z",
      level: "info",
      service: "importer",
      message: "step done",
      facts: { stepId: 81, epoch: 1, durationMs: 42 },
    },
  });
export type BatchLogLine = z.infer<typeof batchLogLineSchema>;

export const batchLogPageSchema = z
  .object({
    lines: z.array(batchLogLineSchema),
    /** Cursor of the next page. A page may have few lines, or none, and still have a next one: its search is bounded. */
    next: nextSchema,
    /** The time that is searched: from shortly before the batch's receipt. */
    from: timeSchema,
    to: timeSchema,
    /** Lines from before this time are not kept any more; null: no log is kept at all. */
    keptSince: timeSchema.nullable(),
  })
  .meta({ id: "BatchLogPage" });
export type BatchLogPage = z.infer<typeof batchLogPageSchema>;
