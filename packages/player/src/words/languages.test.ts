import { expect, test } from "vitest";
import { playerWords } from "./languages.ts";

test.each([
  ["de-AT", "de", "ltr"],
  ["pt-BR", "pt-BR", "ltr"],
  ["pt-PT", "pt", "ltr"],
  ["he", "he", "rtl"],
  ["ar-EG", "ar", "rtl"],
  ["ja", "en", "ltr"],
  ["constructor", "en", "ltr"],
])("%s is spoken as %s", (asked, language, direction) => {
  expect(playerWords(asked)).toMatchObject({ language, direction });
});

test("every language has every word, and its position tells both times", () => {
  for (const language of ["en", "de", "fr", "es", "it", "nl", "pt", "pt-BR", "pl", "tr", "he", "ar"]) {
    const words = playerWords(language);
    expect(words.language).toBe(language);
    expect(Object.keys(words).sort()).toEqual(Object.keys(playerWords("en")).sort());
    expect(Object.values(words).every(Boolean)).toBe(true);
    expect(words.position).toMatch(/\{now\}.*\{all\}/);
  }
});
