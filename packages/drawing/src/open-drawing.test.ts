import { beforeAll, describe, expect, test } from "vitest";
import type { Drawing, Picture } from "./drawing.ts";
import { type Fonts, openFonts } from "./fonts/open-fonts.ts";
import { openDrawing } from "./open-drawing.ts";
import {
  buildAsset,
  buildButton,
  buildFilm,
  buildImage,
  buildScene,
  buildShape,
  buildText,
  colourAt,
  halves,
} from "./testing.ts";

let fonts: Fonts;
let files: Record<string, Buffer>;
beforeAll(async () => {
  fonts = await openFonts();
  files = { a: await halves("#ff0000", "#0000ff"), b: Buffer.from("not an image") };
});

/** What is drawn by, and how often a file was read. */
function open(): Drawing & { reads: () => number } {
  let reads = 0;
  const readAsset = async ({ sha256 }: { sha256: string }) => {
    reads += 1;
    return files[sha256[0]!];
  };
  return { ...openDrawing({ fonts, readAsset, cacheBytes: 8 * 1024 * 1024 }), reads: () => reads };
}
const STAGE = { width: 400, height: 200 };
const background = (overrides: object) =>
  buildScene({ background: { ...buildScene().background, ...overrides } }).background;

/** What of a picture is nearly white: the letters. */
function inkBox({ pixels, width, height, format }: Picture) {
  const bytes = format === "rgba" ? 4 : 3;
  const found = { left: width, top: height, right: -1, bottom: -1 };
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (!pixels.subarray((y * width + x) * bytes, (y * width + x) * bytes + bytes).every((value) => value > 200))
        continue;
      found.left = Math.min(found.left, x);
      found.right = Math.max(found.right, x);
      found.top = Math.min(found.top, y);
      found.bottom = Math.max(found.bottom, y);
    }
  }
  return found;
}

describe("a layer", () => {
  test("of text is no larger than its letters, and stands where its box says", async () => {
    const box = { x: 100, y: 50, width: 300, height: 120 };
    const text = buildText({ box, text: "Hxg", size: 100, bold: true });
    const layer = (await open().drawLayer(text))!;
    // Inter's H is 0.727 of its size high, its g goes 0.2 below the letters' line, which is 96 from the box's top.
    expect([layer.left - box.x, layer.top]).toEqual([6, 73]);
    expect([layer.height, layer.width > 150, layer.width < 220]).toEqual([95, true, true]);
    const { left, top, right, bottom } = inkBox(layer);
    expect([left, top, layer.width - 1 - right, layer.height - 1 - bottom].every((px) => px <= 2)).toBe(true);
  });

  test("in a frame has its middle where its box has its own", async () => {
    const box = { x: 10, y: 20, width: 201, height: 80 };
    for (const text of [
      buildText({ box, text: "left" }),
      buildText({ box, text: "fffff", font: "serif", size: 100 }),
    ]) {
      const layer = (await open().drawLayer(text, "centred"))!;
      expect([layer.left + layer.width / 2, layer.top + layer.height / 2]).toEqual([110.5, 60]);
    }
  });

  test("of text without letters, or wholly blank, is none", async () => {
    const drawing = open();
    expect(await drawing.drawLayer(buildText({ text: " " }))).toBeUndefined();
    expect(await drawing.drawLayer(buildText({ text: "\u{10FFFD}" }))).toBeUndefined();
  });

  test("of hostile text shows it as text", async () => {
    const size = async (text: string) =>
      (await open().drawLayer(buildText({ text, box: { x: 0, y: 0, width: 4000, height: 100 } })))!.width;
    const plain = await size("xxx<b>&amp;</b>");
    expect(plain).toBeGreaterThan((await size("xxx&")) * 2);
    expect(await size('"/><script>alert(1)</script>')).toBeGreaterThan(plain);
  });

  test("has round corners, shapes and pictures alike", async () => {
    const drawing = open();
    const box = { x: 0, y: 0, width: 100, height: 60 };
    for (const layer of [buildShape({ box, radius: 500 }), buildImage({ box, radius: 500 })]) {
      const { pixels, width, height } = (await drawing.drawLayer(layer))!;
      const alpha = (x: number, y: number) => pixels[(y * width + x) * 4 + 3];
      expect([width, height]).toEqual([100, 60]);
      expect([alpha(0, 0), alpha(99, 0), alpha(0, 59), alpha(99, 59)]).toEqual([0, 0, 0, 0]);
      expect([alpha(9, 9)! > 200, alpha(7, 7)! < 50, alpha(50, 0), alpha(50, 30)]).toEqual([true, true, 255, 255]);
    }
  });

  test("of a picture covers its box, or is contained in it", async () => {
    const drawing = open();
    const box = { x: 7, y: 9, width: 100, height: 100 };
    const cover = (await drawing.drawLayer(buildImage({ box })))!;
    expect([cover.left, cover.top, cover.width, cover.height]).toEqual([7, 9, 100, 100]);
    expect([colourAt(cover, 10, 50), colourAt(cover, 90, 50)]).toEqual(["#ff0000", "#0000ff"]);
    const contained = (await drawing.drawLayer(buildImage({ box, fit: "contain" })))!;
    expect([contained.left, contained.top, contained.width, contained.height]).toEqual([7, 34, 100, 50]);
  });

  test("of a button has its label in its middle, away from its ends", async () => {
    const button = buildButton({ box: { x: 0, y: 0, width: 200, height: 80 }, text: "Open the whole thing now" });
    const layer = (await open().drawLayer(button))!;
    const { left, right, top, bottom } = inkBox(layer);
    expect(left).toBeGreaterThanOrEqual(20);
    expect(right).toBeLessThan(180);
    expect(Math.abs(left + right - 199)).toBeLessThan(6);
    expect(Math.abs(top + bottom - 79)).toBeLessThan(10);
    expect([colourAt(layer, 100, 2), layer.pixels[3]]).toEqual(["#0000ff", 0]);
  });
});

