import { expect, test } from "vitest";
import { storableJson } from "./storable-json.ts";

test.each([
  ["a\0b", "a␀b"],
  ["half \ud800 and \udfff", "half \ufffd and \ufffd"],
  ["😀", "😀"],
  ["\\u0000 \\ud800", "\\u0000 \\ud800"],
  ["\\\0", "\\␀"],
  ['"\n\u001f', '"\n\u001f'],
])("%j is kept as %j", (text, kept) => {
  expect(JSON.parse(storableJson({ [text]: [text] }))).toEqual({ [kept]: [kept] });
});
