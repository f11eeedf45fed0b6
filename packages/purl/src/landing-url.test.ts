import { expect, test } from "vitest";
import { landingUrlSchema, linkAddress, linkLength, linkOf, linkShapes } from "./landing-url.ts";

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

test.each([
  [undefined, "https://example.org/links"],
  ["https://Video.example.org", "https://video.example.org"],
  ["https://grüße.example:443", "https://xn--gre-6ka8l.example"],
  ["http://video.example.org:8080", "http://video.example.org:8080"],
])("a project with the address %s has its links at %s", (own, expected) => {
  expect(linkAddress(own, "https://example.org/links")).toBe(expected);
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
