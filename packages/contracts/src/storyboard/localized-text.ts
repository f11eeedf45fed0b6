import { z } from "zod";

/** A language as BCP 47 writes it, such as `de` or `pt-BR`. */
export const languageSchema = z
  .string()
  .regex(/^[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|\d{3}))?$/, "a language such as en, de or pt-BR");

/**
 * Words of a storyboard, with placeholders: `{{column}}`, with a format and a fallback `{{due_on:date|soon}}`. Either one
 * text for all, or one for each language.
 */
export const localizedText = (maxCharacters: number) =>
  z.union([z.string().max(maxCharacters), z.record(languageSchema, z.string().max(maxCharacters))]);

/** The words themselves, or the words by language. */
export type LocalizedText = z.infer<ReturnType<typeof localizedText>>;

/**
 * How a placeholder shows its value. `date`: 1 December 2026; `day`: 1 December; `weekday`: Tuesday; `number`: 1,234.50 as the
 * language writes it; `upper`: capitals; `title`: each word's first letter a capital; `first`: the first word alone.
 */
export const PLACEHOLDER_FORMATS = ["date", "day", "weekday", "number", "upper", "title", "first"] as const;
export type PlaceholderFormat = (typeof PLACEHOLDER_FORMATS)[number];
