import type { LocalizedText, Storyboard } from "@inlet/contracts";
import type { Row } from "../row.ts";
import { localizedTextsOf } from "../walk.ts";

const spoken = new WeakMap<Storyboard, readonly string[]>();

/** The languages that a storyboard speaks: its default, and those that any of its texts is written in. */
export function spokenLanguages(storyboard: Storyboard): readonly string[] {
  const known = spoken.get(storyboard);
  if (known !== undefined) return known;
  const languages = new Set([storyboard.language.default]);
  for (const { text } of localizedTextsOf(storyboard)) {
    if (typeof text !== "string") for (const language of Object.keys(text)) languages.add(language);
  }
  const list = [...languages];
  spoken.set(storyboard, list);
  return list;
}

/**
 * The language of a row's film: the one that is asked for, or that its column names, or the nearest that is spoken, or the
 * default.
 */
export function languageOf(storyboard: Storyboard, row: Row, asked?: string): string {
  const { column, default: usual } = storyboard.language;
  const wanted = asked ?? (column === undefined ? undefined : row(column)?.trim());
  if (!wanted) return usual;
  return nearestLanguage(wanted, spokenLanguages(storyboard)) ?? usual;
}

/** `pt-BR` (also `pt_br`) finds `pt-BR`, else `pt`, else another Portuguese. */
export function nearestLanguage(wanted: string, languages: readonly string[]): string | undefined {
  if (languages.includes(wanted)) return wanted;
  const tag = wanted.replaceAll("_", "-").toLowerCase();
  const name = tag.split("-")[0]!;
  const find = (test: (language: string) => boolean) => languages.find((each) => test(each.toLowerCase()));
  return find((each) => each === tag) ?? find((each) => each === name) ?? find((each) => each.split("-")[0] === name);
}

/** A text in a language; where it lacks it, in its nearest, in the storyboard's own, or in whatever there is. */
export function textIn(text: LocalizedText, language: string, usual: string): string {
  if (typeof text === "string") return text;
  if (Object.hasOwn(text, language)) return text[language]!;
  const languages = Object.keys(text);
  const chosen = nearestLanguage(language, languages) ?? nearestLanguage(usual, languages) ?? languages[0];
  return chosen === undefined ? "" : text[chosen]!;
}
