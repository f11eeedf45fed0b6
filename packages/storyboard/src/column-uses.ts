import type { LocalizedText, Storyboard } from "@inlet/contracts";
import { comparisonsOf } from "./rules/compile-condition.ts";
import { assetPlacesOf, conditionsOf, localizedTextsOf, type Path, urlsOf } from "./walk.ts";
import { templateColumns } from "./words/template.ts";

export interface ColumnUse {
  path: Path;
  column: string;
  /** As a person sees it there: `{{first_name}}`, or the bare name. */
  written: string;
}

/** A text with placeholders, in one language. */
export interface TemplatePlace {
  path: Path;
  template: string;
}

/** All texts, addresses and assets' names in which placeholders may stand. */
export function templatesOf(storyboard: Storyboard): TemplatePlace[] {
  return [
    ...localizedTextsOf(storyboard).flatMap(({ path, text }) => eachLanguage(path, text)),
    ...urlsOf(storyboard).map(({ path, url }) => ({ path, template: url })),
    ...assetPlacesOf(storyboard).flatMap(({ path, choice }) =>
      typeof choice === "string" ? [] : [{ path: [...path, "name"], template: choice.name }],
    ),
  ];
}

/** Every place at which a film or a page reads a column. */
export function columnUses(storyboard: Storyboard): ColumnUse[] {
  const uses: ColumnUse[] = templatesOf(storyboard).flatMap(({ path, template }) =>
    templateColumns(template).map((column) => ({ path, column, written: `{{${column}}}` })),
  );
  for (const { path, condition } of conditionsOf(storyboard)) {
    const [kind] = Object.keys(condition) as [string];
    comparisonsOf(condition).forEach(({ field }, index) => {
      uses.push({ path: [...path, kind, index, "field"], column: field, written: field });
    });
  }
  storyboard.page.fields.forEach(({ column }, index) => {
    uses.push({ path: ["page", "fields", index, "column"], column, written: column });
  });
  const { column } = storyboard.language;
  if (column !== undefined) uses.push({ path: ["language", "column"], column, written: column });
  return uses;
}

/** The columns that a storyboard reads of a row, each once. */
export function storyboardColumns(storyboard: Storyboard): string[] {
  return [...new Set(columnUses(storyboard).map(({ column }) => column))];
}

function eachLanguage(path: Path, text: LocalizedText): TemplatePlace[] {
  if (typeof text === "string") return [{ path, template: text }];
  return Object.entries(text).map(([language, template]) => ({ path: [...path, language], template }));
}
