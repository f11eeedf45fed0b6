import { z } from "zod";
import { columnNameSchema, MAX_COLUMNS } from "./names.ts";

/**
 * Which label of a file means which column of its table, as a person chose it. Labels that are not named are recognised as
 * without it. It belongs to one file: with other labels there, the file is refused (`mapping_differs`).
 */
export const mappingSchema = z
  .object({
    columns: z
      .array(
        z.object({
          /** The label's place in the file, from 0: labels may repeat. */
          index: z.int().min(0),
          /** As it stands in the file. */
          label: z.string(),
          /** The table's column; null: it is not imported. */
          column: columnNameSchema.nullable(),
        }),
      )
      .max(MAX_COLUMNS),
  })
  .meta({ id: "Mapping", example: { columns: [{ index: 1, label: "Mail of the customer", column: "email" }] } });
export type Mapping = z.infer<typeof mappingSchema>;
