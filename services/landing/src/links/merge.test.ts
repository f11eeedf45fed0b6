import { expect, test } from "vitest";
import { mergeTemplate, plainText } from "./merge.ts";

const values = new Map([
  ["name", "Sarah"],
  ["city", "Wien"],
  ["braces", "{{name}}"],
]);
const valueIn = (column: string) => values.get(column) ?? "";
const merged = (template: string) => plainText(mergeTemplate(template, valueIn));

test.each([
  ["Hello {{name}}, how is {{city}}?", "Hello Sarah, how is Wien?"],
  ["{{ name }}{{city}}", "SarahWien"],
  ["Hello {{nothing}}, welcome", "Hello, welcome"],
  ["Hello {{nothing}}", "Hello"],
  ["Hello {{nothing}} and welcome", "Hello and welcome"],
  ["{{nothing}} Welcome", "Welcome"],
  ["{{nothing}}", ""],
  ["a {{nothing}}{{name}} b", "a Sarah b"],
  ["one\n{{nothing}}\ntwo", "one\n\ntwo"],
  ["{{name", "{{name"],
  ["{{na me}} {name}", "{{na me}} {name}"],
  ["{{constructor}}{{__proto__}}x", "x"],
  ["no placeholder", "no placeholder"],
])("%j becomes %j", (template, expected) => {
  expect(merged(template)).toBe(expected);
});

test("a value is never taken for a template", () => {
  expect(merged("{{braces}}")).toBe("{{name}}");
});

test("what comes from the client's file is marked", () => {
  expect(mergeTemplate("Hi {{name}}!", valueIn)).toEqual([
    { text: "Hi ", personal: false },
    { text: "Sarah", personal: true },
    { text: "!", personal: false },
  ]);
});
