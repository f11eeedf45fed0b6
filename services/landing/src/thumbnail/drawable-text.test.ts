import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { beforeAll, expect, test } from "vitest";
import { drawableText } from "./drawable-text.ts";
import { type FontCoverage, fontCoverage } from "./font-coverage.ts";
import { openFonts } from "./fonts.ts";

let coverage: FontCoverage;
beforeAll(async () => {
  const fonts = await openFonts();
  coverage = fonts.coverage;
  await fonts.close();
});

test.each(["Zoë Müller-Łukasz", "Ελένη", "Світлана", "שָׁלוֹם", "مرحبا سارة", "🎉🎁 👨‍👩‍👧 ❤️ 🇩🇪", "a\nb — “c” … €"])(
  "%s can be drawn",
  (text) => {
    expect(drawableText(text, coverage)).toBe(text);
  },
);

test("a symbol without a glyph is left out", () => {
  expect(drawableText("a \u{10FFFD}\u{E123} b", coverage)).toBe("a b");
});

test("a text with letters without glyphs is left out as a whole", () => {
  expect(drawableText("王伟", coverage)).toBe("");
  expect(drawableText("Wei 王", coverage)).toBe("");
});

test("coverage is what the font's own character map says", async () => {
  const require = createRequire(import.meta.url);
  const font = await readFile(require.resolve("dejavu-fonts-ttf/ttf/DejaVuSans.ttf"));
  const dejavu = fontCoverage([font]);
  const has = (text: string) => dejavu.has(text.codePointAt(0)!);
  expect(["A", "ß", "Ж", "ש", "ع", "€", "😀", "𝔸"].map(has)).toEqual([true, true, true, true, true, true, true, true]);
  expect(["王", "한", "🎉", "\u{10FFFF}", "\uFFFF"].map(has)).toEqual([false, false, false, false, false]);
});

test("a fonts folder that is not there is a set-up mistake", async () => {
  await expect(openFonts("/nonexistent")).rejects.toThrow(/LANDING_FONTS/);
});
