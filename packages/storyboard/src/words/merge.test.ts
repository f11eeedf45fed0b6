import { expect, test } from "vitest";
import { rowOf } from "../row.ts";
import { mergeWords } from "./merge.ts";

const values = {
  name: "Sarah",
  city: "Wien",
  braces: "{{name}}",
  full: "ANNA-MARIA O’NEIL",
  due_on: "2026-12-01",
  seen_at: "2026-12-01 23:30:00+00",
  price: "1234.50",
  big: "12345678901234567890.10",
  hebrew: "שרה",
  phone: "+972 50-5",
  blank: " \t\u200B ",
};
const row = rowOf(values);

function merged(template: string, language = "en", fallbacks: Record<string, string> = {}): string {
  const direction = language === "he" ? "rtl" : "ltr";
  return mergeWords(template, { row, fallbacks, language, direction }, { maxCharacters: 60, lines: false }).text;
}

test.each([
  ["Hello {{name}}, how is {{city}}?", "Hello Sarah, how is Wien?"],
  ["{{ name }}{{city}}", "SarahWien"],
  ["Hello {{nothing}}, welcome", "Hello, welcome"],
  ["Hello {{nothing}}", "Hello"],
  ["Hello {{nothing}} and welcome", "Hello and welcome"],
  ["Dear {{nothing}} {{nothing2}}, hello", "Dear, hello"],
  ["Happy birthday, {{nothing}}!", "Happy birthday!"],
  ["Happy birthday, {{nothing}}", "Happy birthday"],
  ["From {{city}}, {{nothing}} and on", "From Wien, and on"],
  ["{{nothing}} Welcome", "Welcome"],
  ["{{nothing}}, welcome", "welcome"],
  [" {{nothing}}, welcome", "welcome"],
  ["{{nothing}} {{name}}, welcome", "Sarah, welcome"],
  ["{{nothing}}", ""],
  ["{{blank}}!", ""],
  ["a {{nothing}}{{name}} b", "a Sarah b"],
  ["one\n{{nothing}}\ntwo", "one\n\ntwo"],
  ["{{name", "{{name"],
  ["{{na me}} {name}", "{{na me}} {name}"],
  ["{{name:loud}}", "{{name:loud}}"],
  ["{{constructor}}{{toString}}x", "x"],
  ["no placeholder", "no placeholder"],
  ["{{nothing|my friend}} & {{blank|you}}", "my friend & you"],
  ["Hi {{nothing|}}, you", "Hi, you"],
  ["Hi {{usual}}", "Hi neighbour"],
  ["Hi {{usual|own}}", "Hi own"],
  ["{{due_on:date|soon}}, {{nothing:date|soon}}", "1 December 2026, soon"],
  ["{{ due_on : day }} {{seen_at:weekday}}", "1 December Tuesday"],
  ["{{price:number}} {{big:number}}", "1,234.50 12,345,678,901,234,567,890.10"],
  ["{{city:date}} {{city:number}}", "Wien Wien"],
  ["{{full:title}} {{full:first}} {{name:upper}}", "Anna-Maria O’neil ANNA-MARIA SARAH"],
])("%j reads %j", (template, expected) => {
  expect(merged(template, "en", { usual: "neighbour" })).toBe(expected);
});

test.each([
  ["de", "1. Dezember 2026 1.234,50"],
  ["pt-BR", "1 de dezembro de 2026 1.234,50"],
  ["en-US", "December 1, 2026 1,234.50"],
  ["xx", "1 December 2026 1,234.50"],
  ["he", "1 בדצמבר 2026 1,234.50"],
])("dates and numbers are written as %s does", (language, expected) => {
  const text = merged("{{due_on:date}} {{price:number}}", language);
  expect(text.replace(/[\u2068\u2069]/g, "")).toBe(expected);
});

test("a value is never taken for a template", () => {
  expect(merged("{{braces}}")).toBe("{{name}}");
});

test("where anything is written from right to left, values stand isolated; elsewhere nothing is added", () => {
  expect(merged("Hi {{name}}!")).toBe("Hi Sarah!");
  expect(merged("Hi {{hebrew}}: {{phone}}!")).toBe("Hi \u2068שרה\u2069: \u2068+972 50-5\u2069!");
  expect(merged("שלום {{name}}!", "he")).toBe("שלום \u2068Sarah\u2069!");
});

test("the author's words say which way a text is written, not a name in it", () => {
  const direction = (template: string, film: "ltr" | "rtl") =>
    mergeWords(template, { row, fallbacks: {}, language: "en", direction: film }, { maxCharacters: 60, lines: false })
      .direction;
  expect(direction("{{hebrew}}, welcome", "ltr")).toBe("ltr");
  expect(direction("{{hebrew}}!", "ltr")).toBe("ltr");
  expect(direction("{{name}}!", "rtl")).toBe("rtl");
  expect(direction("{{name}}, שלום", "ltr")).toBe("rtl");
});

test.each([
  ["an override", "a\u202Eb\u2066c\u2069d", "abcd"],
  ["HTML", "<script>alert(1)</script>", "<script>alert(1)</script>"],
  ["a family", "👨‍👩‍👧‍👦", "👨‍👩‍👧‍👦"],
  ["line ends", "a\r\nb\u2028c", "a b c"],
  ["ten thousand letters", "x".repeat(10_000), `${"x".repeat(59)}…`],
  ["a control character", "a\0\x1bb", "ab"],
])("%s in a value does no harm", (_, value, expected) => {
  const merging = { row: rowOf({ value }), fallbacks: {}, language: "en", direction: "ltr" as const };
  const limits = { maxCharacters: 60, lines: false };
  expect(mergeWords("{{value}}", merging, limits).text).toBe(expected);
  for (const format of ["date", "number", "upper", "title", "first"])
    expect(mergeWords(`{{value:${format}}}`, merging, limits).text.length).toBeLessThan(80);
});
