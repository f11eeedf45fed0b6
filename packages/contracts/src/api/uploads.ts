import { z } from "zod";
import { batchStatusSchema } from "../batch.ts";
import { timeSchema } from "./pages.ts";

/** The name that an uploaded file has for its client: no path, and nothing that hides it. */
export const uploadNameSchema = z
  .string()
  .min(1)
  .max(255)
  .regex(/^[^/\\\u0000-\u001f\u007f]+$/, "a file's name, without folders or control characters")
  .regex(/^[^.]/, "a name that does not begin with a dot")
  .refine((name) => new TextEncoder().encode(name).length <= 255, "at most 255 bytes");

export const uploadQuerySchema = z.object({
  name: uploadNameSchema.describe("The file's name; it decides the table"),
  records: z.coerce
    .number()
    .int()
    .min(0)
    .max(Number.MAX_SAFE_INTEGER)
    .optional()
    .describe("How many records the file holds; another number fails it"),
});

/** A file that was received whole and is on disk. */
export const uploadedSchema = z
  .object({
    arrivalId: z.int(),
    fileName: z.string(),
    sizeBytes: z.int(),
    /** Hexadecimal, of what was received. */
    sha256: z.string(),
  })
  .meta({ id: "Uploaded" });
export type Uploaded = z.infer<typeof uploadedSchema>;

/** What became of a file that arrived. */
export const arrivalSchema = z
  .object({
    id: z.int(),
    client: z.string(),
    project: z.string(),
    source: z.string(),
    fileName: z.string(),
    sizeBytes: z.int(),
    state: z.enum(["arrived", "claimed", "batched", "withdrawn", "lost"]),
    arrivedAt: timeSchema,
    /** Its batch, once there is one. */
    batchId: z.int().nullable(),
    status: batchStatusSchema.nullable(),
  })
  .meta({ id: "Arrival" });
export type ArrivalView = z.infer<typeof arrivalSchema>;
