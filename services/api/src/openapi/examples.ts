import type { Description, JsonSchema } from "./description.ts";

/** What a text of a format looks like. */
const FORMATS: Readonly<Record<string, string>> = {
  "date-time": "2026-11-20T09:00:00.000Z",
  date: "2026-11-20",
  time: "09:00:00",
  email: "data@spring.example",
  uri: "https://spring.example/",
  uuid: "0b6d5c1e-7f0a-4f7c-8d5e-1f2a3b4c5d6e",
  ipv4: "192.0.2.10",
};

/** What a text of a name looks like, where its schema does not say. */
const NAMES: Readonly<Record<string, string>> = {
  client: "spring",
  project: "video",
  table: "contacts",
  fileName: "spring_video_20261120_090000_00.csv",
  sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
  code: "type_mismatch",
  message: "“12,5” is no integer.",
};

/** 256 bits in base64url. */
const TOKEN = "mS8kQ0w1hYpVb3nT6xRzC9dLfE2gJ7aUiO4vKqNsWtA";

/** Deeper than this a schema refers to itself. */
const LEVELS = 12;

/**
 * A value that meets a schema: its own example, or one that is put together from those of its parts. Undefined where the
 * schema says too little.
 */
export function exampleOf(schema: JsonSchema, components: Description["components"], name = "", level = 0): unknown {
  const again = (part: JsonSchema, partName = name) => exampleOf(part, components, partName, level + 1);
  if (schema.example !== undefined) return schema.example;
  if (schema.examples?.length) return schema.examples[0];
  if (level > LEVELS) return undefined;
  if (schema.$ref !== undefined) {
    const target = components?.schemas?.[schema.$ref.replace("#/components/schemas/", "")];
    return target && again(target);
  }
  if (schema.const !== undefined) return schema.const;
  if (schema.default !== undefined) return schema.default;
  if (schema.enum?.length) return schema.enum[0];
  if (schema.allOf) {
    const { allOf, ...own } = schema;
    if (allOf.some(({ $ref, properties }) => $ref ?? properties))
      return Object.assign({}, ...allOf.map((part) => again(part)));
    return again(Object.assign({}, own, ...allOf));
  }
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return again(choices.find(({ type }) => type !== "null") ?? choices[0]!);
  const type = Array.isArray(schema.type) ? schema.type.find((each) => each !== "null") : schema.type;
  if (type === "object" || schema.properties) return exampleObject(schema, again);
  if (type === "array") return exampleArray(schema, again);
  if (type === "string") return exampleText(schema, name);
  if (type === "boolean") return true;
  if (type === "null") return null;
  if (type !== "integer" && type !== "number") return undefined;
  const least = schema.minimum ?? (schema.exclusiveMinimum === undefined ? undefined : schema.exclusiveMinimum + 1);
  return Math.min(Math.max(least ?? 0, 1), schema.maximum ?? Number.POSITIVE_INFINITY);
}

type Again = (part: JsonSchema, name?: string) => unknown;

function exampleObject({ properties = {}, additionalProperties, propertyNames }: JsonSchema, again: Again): object {
  const entries = Object.entries(properties).map(([name, part]) => [name, again(part, name)]);
  if (entries.length === 0 && typeof additionalProperties === "object") {
    const value = again(additionalProperties);
    const key = propertyNames?.enum?.[0] ?? "name";
    if (value !== undefined) entries.push([key, value]);
  }
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}

function exampleArray({ prefixItems, items }: JsonSchema, again: Again): unknown[] {
  if (prefixItems) return prefixItems.map((part) => again(part));
  const item = typeof items === "object" ? again(items) : undefined;
  return item === undefined ? [] : [item];
}

function exampleText({ format, pattern, minLength = 0 }: JsonSchema, name: string): string {
  const known = (format && FORMATS[format]) || NAMES[name];
  if (known !== undefined && (pattern === undefined || new RegExp(pattern).test(known))) return known;
  const fitting = ["spring", "42", "#", "9f86d081", TOKEN, NAMES.sha256!].find(
    (each) => each.length >= minLength && (pattern === undefined || new RegExp(pattern, "u").test(each)),
  );
  return fitting ?? "…".padEnd(minLength, "…");
}
