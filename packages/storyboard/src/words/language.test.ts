import { expect, test } from "vitest";
import { rowOf } from "../row.ts";
import { buildScene, buildStoryboard, buildText } from "../testing.ts";
import { languageOf, spokenLanguages, textIn } from "./language.ts";

const storyboard = buildStoryboard({
  language: { default: "en", column: "language" },
  scenes: [buildScene({ layers: [buildText({ en: "Hi", de: "Hallo", "pt-BR": "Oi" })] })],
  page: { footer: { he: "שלום", en: "Bye" } },
});

test("it speaks what any of its texts is written in", () => {
  expect(spokenLanguages(storyboard)).toEqual(["en", "de", "pt-BR", "he"]);
});

test.each([
  ["de", "de"],
  [" DE ", "de"],
  ["de-AT", "de"],
  ["de_CH", "de"],
  ["pt", "pt-BR"],
  ["pt-PT", "pt-BR"],
  ["he_IL", "he"],
  ["fr", "en"],
  ["", "en"],
  ["<script>", "en"],
])("a row that says %j sees %s", (value, expected) => {
  expect(languageOf(storyboard, rowOf({ language: value }))).toBe(expected);
});

test("an asked-for language goes before the row's", () => {
  expect(languageOf(storyboard, rowOf({ language: "de" }), "he")).toBe("he");
});

test("a text that lacks a language is shown in the storyboard's own, or in whatever there is", () => {
  expect(textIn({ de: "Hallo", en: "Hi" }, "he", "en")).toBe("Hi");
  expect(textIn({ de: "Hallo" }, "he", "en")).toBe("Hallo");
  expect(textIn({ "de-AT": "Servus", de: "Hallo" }, "de", "en")).toBe("Hallo");
  expect(textIn({}, "he", "en")).toBe("");
  expect(textIn("One for all", "he", "en")).toBe("One for all");
});
