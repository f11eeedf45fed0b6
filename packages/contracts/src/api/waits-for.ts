import { z } from "zod";
import { timeSchema } from "./pages.ts";

/** What a batch waits for before its first stage. */
export const waitsForSchema = z
  .discriminatedUnion("kind", [
    /** The trigger of its run; null: the project has no schedule at this moment, for example because it rehearses. */
    z.object({ kind: z.literal("trigger"), at: timeSchema.nullable() }),
    /** Files of these tables: to come, or to be imported. Not longer than `until`, where it is for such as have not come. */
    z.object({ kind: z.literal("tables"), tables: z.array(z.string()), until: timeSchema.nullable() }),
    /** A file of the run of which only its content will tell the table. */
    z.object({ kind: z.literal("batch"), batchId: z.int() }),
  ])
  .meta({ id: "WaitsFor", example: { kind: "tables", tables: ["store"], until: null } });
export type WaitsFor = z.infer<typeof waitsForSchema>;
