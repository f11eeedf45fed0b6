import { PLACEHOLDER_FORMATS, type PlaceholderFormat } from "@inlet/contracts";

/** A stretch of a template: words, or a placeholder. */
export type TemplatePart = string | Placeholder;

export interface Placeholder {
  column: string;
  format: PlaceholderFormat | undefined;
  /** What stands in for an empty cell; undefined: what the storyboard says. */
  fallback: string | undefined;
}

export interface Template {
  parts: readonly TemplatePart[];
  /** Whole sentences about what looks like a placeholder and is none. It stays in the text as it stands. */
  faults: readonly string[];
}

const BRACES = /\{\{((?:(?!\{\{|\}\}).)*)\}\}/gs;
const PLACEHOLDER = /^\s*([A-Za-z][A-Za-z0-9_]*)\s*(?::\s*([^|]*?)\s*)?(?:\|(.*))?$/s;

/** A storyboard's texts are read once, not for each recipient. They come from its author, never from a row. */
const known = new Map<string, Template>();
const MOST_KNOWN = 10_000;

/** Reads `{{column}}`, `{{column:format}}`, `{{column|fallback}}` and `{{column:format|fallback}}` out of a text. */
export function parseTemplate(text: string): Template {
  let template = known.get(text);
  if (template === undefined) {
    if (known.size >= MOST_KNOWN) known.clear();
    template = readTemplate(text);
    known.set(text, template);
  }
  return template;
}

function readTemplate(text: string): Template {
  const parts: TemplatePart[] = [];
  const faults: string[] = [];
  let from = 0;
  let words = "";
  for (const match of text.matchAll(BRACES)) {
    const read = readPlaceholder(match[1]!);
    if (typeof read === "string") {
      faults.push(read);
      continue;
    }
    words = text.slice(from, match.index);
    if (words !== "") parts.push(words);
    parts.push(read);
    from = match.index + match[0].length;
  }
  words = text.slice(from);
  if (words !== "") parts.push(words);
  const rest = text.replace(BRACES, "");
  if (rest.includes("{{")) faults.push("A placeholder is opened by {{ and never closed by }}.");
  else if (rest.includes("}}")) faults.push("}} closes a placeholder that was never opened by {{.");
  return { parts, faults };
}

/** The columns that a text's placeholders name. */
export function templateColumns(text: string): string[] {
  return [...new Set(parseTemplate(text).parts.flatMap((part) => (typeof part === "string" ? [] : [part.column])))];
}

function readPlaceholder(inner: string): Placeholder | string {
  const match = PLACEHOLDER.exec(inner);
  if (match === null) return `{{${inner}}} is no placeholder; write it such as {{first_name}} or {{due_on:date|soon}}.`;
  const [, column, format, fallback] = match;
  if (format !== undefined && !isFormat(format)) {
    return `{{${inner}}} names an unknown format; the formats are ${PLACEHOLDER_FORMATS.join(", ")}.`;
  }
  return { column: column!, format, fallback: fallback?.trim() };
}

function isFormat(name: string): name is PlaceholderFormat {
  return PLACEHOLDER_FORMATS.some((known) => known === name);
}
