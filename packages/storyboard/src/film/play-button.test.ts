import { expect, test } from "vitest";
import { playButtonPlace } from "./play-button.ts";

const STAGE = { width: 1280, height: 720 };

test("a poster's play button stands in the middle, and aside where words are", () => {
  expect(playButtonPlace(STAGE, [])).toEqual({ x: 568, y: 288, width: 144, height: 144 });
  expect(playButtonPlace(STAGE, [{ x: 100, y: 300, width: 600, height: 120 }])).toMatchObject({ x: 568, y: 490 });
  const column = { x: 80, y: 200, width: 600, height: 420 };
  expect(playButtonPlace(STAGE, [column])).toMatchObject({ x: 1029, y: 504 });
});

test("where words are everywhere it covers the fewest of them", () => {
  const everywhere = { x: 0, y: 0, ...STAGE };
  const more = { x: 0, y: 150, width: 1280, height: 570 };
  expect(playButtonPlace(STAGE, [everywhere, more])).toMatchObject({ x: 1029, y: 72 });
});

test("a pixel more or less of the words decides nothing", () => {
  for (const width of [455, 460, 465]) {
    expect(playButtonPlace(STAGE, [{ x: 80, y: 300, width, height: 120 }])).toMatchObject({ x: 568, y: 288 });
  }
});
