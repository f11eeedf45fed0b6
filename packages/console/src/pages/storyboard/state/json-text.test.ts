import { expect, test } from "vitest";
import { jsonOf, placesIn, readJson } from "./json-text.ts";
import { isDraft, readDraft } from "./read-draft.ts";

const draft = {
  title: "Spring",
  scenes: [
    { name: "hello", durationMs: 3_000 },
    { name: "offer", durationMs: 100, caption: "A price" },
  ],
};

test("what is written as text is read back as it was", () => {
  expect(readJson(jsonOf(draft))).toEqual({ value: draft });
});

test("a setting's place is its value's, an object's is its name, and a missing one's is its parent's", () => {
  const text = jsonOf(draft);
  const placeOf = placesIn(text);
  const at = (path: (string | number)[]) => text.slice(placeOf(path).from, placeOf(path).to);
  expect(at(["scenes", 1, "durationMs"])).toBe("100");
  expect(at(["scenes"])).toBe('"scenes"');
  expect(at(["scenes", 1, "chapter"])).toBe("{");
  expect(placeOf(["scenes", 1, "durationMs"]).line).toBe(10);
});

test.each([
  ['{\n  "title": "Spring",\n  "scenes": [}\n', 3, "A value was expected here."],
  ['{"title": "Spring",\n}', 1, "Nothing follows this comma: take it away."],
  ['{"title": "Spring"', 1, "The text ends too early: a bracket or a quote is missing."],
  ['{\n"title" "Spring"}', 2, "A colon was expected here."],
  ["{\n'title': 1}", 2, "A name in double quotes was expected here."],
  ['{"title": 1}\n]', 2, "The text goes on after its end."],
  ['{"title": "a\n"}', 1, "A quoted text is not closed on its line."],
])("what keeps %j from being JSON is told where it stands", (text, line, message) => {
  expect(readJson(text)).toEqual({ mistake: expect.objectContaining({ line, message }) });
});

test("a draft's mistakes are told by their paths, and defaults are filled in where there are none", () => {
  const { problems, storyboard } = readDraft(draft);
  expect(storyboard).toBe(undefined);
  expect(problems.map(({ path }) => path)).toEqual([["scenes", 1, "durationMs"]]);
  expect(readDraft({ ...draft, scenes: draft.scenes.slice(0, 1) }).storyboard?.stage).toBe("landscape");
});

test("only what has scenes and layers is shown as a form", () => {
  expect(isDraft(draft)).toBe(true);
  expect(isDraft({ ...draft, scenes: [{ name: "a", durationMs: 1, layers: [{ kind: "text" }] }] })).toBe(false);
  expect(isDraft({ ...draft, samples: [{ name: "a" }] })).toBe(false);
  expect(isDraft({ ...draft, scenes: [{ name: "a", durationMs: 1, when: { none: [] } }] })).toBe(false);
  expect(isDraft([])).toBe(false);
});
