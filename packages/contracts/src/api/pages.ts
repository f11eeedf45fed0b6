import { z } from "zod";

/** A point in time: ISO 8601, UTC. */
export const timeSchema = z.iso.datetime().meta({ example: "2026-11-20T09:00:00.000Z" });

/** A row's number in the API's paths. */
export const idParamSchema = z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER);

/** A length of time in milliseconds, whole. */
export const durationMsSchema = z.int().min(0);

/** Where the next page begins: opaque, and stable while rows are added. */
export const cursorSchema = z
  .string()
  .max(100)
  .regex(/^[A-Za-z0-9_-]+$/, "a cursor is the `next` of the page before");

/** How much of a list is asked for. Pages are newest first unless the list says otherwise. */
export const pageQuerySchema = z.object({
  cursor: cursorSchema.optional().describe("`next` of the page before"),
  limit: z.coerce.number().int().min(1).max(200).default(50).describe("Rows of one page at most"),
});

/** The cursor of the next page; null on the last one. */
export const nextSchema = z.string().nullable().describe("Cursor of the next page; null on the last one");

/** The service answers. */
export const healthSchema = z.object({ status: z.string(), failures: z.record(z.string(), z.string()).optional() });
