import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { type Fonts, openFonts } from "../fonts/open-fonts.ts";
import { drawableRow, drawableText } from "./drawable-text.ts";

let fonts: Fonts;
beforeAll(async () => {
  fonts = await openFonts();
});

test.each(["Zoë Müller-Łukasz", "Ελένη", "Світлана", "שָׁלוֹם", "مرحبا سارة", "🎉🎁 👨‍👩‍👧 ❤️ 🇩🇪", "a\nb — “c” … €"])(
  "%s can be drawn",
  (text) => {
    expect(drawableText(text, fonts)).toBe(text);
  },
);

test("a symbol without a glyph is left out", () => {
  expect(drawableText("a \u{10FFFD}\u{E123} b", fonts)).toBe("a b");
});

test("a text with letters without glyphs is left out as a whole", () => {
  expect(drawableText("王伟", fonts)).toBe("");
  expect(drawableText("Wei 王", fonts)).toBe("");
});

test("a row's value with letters without glyphs is an empty cell, any other is as it was", () => {
  const values: Record<string, string> = { name: "王伟", city: " Łódź \u{10FFFD}" };
  const row = drawableRow((column) => values[column], fonts);
  expect([row("name"), row("city"), row("none")]).toEqual([null, " Łódź \u{10FFFD}", undefined]);
});

test("a folder of fonts that is not there, or holds something else, is a set-up mistake", async () => {
  await expect(openFonts("/nonexistent")).rejects.toThrow(/LANDING_FONTS/);
  const folder = await mkdtemp(join(tmpdir(), "inlet-fonts-"));
  await writeFile(join(folder, "letter.ttf"), "not a font");
  await expect(openFonts(folder)).rejects.toThrow(/LANDING_FONTS/);
  await rm(folder, { recursive: true });
});
