import { z } from "zod";
import { batchConditionsSchema } from "./batches.ts";
import type { Problem } from "./errors.ts";
import { timeSchema } from "./pages.ts";
import { problemsOf } from "./problems.ts";

/** The longest set of filters that is kept. */
const FILTERS_CHARS = 2_000;

/**
 * Filters of the Activity Monitor, as they stand in its address: the query of `GET /v1/batches` without its page,
 * `status=failed,rejected&client=spring`. Order and writing are made the same, so equal filters are equal texts.
 */
export const viewFiltersSchema = z
  .string()
  .max(FILTERS_CHARS)
  .transform((text, context) => {
    const read = readFilters(text);
    if ("filters" in read) return read.filters;
    for (const { path, message } of read.problems) {
      context.addIssue({ code: "custom", message: `${path.join(".")}: ${message}`, input: text });
    }
    return z.NEVER;
  })
  .meta({ example: "client=spring&status=failed%2Crejected" });

function readFilters(text: string): { filters: string } | { problems: Problem[] } {
  const given = new Map<string, string[]>();
  for (const [name, value] of new URLSearchParams(text)) given.set(name, [...(given.get(name) ?? []), value]);
  const values = Object.fromEntries([...given].map(([name, all]) => [name, all.length === 1 ? all[0] : all]));
  const parsed = z.strictObject(batchConditionsSchema.shape).safeParse(values);
  if (!parsed.success) return { problems: problemsOf(parsed.error.issues) };
  const kept = new URLSearchParams();
  for (const name of [...given.keys()].sort()) kept.set(name, given.get(name)!.join(","));
  return { filters: kept.toString() };
}

const viewNameSchema = z.string().trim().min(1).max(80);

/** A saved set of filters. A shared one is seen by everybody who sees the same clients. */
export const savedViewSchema = z
  .object({
    id: z.int(),
    name: z.string(),
    filters: z.string(),
    shared: z.boolean(),
    /** The caller's own: it may be changed and deleted by them. */
    own: z.boolean(),
    /** Whose it is, by name. */
    owner: z.string(),
    createdAt: timeSchema,
    updatedAt: timeSchema,
  })
  .meta({
    id: "SavedView",
    example: {
      id: 3,
      name: "To look at",
      filters: "status=failed%2Crejected",
      shared: true,
      own: true,
      owner: "Operations",
      createdAt: "2026-11-20T09:00:00.000Z",
      updatedAt: "2026-11-20T09:00:00.000Z",
    },
  });
export type SavedView = z.infer<typeof savedViewSchema>;

export const savedViewListSchema = z.object({ views: z.array(savedViewSchema) }).meta({ id: "SavedViewList" });
export type SavedViewList = z.infer<typeof savedViewListSchema>;

export const newSavedViewSchema = z
  .strictObject({
    name: viewNameSchema,
    filters: viewFiltersSchema,
    shared: z.boolean().default(false).describe("Needs the role operator or admin"),
  })
  .meta({ example: { name: "To look at", filters: "status=failed%2Crejected", shared: true } });
export type NewSavedView = z.input<typeof newSavedViewSchema>;

export const savedViewChangeSchema = z
  .strictObject({
    name: viewNameSchema.optional(),
    filters: viewFiltersSchema.optional(),
    shared: z.boolean().optional(),
  })
  .refine((change) => Object.keys(change).length > 0, { message: "say what is to change: name, filters or shared" })
  .meta({ example: { name: "Failed this week" } });
export type SavedViewChange = z.input<typeof savedViewChangeSchema>;
