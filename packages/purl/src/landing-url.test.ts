import { expect, test } from "vitest";
import { landingUrlSchema, linkLength, linkOf, linkShapes } from "./landing-url.ts";

test.each([
  ["https://go.example.org", "https://go.example.org"],
  ["https://go.example.org/", "https://go.example.org"],
  ["http://127.0.0.1:8081", "http://127.0.0.1:8081"],
  ["https://example.org/links/", "https://example.org/links"],
  ["https://grüße.example/ü", "https://xn--gre-6ka8l.example/%C3%BC"],
])("%s becomes %s", (given, expected) => {
  expect(landingUrlSchema.parse(given)).toBe(expected);
});

test.each([
  "go.example.org",
  "ftp://example.org",
  "javascript:alert(1)",
  "https://a.example/?x=1",
  "https://u@a.example",
])("%s is refused", (given) => {
  expect(landingUrlSchema.safeParse(given).success).toBe(false);
});

test("a link is as long as its shape says", () => {
  const { thumbnail, page } = linkShapes("https://go.example.org");
  const token = "A".repeat(35);
  expect(linkOf(thumbnail, token)).toBe(`https://go.example.org/t/${token}.png`);
  expect(linkOf(page, token)).toBe(`https://go.example.org/p/${token}`);
  expect([linkLength(thumbnail), linkLength(page)]).toEqual([
    linkOf(thumbnail, token).length,
    linkOf(page, token).length,
  ]);
});
