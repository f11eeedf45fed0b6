import type { z } from "zod";

/** Whether an option of a union is an object whose fixed values (`kind`, `to`, `policy`, …) are those of the value. */
export function isOption(schema: z.core.$ZodType, value: Record<string, unknown>): boolean {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  if (def.type !== "object") return false;
  return Object.entries(def.shape).every(([key, property]) => {
    const fixed = (property as z.core.$ZodTypes)._zod.def;
    return fixed.type !== "literal" || fixed.values.includes(value[key] as never);
  });
}

/** Whether a value is an object with keys. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