describe("a background", () => {
  test("goes from the top left to the bottom right; the other corners have the middle", async () => {
    const picture = await open().drawBackground(background({ colour: "#000000", to: "#ffffff" }), STAGE);
    const level = (x: number, y: number) => Number.parseInt(colourAt(picture, x, y).slice(1, 3), 16);
    expect([level(0, 0) < 3, level(399, 199) > 252]).toEqual([true, true]);
    expect([level(399, 0), level(0, 199), level(200, 100)].every((each) => Math.abs(each - 127.5) < 2)).toBe(true);
  });

  test("is a picture over its colour, darkened", async () => {
    const drawing = open();
    const covered = await drawing.drawBackground(background({ asset: buildAsset(), dim: 0.5 }), STAGE);
    expect([colourAt(covered, 50, 100), colourAt(covered, 350, 100)]).toEqual(["#800000", "#000080"]);
    const square = { width: 400, height: 400 };
    const contained = await drawing.drawBackground(background({ asset: buildAsset(), fit: "contain" }), square);
    expect([colourAt(contained, 50, 50), colourAt(contained, 50, 200)]).toEqual(["#008000", "#ff0000"]);
  });

  test("whose picture is missing or damaged is its colour, and is tried again", async () => {
    const drawing = open();
    for (const sha256 of ["b", "c"]) {
      const asset = buildAsset({ sha256: sha256.repeat(64) });
      for (let turn = 0; turn < 2; turn++) {
        expect(colourAt(await drawing.drawBackground(background({ asset }), STAGE), 9, 9)).toBe("#008000");
      }
    }
    expect(drawing.reads()).toBe(4);
  });

  test("and layers are drawn once, whoever shows them", async () => {
    const drawing = open();
    const scene = buildScene({
      background: background({ asset: buildAsset() }),
      layers: [buildImage({ opacity: 0.5 })],
    });
    const other = buildScene({ ...scene, layers: [buildImage({ fromMs: 100, opacity: 1 })] });
    await drawing.drawMoment(buildFilm([scene]), 500, "rest");
    await drawing.drawMoment(buildFilm([other]), 500, "rest");
    expect(drawing.reads()).toBe(2);
  });
});

