import { expect, test } from "vitest";
import { cut, printable, widthOf } from "./terminal.ts";

test("what comes from outside cannot steer the terminal", () => {
  expect(printable("a\u001b[31mred\u0007\u009b2J")).toBe("a�[31mred��2J");
  expect(printable("gpj.\u202ecsv\u2066")).toBe("gpj.�csv�");
  expect(printable("two\nlines\tand a tab")).toBe("two lines and a tab");
  expect(printable("no\u200bthing\u061c \u{e0041}tag 1\u00a0000")).toBe("no�thing� �tag 1\u00a0000");
  expect(printable("Łódź 🎉 日本")).toBe("Łódź 🎉 日本");
});

test.each([
  ["short", 10, "end", "short"],
  ["abcdefghij", 5, "end", "abcd…"],
  ["abcdefghij", 5, "start", "…ghij"],
  ["日本語テキスト", 6, "end", "日本…"],
  ["👨‍👩‍👧 family", 4, "end", "👨‍👩‍👧 …"],
] as const)("%s in %s columns is %3$s", (text, width, from, expected) => {
  expect(cut(text, width, from)).toBe(expected);
  expect(widthOf(cut(text, width, from))).toBeLessThanOrEqual(width);
});
