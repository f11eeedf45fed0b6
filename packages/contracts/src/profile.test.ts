import { expect, test } from "vitest";
import { linksSchema } from "./profile.ts";

const accepts = (links: object) => linksSchema.safeParse(links).success;

test.each(["", "PURL_", "Für Sie - ", "v1.", "リンク_"])("%j may begin the result file's name", (prefix) => {
  expect(accepts({ prefix })).toBe(true);
});

test.each(["a/b", "a\\b", "a\0", "a\r\n", "a\u0085", "a\u202E", "a\uD800", "a:b", "a*", "a?", 'a"', "<a", "a>", "a|b"])(
  "%j fits into no file's name",
  (part) => {
    expect(accepts({ prefix: part })).toBe(false);
    expect(accepts({ suffix: part })).toBe(false);
  },
);

test("a result file is not hidden", () => {
  expect(linksSchema.safeParse({ prefix: ".PURL_" }).error?.issues[0]?.message).toBe("must not begin with a dot");
  expect(accepts({ suffix: ".links" })).toBe(true);
});
