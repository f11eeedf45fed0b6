import { expect, test } from "vitest";
import { linesOf, movedBox, resizedBox, safeArea } from "./box.ts";

const stage = { width: 1_280, height: 720 };
const lines = linesOf(stage, []);
const near = { lines, reach: 10 };
const box = { x: 200, y: 200, width: 400, height: 100 };

test("the safe area is five of a hundred from each edge", () => {
  expect(safeArea(stage)).toEqual({ x: 64, y: 36, width: 1_152, height: 648 });
});

test("a box that is moved is laid at margins and middles, and says which", () => {
  expect(movedBox(box, -130, 0, near)).toEqual({ box: { ...box, x: 64 }, guides: [{ axis: "x", at: 64 }] });
  expect(movedBox(box, 245, 112, near)).toEqual({
    box: { ...box, x: 440, y: 310 },
    guides: [
      { axis: "x", at: 640 },
      { axis: "y", at: 360 },
    ],
  });
  expect(movedBox(box, 17, 33, near)).toEqual({ box: { ...box, x: 217, y: 233 }, guides: [] });
});

test("a box is laid at others, too", () => {
  const others = linesOf(stage, [{ x: 300, y: 0, width: 100, height: 30 }]);
  expect(movedBox(box, 95, 0, { lines: others, reach: 10 }).box.x).toBe(300);
});

test("sides and corners are moved, and the other ones stay", () => {
  expect(resizedBox(box, "e", 60, 999, near).box).toEqual({ ...box, width: 460 });
  expect(resizedBox(box, "nw", -20, -30, near).box).toEqual({ x: 180, y: 170, width: 420, height: 130 });
  expect(resizedBox(box, "w", 900, 0, near).box).toEqual({ x: 592, y: 200, width: 8, height: 100 });
  expect(resizedBox(box, "s", 0, 62, near).box.height).toBe(160);
});

test("a corner keeps the shape where that is wished", () => {
  expect(resizedBox(box, "se", 200, 0, near, true).box).toEqual({ ...box, width: 600, height: 150 });
  expect(resizedBox(box, "nw", -400, 0, near, true).box).toEqual({ x: -200, y: 100, width: 800, height: 200 });
});
