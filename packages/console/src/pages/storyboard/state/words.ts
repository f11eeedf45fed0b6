import type { Draft, Words } from "./draft.ts";

/** What a text says in a language; in the storyboard's own where it says nothing there. */
export function wordsIn(words: Words | undefined, language: string, own: string): string {
  if (words === undefined) return "";
  if (typeof words === "string") return words;
  return words[language] ?? words[own] ?? Object.values(words)[0] ?? "";
}

/** What a text says in this very language; empty where it says nothing. */
export function ownWordsIn(words: Words | undefined, language: string, own: string): string {
  if (words === undefined) return "";
  if (typeof words === "string") return language === own ? words : "";
  return words[language] ?? "";
}

/** A text with its words in one language changed. A text in one language only is one text. */
export function withWordsIn(words: Words | undefined, language: string, own: string, text: string): Words {
  if (words === undefined || typeof words === "string") {
    if (language === own) return text;
    return text === "" ? (words ?? "") : { [own]: words ?? "", [language]: text };
  }
  const { [language]: _, ...others } = words;
  const changed = text === "" && language !== own ? others : { ...words, [language]: text };
  const [only, ...more] = Object.keys(changed);
  return only === own && more.length === 0 ? (changed[only] ?? "") : changed;
}

/** The languages that a storyboard speaks, its own first. */
export function languagesOf(draft: Draft): string[] {
  const own = draft.language?.default ?? "en";
  const found = new Set<string>([own]);
  const look = (value: unknown): void => {
    if (Array.isArray(value)) for (const each of value) look(each);
    else if (typeof value === "object" && value !== null)
      for (const [key, each] of Object.entries(value)) {
        if (LOCALIZED.has(key) && typeof each === "object" && each !== null)
          for (const language of Object.keys(each)) found.add(language);
        else if (key !== "values" && key !== "fallbacks") look(each);
      }
  };
  look({ scenes: draft.scenes, page: draft.page });
  return [...found];
}

/** The settings that are words for recipients. */
const LOCALIZED = new Set(["text", "label", "caption", "chapter", "title", "footer"]);
