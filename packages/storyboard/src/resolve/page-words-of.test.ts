import { expect, test } from "vitest";
import { rowOf } from "../row.ts";
import { buildAsset, buildStoryboard } from "../testing.ts";
import { pageWordsOf } from "./page-words-of.ts";

const storyboard = buildStoryboard({
  brand: { colour: "#101010", accent: "#202020" },
  language: { column: "language" },
  fallbacks: { first_name: "you" },
  page: {
    template: "split",
    title: { en: "For {{first_name}}", he: "עבור {{first_name}}" },
    text: "One\n{{address}}",
    fields: [
      { column: "due_on", label: { en: "Due", he: "תאריך" }, format: "date" },
      { column: "first_name", label: "Name" },
      { column: "address", label: "Address" },
    ],
    button: { label: "Open", url: "https://www.example.org/{{id}}" },
    links: [{ label: "Imprint", url: "https://www.example.org/imprint" }],
    logo: "logo.webp",
    favicon: "gone.webp",
  },
});
const assets = { "logo.webp": buildAsset("logo.webp") };
const words = (values: Record<string, string>) => pageWordsOf(storyboard, rowOf(values), { assets });

test("the page's words are merged, and fields without a value left out", () => {
  expect(words({ due_on: "2026-12-01", address: "A\r\nB", id: "1/2" })).toEqual({
    template: "split",
    language: "en",
    direction: "ltr",
    title: { text: "For you", direction: "ltr" },
    text: { text: "One\nA\nB", direction: "ltr" },
    fields: [
      { label: { text: "Due", direction: "ltr" }, value: { text: "1 December 2026", direction: "ltr" } },
      { label: { text: "Address", direction: "ltr" }, value: { text: "A\nB", direction: "ltr" } },
    ],
    button: { label: { text: "Open", direction: "ltr" }, url: "https://www.example.org/1%2F2" },
    footer: { text: "", direction: "ltr" },
    links: [{ label: { text: "Imprint", direction: "ltr" }, url: "https://www.example.org/imprint" }],
    download: false,
    colour: "#101010",
    accent: "#202020",
    logo: { kind: "image", sha256: assets["logo.webp"].sha256, width: 10, height: 10, durationMs: null },
    favicon: undefined,
  });
});

test("a Hebrew recipient's page is written from right to left, its dates in Hebrew", () => {
  const page = words({ language: "he", due_on: "2026-12-01", first_name: "Sarah", id: ".." });
  expect(page.direction).toBe("rtl");
  expect(page.title).toEqual({ text: "עבור \u2068Sarah\u2069", direction: "rtl" });
  expect(page.fields[0]!.value.text).toBe("1 בדצמבר 2026");
  expect(page.button).toBeUndefined();
});
