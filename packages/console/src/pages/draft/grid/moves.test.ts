import { expect, test } from "vitest";
import { moved } from "./moves.ts";

const bounds = { rows: 1_000, columns: 5, page: 20 };
const key = (name: string, ctrlKey = false) => ({ key: name, ctrlKey, metaKey: false });

test.each([
  ["ArrowDown", false, { row: 11, column: 2 }],
  ["ArrowUp", false, { row: 9, column: 2 }],
  ["ArrowLeft", false, { row: 10, column: 1 }],
  ["ArrowRight", true, { row: 10, column: 4 }],
  ["PageDown", false, { row: 30, column: 2 }],
  ["PageUp", false, { row: 0, column: 2 }],
  ["Home", false, { row: 10, column: 0 }],
  ["End", true, { row: 999, column: 4 }],
  ["Home", true, { row: 0, column: 0 }],
])("%s (with Ctrl: %s) leads to %j", (name, ctrl, place) => {
  expect(moved({ row: 10, column: 2 }, key(name, ctrl), bounds)).toEqual(place);
});

test("no key leads out of the grid, and others lead nowhere", () => {
  expect(moved({ row: 0, column: 0 }, key("ArrowUp"), bounds)).toEqual({ row: 0, column: 0 });
  expect(moved({ row: 999, column: 4 }, key("PageDown"), bounds)).toEqual({ row: 999, column: 4 });
  expect(moved({ row: 0, column: 0 }, key("x"), bounds)).toBeUndefined();
});
