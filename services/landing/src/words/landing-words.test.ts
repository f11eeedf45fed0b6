import { playerWords } from "@inlet/player/words";
import { expect, test } from "vitest";
import { LANDING_LANGUAGES, landingWords, preferredLanguage } from "./landing-words.ts";

test.each([
  [undefined, "en"],
  ["", "en"],
  ["de", "de"],
  ["de-AT,de;q=0.9,en;q=0.8", "de"],
  ["xx, fr;q=0.5, en;q=0.4", "fr"],
  ["en;q=0.4, fr;q=0.5", "fr"],
  ["pt-BR", "pt-BR"],
  ["pt-br;q=0.7", "pt-BR"],
  ["pt-AO", "pt"],
  ["he-IL", "he"],
  ["fr;q=0, nl", "nl"],
  ["*", "en"],
  ["<script>,,;q=", "en"],
  [`${"x".repeat(10_000)},de`, "en"],
])("who asks for %s is answered in %s", (header, language) => {
  expect(preferredLanguage(header)).toBe(language);
});

test("pages speak the languages that their player speaks", () => {
  expect(LANDING_LANGUAGES.map((language) => playerWords(language).language)).toEqual(LANDING_LANGUAGES);
  expect(landingWords("de-CH")).toMatchObject({ language: "de", direction: "ltr" });
  expect(landingWords("ar")).toMatchObject({ language: "ar", direction: "rtl" });
  expect(landingWords("ja").language).toBe("en");
});
