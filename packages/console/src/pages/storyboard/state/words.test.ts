import { expect, test } from "vitest";
import type { Draft } from "./draft.ts";
import { languagesOf, ownWordsIn, withWordsIn, wordsIn } from "./words.ts";

test("a text becomes one of several languages with its second one, and one text again without it", () => {
  const both = withWordsIn("Hello", "de", "en", "Hallo");
  expect(both).toEqual({ en: "Hello", de: "Hallo" });
  expect(wordsIn(both, "de", "en")).toBe("Hallo");
  expect(wordsIn(both, "fr", "en")).toBe("Hello");
  expect(ownWordsIn(both, "fr", "en")).toBe("");
  expect(withWordsIn(both, "de", "en", "")).toBe("Hello");
  expect(withWordsIn("Hello", "en", "en", "Hi")).toBe("Hi");
  expect(withWordsIn("Hello", "de", "en", "")).toBe("Hello");
  expect(withWordsIn({ en: "Hello", de: "Hallo" }, "en", "en", "")).toEqual({ en: "", de: "Hallo" });
});

test("a storyboard's languages are those of its words, its own first", () => {
  const draft: Draft = {
    title: "Spring",
    language: { default: "de" },
    scenes: [{ name: "a", durationMs: 1_000, caption: { de: "Hallo", en: "Hello" } }],
    page: { title: { de: "Für Sie", fr: "Pour vous" } },
    samples: [{ name: "a", values: { title: "none" } }],
  };
  expect(languagesOf(draft)).toEqual(["de", "en", "fr"]);
});
