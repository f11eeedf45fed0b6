import { z } from "zod";
import { type Profile, profileSchema } from "./profile.ts";
import { isObject, isOption } from "./schema-option.ts";

/**
 * A profile as it was stored, with the defaults of settings that there have been since. It was checked when it was applied
 * and is not judged again: a schema that has become stricter must not make an older profile, and every batch that was
 * received under it, unreadable. What today's schema does not know is left as it is.
 */
export function readStoredProfile(document: unknown): Profile {
  return withDefaults(profileSchema, document) as Profile;
}

/** A profile in an answer, which may be older than today's schema. */
export const storedProfileSchema = z.looseObject({ client: z.string(), project: z.string() }).meta({
  description: "As it was applied: what PUT takes, with the defaults filled in",
}) as unknown as z.ZodType<Profile>;

/** What was stored of a schema, with the defaults of settings that there have been since. It is not judged again. */
export function readStored<Schema extends z.ZodType>(schema: Schema, document: unknown): z.output<Schema> {
  return withDefaults(schema, document) as z.output<Schema>;
}

/** Walks a value along its schema. Nothing is checked, and no transform is run: what is stored is what came out of them. */
function withDefaults(schema: z.core.$ZodType, value: unknown): unknown {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  switch (def.type) {
    case "default":
      return value === undefined ? structuredClone(def.defaultValue) : withDefaults(def.innerType, value);
    case "prefault":
      return withDefaults(def.innerType, value === undefined ? structuredClone(def.defaultValue) : value);
    case "optional":
    case "nullable":
      return value === undefined || value === null ? value : withDefaults(def.innerType, value);
    case "pipe":
      return withDefaults(def.out, value);
    case "array":
      return Array.isArray(value) ? value.map((element) => withDefaults(def.element, element)) : value;
    case "object":
      return isObject(value) ? { ...value, ...propertiesOf(def.shape, value) } : value;
    case "union": {
      if (!isObject(value)) return value;
      const option = def.options.find((each) => isOption(each, value));
      return option === undefined ? value : withDefaults(option, value);
    }
    default:
      return value;
  }
}

function propertiesOf(shape: z.core.$ZodShape, value: Record<string, unknown>): Record<string, unknown> {
  const properties = Object.entries(shape).map(([key, schema]) => [key, withDefaults(schema, value[key])] as const);
  return Object.fromEntries(properties.filter(([, property]) => property !== undefined));
}