describe("a moment", () => {
  const late = buildShape({ fromMs: 800, fill: "#ffffff", enter: { kind: "slide_up", durationMs: 200 } });
  const early = buildShape({ untilMs: 300, box: { x: 200, y: 0, width: 200, height: 100 } });
  const film = buildFilm([
    buildScene({ layers: [late, early] }),
    buildScene({
      ...{ fromMs: 1_000, untilMs: 2_000, transition: { kind: "slide", durationMs: 400 } },
      background: background({ colour: "#ffff00" }),
    }),
  ]);

  test("at rest has what is there or still to come, in its place, and not what has left", async () => {
    const picture = await open().drawMoment(film, 500, "rest");
    expect([colourAt(picture, 100, 50), colourAt(picture, 300, 50)]).toEqual(["#ffffff", "#008000"]);
    expect(colourAt(await open().drawMoment(film, 1_000, "rest"), 10, 10)).toBe("#ffff00");
  });

  test("exactly is as the player shows it: on its way, faded, between two scenes", async () => {
    const drawing = open();
    expect(colourAt(await drawing.drawMoment(film, 500, "exact"), 100, 50)).toBe("#008000");
    // Half of its time: half faded in, an eighth of 80 pixels still to go.
    const coming = await drawing.drawMoment(film, 900, "exact");
    expect([colourAt(coming, 100, 9), colourAt(coming, 100, 50)]).toEqual(["#008000", "#7fbf7f"]);
    const sliding = await drawing.drawMoment(film, 1_100, "exact");
    expect([colourAt(sliding, 299, 150), colourAt(sliding, 301, 150)]).toEqual(["#008000", "#ffff00"]);
  });

  test("exactly scales what zooms about the middle of its box", async () => {
    const zooming = buildShape({
      enter: { kind: "pop", durationMs: 1_000 },
      box: { x: 100, y: 50, width: 200, height: 100 },
    });
    // At its begin it is half as large, and there by a thousandth only; so by then it is seen on its way out.
    const leaving = {
      ...zooming,
      enter: { kind: "none", durationMs: 0 },
      leave: { kind: "pop", durationMs: 1_000 },
    } as const;
    const picture = await open().drawMoment(buildFilm([buildScene({ layers: [leaving] })]), 500, "exact");
    // 1 - 0.5 · 0.125: 187.5 × 93.75 about (200, 100).
    expect([colourAt(picture, 104, 100), colourAt(picture, 109, 100)]).toEqual(["#008000", "#7f4000"]);
    expect([colourAt(picture, 200, 51), colourAt(picture, 200, 57)]).toEqual(["#008000", "#7f4000"]);
  });
});

describe("a poster", () => {
  const isWhite = (picture: Picture, x: number, y: number) => colourAt(picture, x, y) === "#ffffff";

  test("has its play button in the middle, or where it covers no words", async () => {
    const drawing = open();
    const film = (text: string, y: number) =>
      buildFilm([
        buildScene({
          layers: [
            buildText({ text, size: 30, colour: "#ff0000", align: "centre", box: { x: 0, y, width: 400, height: 60 } }),
          ],
        }),
      ]);
    const middle = await drawing.drawPoster(film("Words below", 140), { playButton: true });
    expect([isWhite(middle, 200, 100), isWhite(middle, 200, 140)]).toEqual([true, false]);
    const below = await drawing.drawPoster(film("Words in the middle", 70), { playButton: true });
    expect([isWhite(below, 200, 100), isWhite(below, 200, 140)]).toEqual([false, true]);
    const none = await drawing.drawPoster(film("Words below", 140), { playButton: false });
    expect(isWhite(none, 200, 100)).toBe(false);
  });
});
