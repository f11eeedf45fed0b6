import { expect, test } from "vitest";
import { namedAssets } from "./named-assets.ts";

test("every setting that names an asset counts, also in a storyboard that is none yet", () => {
  const shows = namedAssets({
    scenes: [{ background: { asset: "sky.webp" }, layers: [{ asset: { name: "x.webp", fallback: "gift.webp" } }, 7] }],
    music: { asset: "song.m4a" },
    page: { logo: "Logo.webp", favicon: 1 },
    note: "asset",
  });
  const names = ["sky.webp", "x.webp", "gift.webp", "song.m4a", "logo.webp", "note", "asset", "1"];
  expect(names.filter(shows)).toEqual(["sky.webp", "x.webp", "gift.webp", "song.m4a", "logo.webp"]);
});

test.each([
  ["{{product}}.webp", "blue.webp", true],
  ["{{product}}.webp", "Blue.WEBP", true],
  ["{{product}}.webp", ".webp", true],
  ["{{product}}.webp", "blue.png", false],
  ["shoe-{{size:number|40}}-{{colour}}.webp", "shoe-42-blue.webp", true],
  ["shoe-{{size}}-{{colour}}.webp", "shoe-42.webp", false],
  // No letter is taken twice.
  ["a{{x}}a", "a", false],
  ["{{x}}", "anything", true],
])("%s may become %s: %s", (name, asset, expected) => {
  expect(namedAssets({ asset: { name } })(asset)).toBe(expected);
});

test("a name made to be slow is no slower", () => {
  const shows = namedAssets({ asset: { name: "{{x}}a".repeat(60) } });
  expect(shows(`${"a".repeat(98)}bb`)).toBe(false);
});

test("what is too long to be a name, or more than any storyboard names, is not read through", () => {
  expect(namedAssets({ asset: "{".repeat(400_000) })("cake.webp")).toBe(false);
  const many = Array.from({ length: 6_000 }, (_, index) => ({ asset: `{{x}}-${index}` }));
  expect(namedAssets(many)("cake.webp")).toBe(true);
  expect(namedAssets(many.slice(0, 5_000))("cake.webp")).toBe(false);
});
