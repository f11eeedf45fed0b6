import { expect, test } from "vitest";
import { shapeWords } from "./shape-words.ts";

const stage = { width: 1_280, height: 720 };

test.each([
  ["Circle, top right", { x: 920, y: -160, width: 480, height: 480 }, 240],
  ["Circle, bottom left", { x: 160, y: 560, width: 330, height: 330 }, 999],
  ["Box, in the middle", { x: 440, y: 210, width: 400, height: 300 }, 24],
  ["Bar, bottom", { x: 100, y: 640, width: 1_080, height: 8 }, 4],
  ["Bar, left", { x: 40, y: 60, width: 12, height: 600 }, 0],
  ["Whole stage", { x: -10, y: -10, width: 1_400, height: 800 }, 0],
  ["Box, beside the stage", { x: 1_300, y: 0, width: 200, height: 200 }, 0],
])("%s", (words, box, radius) => {
  expect(shapeWords({ kind: "shape", colour: "brand", box, radius }, stage)).toBe(words);
});
