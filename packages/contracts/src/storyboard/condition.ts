import { z } from "zod";
import { columnNameSchema } from "../names.ts";

const valueSchema = z.string().max(200);

/**
 * One question about a row's value. Text is compared without regard to case and to blanks around it; `greater`, `less`,
 * `at_least`, `at_most` compare numbers or dates by value, and are false where the cell holds neither; an empty cell is only
 * ever `empty` and `not_equal`.
 */
export const comparisonSchema = z.discriminatedUnion("is", [
  z.strictObject({ field: columnNameSchema, is: z.enum(["empty", "filled"]) }),
  z.strictObject({
    field: columnNameSchema,
    is: z.enum(["equal", "not_equal", "containing", "starting_with", "greater", "less", "at_least", "at_most"]),
    value: valueSchema,
  }),
  z.strictObject({ field: columnNameSchema, is: z.literal("one_of"), values: z.array(valueSchema).min(1).max(200) }),
]);
export type Comparison = z.infer<typeof comparisonSchema>;

/** A rule over a row's values: all, or any, of up to twenty comparisons. Deeper nesting nobody reads. */
export const conditionSchema = z.union([
  z.strictObject({ all: z.array(comparisonSchema).min(1).max(20) }),
  z.strictObject({ any: z.array(comparisonSchema).min(1).max(20) }),
]);
export type Condition = z.infer<typeof conditionSchema>;
