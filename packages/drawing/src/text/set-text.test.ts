import type { TextStyle } from "@inlet/storyboard/film";
import { beforeAll, expect, test } from "vitest";
import { type Fonts, openFonts } from "../fonts/open-fonts.ts";
import { setText } from "./set-text.ts";

let fonts: Fonts;
beforeAll(async () => {
  fonts = await openFonts();
});

const style = (overrides: Partial<TextStyle> = {}): TextStyle => ({
  ...{ font: "sans", size: 38, bold: true, colour: "#ffffff", align: "centre", vertical: "middle", direction: "ltr" },
  ...overrides,
});
const BOX = { width: 380, height: 120 };
const linesOf = (text: string, overrides: Partial<TextStyle> = {}, box = BOX) => {
  const { size, lines } = setText(text, style(overrides), box, fonts);
  return [Math.round(size * 100) / 100, ...lines.map((line) => line.text)];
};

test.each<[string, Partial<TextStyle>, (number | string)[]]>([
  [
    "Your order is on its way to Hauptstraße 12, 80331 München – it will arrive on Tuesday.",
    { font: "serif", size: 26, bold: false },
    [23.92, "Your order is on its way to", "Hauptstraße 12, 80331 München –", "it will arrive on Tuesday."],
  ],
  [
    "Maximiliane-Alexandra von Hohenstaufen-Württemberg, this one is for you",
    { font: "mono" },
    [22.8, "Maximiliane-Alexandra von", "Hohenstaufen-Württemberg,", "this one is for you"],
  ],
  ["שלום שרה, יום הולדת שמח! 🎉", { direction: "rtl" }, [38, "שלום שרה, יום הולדת", "שמח! 🎉"]],
  ["Line one\nline two  with  blanks\n\nafter", { size: 24 }, [24, "Line one", "line two  with  blanks", "", "after"]],
  ["Ελένη Світлана Łukasz Zoë Nguyễn", { font: "display" }, [38, "Ελένη Світлана", "Łukasz Zoë Nguyễn"]],
  [
    "see https://example.org/path?x=1&y=2 or write to foo@bar.example",
    { size: 26 },
    [23.92, "see https://example.org/path?", "x=1&y=2 or write to", "foo@bar.example"],
  ],
])("lines break where Chromium breaks them: %s", (text, overrides, lines) => {
  expect(linesOf(text, overrides)).toEqual(lines);
});

test("a word that is too wide makes all smaller; one that never fits is broken at the smallest step", () => {
  expect(linesOf("Donaudampfschifffahrt", { size: 60 })).toEqual([30, "Donaudampfschifffahrt"]);
  const [size, ...lines] = linesOf("W".repeat(60), { size: 60 });
  expect([size, lines.join("")]).toEqual([
    30,
    "W"
      .repeat(60)
      .slice(0, lines.join("").length - 1)
      .concat("…"),
  ]);
});

test("of lines that are too many those that fit stay, the last with an ellipsis; one stays in any box", () => {
  const { size, lines } = setText("many words ".repeat(60), style(), BOX, fonts);
  expect([size, lines.length, lines.at(-1)!.text.slice(-6)]).toEqual([19, 5, "words…"]);
  expect(linesOf("many words here", { size: 40 }, { width: 100, height: 5 })).toEqual([20, "many…"]);
});

test("words stand where the box says", () => {
  const edges = (overrides: Partial<TextStyle>) => {
    const [line] = setText("Hi", style(overrides), BOX, fonts).lines;
    return [Math.round(line!.left), Math.round(line!.left + line!.width), line!.baseline];
  };
  // Inter's ascent and descent in whole pixels, 37 and 9, in a line of 44.84.
  expect(edges({ align: "left", vertical: "top" })).toEqual([0, 39, 36]);
  expect(edges({ align: "right", vertical: "bottom" })).toEqual([341, 380, 120 - 44.84 + 36]);
  expect(edges({ align: "centre", vertical: "middle" })).toEqual([171, 209, 60 - 22.42 + 36]);
});

test("what goes from right to left is seen so, with numbers and Latin words in it as they are", () => {
  const [line] = setText("שלום Sarah 12", style({ direction: "rtl" }), BOX, fonts).lines;
  const [latin] = [fonts.chain({ font: "sans", bold: true })[0]!];
  const inLatin = line!.glyphs.map(({ typeface }) => typeface === latin);
  // Seen from the left: 12, Sarah, and the Hebrew word last; blanks are of the first font.
  expect(inLatin).toEqual([...Array(9).fill(true), ...Array(4).fill(false)]);
  expect(line!.glyphs.map(({ x }) => x)).toEqual(line!.glyphs.map(({ x }) => x).toSorted((a, b) => a - b));
});

test("emoji are one glyph each, in colour, and what no font has is left out", () => {
  const [line] = setText("👨‍👩‍👧🇩🇪👍🏽❤️\u{10FFFD}", style(), BOX, fonts).lines;
  expect(line!.glyphs.map(({ typeface }) => typeface === fonts.emoji)).toEqual([true, true, true, true]);
  expect(
    new Set(line!.glyphs.flatMap(({ glyph }) => fonts.emoji.shapes(glyph).map(({ fill }) => fill))).size,
  ).toBeGreaterThan(5);
});
