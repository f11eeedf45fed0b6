import type { z } from "zod";
import { type Profile, type ProfileInput, profileSchema } from "./profile.ts";
import { isObject, isOption } from "./schema-option.ts";
import { type Table, tableSchema } from "./table.ts";

/**
 * A profile as a person would write it: settings that say what they say anyway are left out, and the others stand in the
 * order of the schema. Read again, it is the same profile. What today's schema does not know is kept, at the end.
 */
export function writtenProfile(profile: Profile): ProfileInput {
  return written(profileSchema, profile) as ProfileInput;
}

/** The same for a table of a profile. */
export function writtenTable(table: Table): z.input<typeof tableSchema> {
  return written(tableSchema, table) as z.input<typeof tableSchema>;
}

/** The same for any schema. */
export function writtenOf<Schema extends z.ZodType>(schema: Schema, value: z.output<Schema>): z.input<Schema> {
  return written(schema, value) as z.input<Schema>;
}

function written(schema: z.core.$ZodType, value: unknown): unknown {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  switch (def.type) {
    case "default":
    case "prefault":
    case "optional":
    case "nullable":
      return value === null ? value : written(def.innerType, value);
    case "pipe":
      return written(def.out, value);
    case "array":
      return Array.isArray(value) ? value.map((element) => written(def.element, element)) : value;
    case "object":
      return isObject(value) ? withoutDefaults(def.shape, value) : value;
    case "union": {
      const option = isObject(value) ? def.options.find((each) => isOption(each, value)) : undefined;
      return option === undefined ? value : written(option, value);
    }
    default:
      return value;
  }
}

function withoutDefaults(shape: z.core.$ZodShape, value: Record<string, unknown>): Record<string, unknown> {
  const known = Object.entries(shape).flatMap(([key, schema]): [string, unknown][] =>
    value[key] === undefined || isDefault(schema, value[key]) ? [] : [[key, written(schema, value[key])]],
  );
  const unknown = Object.entries(value).filter(([key]) => !Object.hasOwn(shape, key));
  return Object.fromEntries([...known, ...unknown]);
}

/** Whether the setting is what it would be if nobody had written it. */
function isDefault(schema: z.core.$ZodType, value: unknown): boolean {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  if (def.type !== "default" && def.type !== "prefault") return false;
  const absent = (schema as z.ZodType).safeParse(undefined);
  return absent.success && isSame(absent.data, value);
}

function isSame(one: unknown, other: unknown): boolean {
  if (Array.isArray(one) && Array.isArray(other)) {
    return one.length === other.length && one.every((element, index) => isSame(element, other[index]));
  }
  if (!isObject(one) || !isObject(other)) return Object.is(one, other);
  const keysOf = (each: Record<string, unknown>) => Object.keys(each).filter((key) => each[key] !== undefined);
  const keys = keysOf(one);
  return keys.length === keysOf(other).length && keys.every((key) => isSame(one[key], other[key]));
}
