import { expect, test } from "vitest";
import { rowOf } from "../row.ts";
import { mergeUrl, urlFault } from "./merge-url.ts";

const merged = (template: string, values: Record<string, string> = {}) =>
  mergeUrl(template, { row: rowOf(values), fallbacks: { id: "none" }, language: "en", direction: "ltr" });

test.each([
  ["https://www.example.org", {}, "https://www.example.org/"],
  [
    "https://www.example.org/{{id}}?a={{b}}#{{c}}",
    { id: "a/b?c#d", b: "1&x=2", c: "é" },
    "https://www.example.org/a%2Fb%3Fc%23d?a=1%26x%3D2#%C3%A9",
  ],
  ["https://www.example.org?id={{id}}", { id: "@evil.example" }, "https://www.example.org/?id=%40evil.example"],
  ["https://www.example.org/{{id}}", {}, "https://www.example.org/none"],
  ["https://www.example.org/{{id|own}}", {}, "https://www.example.org/own"],
  ["https://www.example.org/{{id}}/x", { id: "\\..\\" }, "https://www.example.org/%5C..%5C/x"],
  ["https://www.example.org/{{id}}", { id: "javascript:alert(1)" }, "https://www.example.org/javascript%3Aalert(1)"],
  ["https://www.example.org/{{id}}", { id: "a\uD800\0\u202Eb" }, "https://www.example.org/a%EF%BF%BDb"],
  ["https://www.example.org/{{id}}", { id: "x".repeat(10_000) }, `https://www.example.org/${"x".repeat(500)}`],
])("%s with %j", (template, values, expected) => {
  expect(merged(template, values)).toBe(expected);
});

test.each([
  ["https://www.example.org/a/{{id}}/b", { id: ".." }],
  ["https://www.example.org/a/.{{id}}/b", { id: "." }],
  ["https://{{id}}/", { id: "evil.example" }],
  ["https://www.example.org{{id}}/", { id: ".evil.example" }],
  ["https://www.example.org{{id}}", { id: "@evil.example/" }],
  ["{{id}}://www.example.org/", { id: "javascript" }],
  ["{{id}}", { id: "https://evil.example/" }],
  ["javascript:alert(1)", {}],
  ["data:text/html,x", {}],
  ["//www.example.org/", {}],
  ["https://iris@www.example.org/{{id}}", {}],
  ["https://www.example.org\\{{id}}", {}],
])("%s with %j leads nowhere", (template, values) => {
  expect(merged(template, values)).toBeUndefined();
});

test("why an address is none", () => {
  expect(urlFault("https://www.example.org/{{id}}")).toBeUndefined();
  expect(urlFault("javascript:alert(1)")).toContain("begins with https://");
  expect(urlFault("https://{{id}}/")).toContain("not in its host");
  expect(urlFault("https://iris:secret@www.example.org/")).toContain("names a user");
});
