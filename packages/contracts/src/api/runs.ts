import { z } from "zod";
import { batchStatusSchema } from "../batch.ts";
import { slugSchema } from "../names.ts";
import { batchSummarySchema } from "./batches.ts";
import { messageSchema } from "./messages.ts";
import { nextSchema, pageQuerySchema, timeSchema } from "./pages.ts";

export const runQuerySchema = pageQuerySchema.extend({
  client: slugSchema.optional(),
  project: slugSchema.optional(),
  state: z.enum(["open", "reported"]).optional(),
});
export type RunQuery = z.output<typeof runQuerySchema>;

const runFields = {
  id: z.int(),
  client: z.string(),
  project: z.string(),
  /** What its batches share: a date, or an arrival. */
  key: z.string(),
  state: z.enum(["open", "reported"]),
  /** How often it was reported. */
  revision: z.int(),
  /** When it is reported even though expected tables are missing. */
  settleAt: timeSchema.nullable(),
  openedAt: timeSchema,
  reportedAt: timeSchema.nullable(),
  /** How many of its batches stand where. */
  statuses: z.partialRecord(batchStatusSchema, z.int()),
};

export const runSummarySchema = z.object(runFields).meta({ id: "RunSummary" });
export type RunSummary = z.infer<typeof runSummarySchema>;

export const runPageSchema = z.object({ runs: z.array(runSummarySchema), next: nextSchema });
export type RunPage = z.infer<typeof runPageSchema>;

export const runDetailSchema = z
  .object({ ...runFields, batches: z.array(batchSummarySchema), messages: z.array(messageSchema) })
  .meta({ id: "Run" });
export type RunDetail = z.infer<typeof runDetailSchema>;
