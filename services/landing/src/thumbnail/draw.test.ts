import sharp from "sharp";
import { afterAll, beforeAll, expect, test } from "vitest";
import { drawThumbnail, type ThumbnailInput } from "./draw.ts";
import { type Fonts, openFonts } from "./fonts.ts";

type Area = readonly [left: number, top: number, width: number, height: number];

let fonts: Fonts;
beforeAll(async () => {
  fonts = await openFonts();
});
afterAll(() => fonts.close());

const input = (overrides: Partial<ThumbnailInput> = {}): ThumbnailInput => ({
  sender: "Acme",
  title: "Sarah, your year",
  text: "In numbers.",
  colour: "#2b4bff",
  ...overrides,
});

/** The share of pixels in an area that are nearly white, as the text is. */
async function inkShare(png: Buffer, [left, top, width, height]: Area) {
  const pixels = await sharp(png).extract({ left, top, width, height }).raw().toBuffer();
  let white = 0;
  for (let i = 0; i < pixels.length; i += 3) if (pixels[i]! > 235 && pixels[i + 1]! > 235) white += 1;
  return white / (pixels.length / 3);
}
const LEFT_HALF: Area = [0, 240, 600, 180];
const RIGHT_HALF: Area = [600, 240, 600, 180];

test("a thumbnail is a PNG of 1200 × 630, the same each time, drawn in less than 50 ms", async () => {
  const first = await drawThumbnail(input());
  expect(await sharp(first).metadata()).toMatchObject({ format: "png", width: 1200, height: 630 });
  expect(await drawThumbnail(input())).toEqual(first);
  let fastestMs = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 9; i++) {
    const startedMs = performance.now();
    await drawThumbnail(input({ title: `Sarah, your year ${i}` }));
    fastestMs = Math.min(fastestMs, performance.now() - startedMs);
  }
  expect(fastestMs).toBeLessThan(50);
});

test("another name is another picture", async () => {
  expect(await drawThumbnail(input({ title: "Zoë, your year" }))).not.toEqual(await drawThumbnail(input()));
});

test("text begins on its own side, left or right", async () => {
  const latin = await drawThumbnail(input({ title: "Sarah", text: "" }));
  const hebrew = await drawThumbnail(input({ title: "שלום", text: "" }));
  expect(await inkShare(latin, LEFT_HALF)).toBeGreaterThan(0.02);
  expect(await inkShare(latin, RIGHT_HALF)).toBe(0);
  expect(await inkShare(hebrew, LEFT_HALF)).toBe(0);
  expect(await inkShare(hebrew, RIGHT_HALF)).toBeGreaterThan(0.02);
});

test.each([
  ["markup", { title: '<span size="900000">&amp;</span> & "x"', text: "</span><b>" }],
  ["very long words", { title: "W".repeat(5000), text: "M".repeat(5000) }],
  ["very many words", { title: "long ".repeat(500), text: "long ".repeat(500) }],
  ["nothing at all", { sender: "", title: "", text: "" }],
  ["blanks", { sender: " ", title: " ", text: "\n" }],
])("%s stays inside the picture", async (_, overrides) => {
  const png = await drawThumbnail(input(overrides));
  // A margin of a few pixels to the right of the text, and all of the bottom, are free of it.
  expect(await inkShare(png, [980, 30, 220, 250])).toBe(0);
  expect(await inkShare(png, [0, 592, 960, 38])).toBe(0);
});
