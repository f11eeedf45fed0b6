import { expect, test } from "vitest";
import { batchTexts, fitOf, found } from "./match.ts";

const RETAIL = { label: "Retail", words: "harbour/iris1012" };
const STORE = { label: "Store stock", words: "harbour/retail" };
const UPLOAD = { label: "Upload a file", words: "send drop" };
const ALL = [STORE, UPLOAD, RETAIL];

test.each([
  ["retail", [RETAIL, STORE]],
  ["RETAIL", [RETAIL, STORE]],
  ["harbour/iris", [RETAIL]],
  ["st st", [STORE]],
  ["file up", [UPLOAD]],
  ["ail", [STORE, RETAIL]],
  ["nothing", []],
  ["", ALL],
  ["   ", ALL],
])("%j finds what it names, the best first", (text, names) => {
  expect(found(ALL, text, 10)).toEqual(names);
});

test("every word has to fit", () => {
  expect(fitOf(STORE, "store nothing")).toBeUndefined();
});

test("no more are found than are asked for", () => {
  expect(found(ALL, "", 2)).toEqual([STORE, UPLOAD]);
});

test.each([
  ["#42", ["#42"]],
  ["42", ["#42"]],
  ["2026", ["#2026", "2026"]],
  ["store-2026", ["store-2026"]],
  ["s", []],
  [" ", []],
  ["#x", ["#x"]],
])("%j is looked for among batches as %j", (text, asked) => {
  expect(batchTexts(text)).toEqual(asked);
});
